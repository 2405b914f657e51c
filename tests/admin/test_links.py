"""What became of the pages of sources, on the desk."""

import datetime as dt

import pytest
from django.utils import timezone

from events.admin import queues
from events.models import LinkCheck, Reissue, Source
from tests.admin import making

pytestmark = pytest.mark.django_db


def checked(title: str, **fields: object) -> Source:
    source = making.source(title=title)
    LinkCheck.objects.create(source=source, url=source.url, checked_at=timezone.now(), **fields)
    return source


def lines(user) -> dict[str, int]:
    return {line.title: line.count for line in queues.sections(user)[queues.HEALTH]}


def test_dead_and_changed_sources_are_on_the_desk():
    since = dt.date(2026, 1, 2)
    dead = checked("Gone", status="dead", status_since=since)
    changed = checked("Other words", status="changed", status_since=since)
    checked("Not sure yet", found="dead", found_since=timezone.now())
    making.source(title="Never asked")
    editor = making.user("Editor")
    said = lines(editor)
    assert said["Sources that no longer answer"] == 1
    assert said["Sources that changed since they were cited"] == 1
    client = making.signed_in(editor)
    for key, source in (("dead-sources", dead), ("changed-sources", changed)):
        shown = client.get(queues.QUEUES[key].address())
        assert list(shown.context["cl"].queryset) == [source]


def test_list_and_form_tell_of_checks():
    source = checked(
        "Gone", status="ok", found="dead", found_since=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), http_status=404,
        problem="example.com answered 404 Not Found.", archive_url="https://archive.example/web/1/x",
        final_url="https://example.com/moved",
    )  # fmt: skip
    client = making.signed_in(making.user("Editor"))
    shown = client.get(making.list_url(Source)).content.decode()
    assert "Answers; no longer answers since 2026-01-02, to be confirmed" in shown
    shown = client.get(making.change_url(source)).content.decode()
    assert "example.com answered 404 Not Found." in shown
    assert "https://archive.example/web/1/x" in shown
    assert "https://example.com/moved" in shown


def test_editor_has_a_source_checked_and_takes_what_it_says_as_cited():
    source = checked(
        "Other words", status="changed", status_since=dt.date(2026, 1, 2), content_hash="b", cited_hash="a",
        found="changed", found_since=timezone.now(), next_at=timezone.now() + dt.timedelta(days=3),
    )  # fmt: skip
    client = making.signed_in(making.user("Editor"))
    answer = making.act(client, Source, "check_now", source)
    assert making.said(answer) == ["They are due, but CHECK_SOURCES is not set."]
    assert LinkCheck.objects.due(timezone.now()).count() == 1
    making.act(client, Source, "take_as_cited", source)
    row = LinkCheck.objects.get()
    assert (row.status, row.cited_hash) == ("ok", "b")
    assert Reissue.objects.outstanding().get().key == source.slug


def test_nobody_without_the_right_takes_words_as_cited():
    source = checked("Other words", status="changed", status_since=dt.date(2026, 1, 2), content_hash="b")
    client = making.signed_in(making.user())
    making.act(client, Source, "take_as_cited", source)
    assert LinkCheck.objects.get().status == "changed"
