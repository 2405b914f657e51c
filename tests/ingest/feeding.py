"""Feeds for the tests, looking at them, and what may be wrong with what a server sends."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.utils import timezone

from events.choices import CandidateState, FeedKind
from events.models import Candidate, Feed
from events.services import inbox
from tests.ingest.world import bomb, drip, flood, hang

SAMPLES = Path(__file__).parent / "samples"
FEED = (SAMPLES / "feed.atom").read_bytes().replace(b'href="/', b'href="https://example.com/')
KINDS = {"kind": "application/atom+xml"}


def feed(url: str, **fields: Any) -> Feed:
    """One that was last looked at well when its samples were news."""
    given = {"slug": f"feed-{Feed.objects.count()}", "name": "A feed", "kind": FeedKind.FEED, "is_active": True}
    given["good_at"] = dt.datetime(2024, 7, 9, tzinfo=dt.UTC)
    return Feed.objects.create(**given | {"url": url} | fields)


def poll() -> int:
    Feed.objects.update(next_at=timezone.now())
    return inbox.poll_due(seconds=20)


def titles() -> list[str]:
    """Of what waits on the desk."""
    return sorted(Candidate.objects.filter(state=CandidateState.NEW).values_list("title", flat=True))


FAULTS = {
    "429": lambda world: world.page("/feed", status=429, Retry_After="7200"),
    "500": lambda world: world.page("/feed", status=500),
    "time-out": lambda world: world.answers("/feed", hang),
    "slow drip": lambda world: world.answers("/feed", drip),
    "truncated": lambda world: world.page("/feed", b"<rss version='2.0'><channel><item>", cut=10, **KINDS),
    "50 MB": lambda world: world.answers("/feed", flood(50)),
    "gzip bomb": lambda world: world.page("/feed", bomb(50), Content_Encoding="gzip", **KINDS),
    "redirect loop": lambda world: world.redirect("/feed", "/feed"),
    "redirect to this machine": lambda world: world.redirect("/feed", "http://127.0.0.1/"),
    "no feed": lambda world: world.page("/feed", "<html><script>alert(1)</script>"),
    "a picture": lambda world: world.page("/feed", b"x", kind="image/png"),
}
