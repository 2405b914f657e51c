import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from events.choices import AccessStatus, Certainty, Direction, EventKind
from events.lib.countries import countries_by_code
from events.web.flags import flag_of, flag_of_group
from events.web.views.design import COLORS
from tests.design.color import contrast, distance, parsed
from tests.design.palette import TOKENS, missing, problems, schemes

BASE = (Path(settings.BASE_DIR) / "static" / "css" / "base.css").read_text()


def test_the_colors_hold_in_every_scheme():
    text = TOKENS.read_text()
    assert set(schemes(text)) == {"light", "dark", "print"}
    assert [*missing(text), *problems(text)] == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("--muted: #53616b", "--muted: #aaaaaa", "light: --muted on --paper has a contrast of"),
        ("--license: #a65c06", "--license: #63501c", "light, deuteranopia: --limited and --license (status) are"),
    ],
)
def test_colors_that_cannot_be_read_or_told_apart_are_found(old, new, says):
    assert any(problem.startswith(says) for problem in problems(TOKENS.read_text().replace(old, new)))


def test_a_color_that_dark_mode_forgets_is_found():
    text = re.sub(r"(prefers-color-scheme: dark.*?)--gold: #[0-9a-f]+;", r"\1", TOKENS.read_text(), flags=re.DOTALL)
    assert list(missing(text)) == ["@media (prefers-color-scheme: dark) does not set --gold."]


def test_contrast_and_distance_are_those_of_their_sources():
    assert round(contrast(parsed("#000"), parsed("#fff")), 2) == 21
    assert round(contrast(parsed("#767676"), parsed("#fff")), 2) == 4.54  # the well-known lightest gray of WCAG AA
    assert round(distance(parsed("#ff0000"), parsed("#00ff00")), 1) == 86.6
    assert distance(parsed("#123456"), parsed("#123456")) == 0


def test_every_value_has_a_shape_of_its_own():
    cells = dict(re.findall(r"^\.([\w-]+) \{ --cell: (\d+);", BASE, re.MULTILINE))
    wanted = [f"status-{value}" for value in (*AccessStatus.values, "unknown")]
    wanted += [f"direction-{value}" for value in Direction.values]
    wanted += [f"mark-{value}" for value in (*Certainty.values, "scheduled")]
    wanted += [f"kind-{value}" for value in EventKind.values]
    assert sorted(cells) == sorted(wanted)
    assert len(set(cells.values())) == len(wanted) == 29


def test_every_country_has_a_flag_and_the_eu_too():
    flags = {flag_of(code) for code in countries_by_code()}
    assert "" not in flags
    assert len(flags) == len(countries_by_code())
    assert flag_of_group("eu").startswith("/static/img/flags/eu")
    assert (flag_of("XX"), flag_of_group("world")) == ("", "")


@pytest.mark.django_db
def test_the_page_of_parts_shows_every_color_and_value(client):
    content = client.get(reverse("design")).content.decode()
    assert {name for name in schemes(TOKENS.read_text())["light"] if not name.startswith("kind-")} - set(COLORS) == {
        "accent-ink"
    }
    for label in (*AccessStatus.labels, *Direction.labels, *Certainty.labels, *EventKind.labels):
        assert f">{label}</span>" in content


# What only makes sense as a whole page, or is a line that parts share.
WHOLE = {
    "access/_map.html", "access/_matrix_row.html", "access/_product_field.html", "access/_step.html",
    "events/_date_field.html", "events/_facts.html", "events/_filters.html",
    "events/_list_head.html", "events/_list_scripts.html", "events/_no_events.html", "events/_preview_note.html",
    "events/_timeline_list.html", "lanes/_fillings.html", "lanes/_lanes.html",
    "lanes/_mark.html", "lanes/_row.html", "records/_record.html", "records/_some.html",
}  # fmt: skip


@pytest.mark.django_db
def test_the_page_of_parts_shows_every_part(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):  # the head of the log, for the ETag and for the foot
        shown = {template.name for template in client.get(reverse("design")).templates}
    folders = Path(settings.BASE_DIR) / "templates"
    parts = {
        f"{folder}/{path.name}"
        for folder in ("parts", "events", "records", "access", "lanes")
        for path in (folders / folder).glob("_*.html")
    }
    assert parts - shown == WHOLE
