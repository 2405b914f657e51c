"""Each rule of feeds, candidates and jobs is the database's own."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import Candidate, Feed, Job

pytestmark = pytest.mark.django_db
FEED = {"slug": "a", "name": "A", "kind": "feed", "url": "https://example.com/a"}
CANDIDATE = {
    "content_hash": "1",
    "title": "A",
    "url": "https://example.com/1",
    "normalized_url": "https://example.com/1",
}


@pytest.mark.parametrize(
    "broken",
    [
        {"slug": "A b"},
        {"name": ""},
        {"url": ""},
        {"kind": "telegram"},
        {"minutes": 4},
        {"minutes": 7 * 24 * 60 + 1},
        {"slug": "other"},  # the address of the one that there is
        {"url": "https://example.com/b"},  # its slug
    ],
)
def test_broken_feed_is_refused(broken: dict[str, Any]):
    Feed.objects.create(**FEED)
    new = {"slug": "b", "url": "https://example.com/c"} if len(broken) and not broken.keys() & {"slug", "url"} else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        Feed.objects.create(**FEED | new | broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"content_hash": "0"},  # of the one that there is
        {"normalized_url": "https://example.com/0"},
        {"reading": "skimmed"},
        {"state": "lost"},
        {"url": ""},
        {"normalized_url": None},
        {"state": "dismissed"},
        {"settled_at": timezone.now()},
    ],
)
def test_broken_candidate_is_refused(broken: dict[str, Any]):
    address = "https://example.com/0"
    Candidate.objects.create(content_hash="0", url=address, normalized_url=address)
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.create(**CANDIDATE | broken)


def test_candidate_is_not_gathered_under_itself():
    candidate = Candidate.objects.create(**CANDIDATE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(same_as=candidate.pk)


def test_job_has_a_name_of_its_own():
    Job.objects.create(name="a")
    for name in ("a", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.create(name=name)
