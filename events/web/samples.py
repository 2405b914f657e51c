"""What the page of the design system fills each part with: the founding story, short and fixed.

It goes through the same code as the record does, wherever that reads no database; links lead to the records of the data
set that comes with the code.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from events.choices import AccessStatus, Certainty, CorrectionClass, Direction, RecordType, Stage
from events.lib.differences import differences
from events.queries.bearing import Months
from events.queries.links import Mark
from events.queries.timeline import Criteria
from events.web import event_page, evidence, ownership, rows, words
from events.web.access import bars
from events.web.access.overview import Group, Overview, Row
from events.web.access.tiles import COLUMNS, ROWS, tiles
from events.web.access.worldmap import SIDE
from events.web.counted import Value
from events.web.effects import Effect, Place
from events.web.filtering import Field
from events.web.flags import flag_of
from events.web.histogram import Histogram, histogram
from events.web.lanes.marks import SYMBOLS
from events.web.life import Life, notices, segments
from events.web.life import Stop as LifeStop
from events.web.listing import Upcoming
from events.web.record import Link, address_of
from events.web.thread import Stop, Thread, Tie

SLUG = "openai-api-block-takes-effect"
NOW = dt.date(2024, 8, 1)
ON_THE_MAP = {
    "CN": "blocked",
    "RU": "blocked",
    "IR": "blocked",
    "IN": "limited",
    "SA": "license_required",
    "JP": "available",
}

COUNTED = (("CN", "China", 198), ("US", "United States", 177), ("NL", "Netherlands", 79))


def source(slug: str, publisher: str, title: str, tier: str, relays: str = "", **more: Any) -> dict[str, Any]:
    return {
        "slug": slug, "url": f"https://example.org/{slug}", "title": title, "published": "2024-07-09", "tier": tier,
        "publisher": {"slug": publisher.lower(), "name": publisher}, "language": "", "paywalled": False,
        "archive_url": None, "relays": {"slug": relays.lower(), "name": relays} if relays else None,
    } | more  # fmt: skip


def citation(number: int, stance: str, of: dict[str, Any], quote: str = "", speaker: str = "") -> dict[str, Any]:
    return {
        "id": number, "stance": stance, "source": of, "quote": quote, "speaker": speaker, "locator": "",
        "about": "event",
    }  # fmt: skip


def event() -> dict[str, Any]:
    """A document of an event, of the fields that parts read."""
    return {
        "slug": SLUG, "revision": 1, "state": "published", "retraction": None,
        "title": _("OpenAI’s block on API traffic from China takes effect"),
        "summary": _("OpenAI began to block API traffic from regions that it does not support."),
        "kind": "enforcement", "certainty": "disputed", "direction": "restricts",
        "date": "2024-07-09", "date_precision": "day", "edtf": "2024-07-09",
        "date_display": "July 9, 2024", "end_date": None,
        "companies": [{"slug": "openai", "name": "OpenAI", "role": "actor"}], "agencies": [], "groups": [],
        "countries": [{"code": "CN", "name": "China", "role": "affected"}],
        "products": [{"slug": "openai-api", "name": "OpenAI API"}],
        "policies": [
            {"slug": "openai-supported-countries", "title": _("Supported countries"), "relation": "enforces",
             "partial": False}
        ],
        "access_effects": [
            {"id": 1, "product": "openai-api", "country": "CN", "group": None, "except": [], "status": "blocked",
             "effective_date": "2024-07-09", "date_precision": "day", "until": None, "by": ["provider"], "note": ""}
        ],
        "relations": [
            {"relation": "implements", "event": "openai-announces-api-block", "title": _("OpenAI announces the block"),
             "date": "2024-06-25"}
        ],
        "citations": [
            citation(1, "supports", source("a", "Reuters", _("What Reuters found out"), "secondary"),
                     _("We are taking additional steps."), _("A spokesperson")),
            citation(2, "supports", source("b", "Nasdaq", _("What Reuters says"), "tertiary", "Reuters")),
            citation(3, "supports", source("c", "OpenAI", _("Supported countries"), "primary", paywalled=True)),
            citation(4, "disputes", source("d", "The Register", _("Some still got through"), "secondary")),
            citation(5, "response", source("e", "PYMNTS", _("What Microsoft answers"), "secondary")),
        ],
        "independent_origins": 2,
    }  # fmt: skip


def banners() -> dict[str, Any]:
    correction = event_page.Correction(
        1, "", _("July 10, 2024"), "substantive", _(CorrectionClass.SUBSTANTIVE.label), _("The day was wrong.")
    )
    return {
        "corrections": [correction],
        "certainty": "disputed",
        "certainty_label": _("Disputed"),
        "certainty_means": _(event_page.CERTAINTY[Certainty.DISPUTED]),
        "history": f"/events/{SLUG}/history/",
    }


def proof(document: dict[str, Any]) -> dict[str, Any]:
    marked = {"d": Mark("dead", dt.date(2026, 3, 2), "https://archive.example.org/d")}
    cited = evidence.citations(document, marked)
    return {
        "sides": evidence.sides(cited),
        "is_contested": True,
        "trees": evidence.trees(document),
        "has_relays": True,
        "origins": evidence.in_words(cited, document["independent_origins"]),
    }


def effects() -> list[tuple[Link, list[Effect]]]:
    place = Place(1, "China", f"/access/CN/openai-api/?on={NOW}", "", _("Also from Hong Kong"), [])
    made = Effect(
        status="blocked", label=_(AccessStatus.BLOCKED.label), since="July 9, 2024", since_iso="2024-07-09", until="",
        until_iso="", by=_("the provider"), reported_on="June 25, 2024", basis="", before="limited",
        before_label=_(AccessStatus.LIMITED.label), scheduled=False, places=[place],
    )  # fmt: skip
    return [(Link(address_of(RecordType.PRODUCT, "openai-api"), "OpenAI API"), [made])]


def thread() -> Thread:
    def stop(slug: str, title: str, day: str, shown: str, **more: Any) -> Stop:
        return Stop(slug, title, address_of(RecordType.EVENT, slug), day, shown, **more)

    announced = _("OpenAI announces the block")
    first = "openai-announces-api-block"
    answer = "microsoft-says-azure-openai-in-china-unchanged"
    return Thread(
        [
            stop(first, announced, "2024-06-25", "June 25, 2024", ties=[Tie(_("Implemented by"))]),
            stop(answer, _("Microsoft says that its offer has not changed"), "2024-07-08", "July 8, 2024",
                 ties=[Tie(_("Responds to"), announced, address_of(RecordType.EVENT, first))]),
            stop(SLUG, _("The block takes effect"), "2024-07-09", "July 9, 2024", is_this=True),
        ],
        more=True,
    )  # fmt: skip


def life() -> Life:
    """A rule announced, adopted, in force in part and whole, and to be suspended."""
    held: list[dict[str, Any]] = [
        {"stage": stage, "date": day, "date_precision": "day", "partial": partial, "event": ""}
        for stage, day, partial in (
            (Stage.ANNOUNCED, "2023-03-01", False),
            (Stage.ADOPTED, "2023-10-17", False),
            (Stage.IN_FORCE, "2024-01-02", True),
            (Stage.IN_FORCE, "2024-04-16", False),
            (Stage.SUSPENDED, "2024-11-01", False),
        )
    ]
    days = [dt.date.fromisoformat(str(each["date"])) for each in held]
    scale = bars.Scale.over(days, on=NOW, now=NOW)
    stops = [
        LifeStop(
            number, each["stage"], _(Stage(each["stage"]).label), each["partial"], day.isoformat(),
            words.day_in_words(day.isoformat()),
            day > NOW, Link("#parts", _("An event")), scale.x(day), number % 2, day <= NOW,
        )
        for number, (each, day) in enumerate(zip(held, days, strict=True), start=1)
    ]  # fmt: skip
    return Life("", "", stops, 0, segments(held, scale, NOW, {}), notices(held, scale), "", scale)


def owners() -> ownership.Ownership:
    def tie(name: str, kind: str, since: str, *, until: str = "") -> dict[str, Any]:
        return {
            "company": {"slug": name.lower(), "name": name},
            "kind": kind,
            "since": since,
            "until": until,
            "note": "",
        }

    found = ownership.ownership(
        {
            "name": "OpenAI",
            "owned_by": [tie("Microsoft", "investor", "2019-07")],
            "owns": [
                tie("Stargate", "joint_venture", "2025-01"),
                tie("Rockset", "parent", "2024-06", until="2025"),
            ],
        }
    )
    assert found
    return found


def overview() -> Overview:
    """A bar for each status, and one that begins in the future."""
    first = dt.date(2022, 11, 1)
    scale = bars.Scale.over([first, dt.date(2024, 12, 1)], on=NOW, now=NOW)

    def row(name: str, *turns: tuple[str, str]) -> Row:
        starts = [(dt.date.fromisoformat(day), status) for day, status in turns]
        segments = tuple(bars.placed([(day.toordinal(), status) for day, status in starts], scale))
        steps = tuple(

            bars.Step(scale.x(day), day.isoformat(), words.day_in_words(day.isoformat()), True, status,
                      bars.label_of(status), False,
                      day > NOW, _("An event"), "#parts")
            for day, status in starts
        )  # fmt: skip
        return Row(name, name, "#parts", bars.Bar(segments, steps))

    return Overview(
        scale,
        [
            Group("China", address_of(RecordType.COUNTRY, "CN"), [
                row("OpenAI API", ("2023-03-01", "limited"), ("2024-07-09", "blocked")),
                row("Azure OpenAI Service", ("2023-01-16", "available"), ("2024-12-01", "blocked")),
                row("Nvidia H100", ("2022-11-01", "license_required")),
            ])
        ],
    )  # fmt: skip


def world() -> list[dict[str, Any]]:
    return [
        {
            "status": ON_THE_MAP.get(tile.code, "unknown"),
            "x": tile.column * SIDE,
            "y": tile.row * SIDE,
            "code": tile.code,
        }
        for tile in tiles()
    ]


def over_time() -> Histogram | None:
    """Two years of each direction."""
    found: Months = Counter()
    for month in range(2023 * 12, 2025 * 12):
        for number, direction in enumerate(Direction.values):
            found[month, direction] = (2025 * 12 - month) * (5 - number) // 20
    return histogram(found, dict.fromkeys(Direction.values, 12), Criteria(), lambda **dates: "#parts")


def parts() -> dict[str, Any]:
    """The context of all parts but marks."""
    document = event()
    before = document | {"summary": _("OpenAI blocks API traffic from China."), "date": "2024-07-10"}
    flagged = [Value(code, name, count, code == "CN", flag_of(code)) for code, name, count in COUNTED]
    return {
        "views": [(_("List"), "#parts", True), (_("Lanes"), "#parts", False)],
        "clocks": {"on": NOW, "problems": {}},
        "sample_crumbs": [Link("/", _("Timeline")), Link("", _("The parts of a page"))],
        "histogram": over_time(),
        "facet": Field("country", _("Country"), "", values=flagged),
        "upcoming": Upcoming([rows.briefly(document)], more=True),
        "tomorrow": NOW.isoformat(),
        "differences": differences(before, document),
        "row": rows.shown(document, {}, NOW.isoformat()),
        "banners": banners(),
        "proof": proof(document),
        "effects": effects(),
        "thread": thread(),
        "life": life(),
        "ownership": owners(),
        "overview": overview(),
        "tiles": world(),
        "width": COLUMNS * SIDE,
        "height": ROWS * SIDE,
        "symbols": SYMBOLS,
        "lanes": {"drawing": True},
        "legend": [(status, bars.label_of(status), "") for status in dict.fromkeys((*ON_THE_MAP.values(), "unknown"))],
    }
