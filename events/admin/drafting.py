"""From a candidate to a draft on the desk: the form in which an editor takes or leaves what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms

from events.choices import Certainty, CompanyRole, EventKind, FeedKind, PlaceRole, Precision, PublisherKind, Tier
from events.ingest import federal_register
from events.lib.dates import display
from events.models import Agency, Candidate, Company, Country, CountryGroup, Policy, Product
from events.models.base import storable
from events.models.naming import title_of
from events.services import drafting

# What a page may name, in the order in which it is shown: the key in findings, the model, the roles to choose from.
NAMED: tuple[tuple[str, Any, Any], ...] = (
    ("companies", Company, CompanyRole),
    ("agencies", Agency, None),
    ("countries", Country, PlaceRole),
    ("groups", CountryGroup, PlaceRole),
    ("products", Product, None),
    ("policies", Policy, None),
)
# Kinds of publishers that tell of what they did themselves.
FIRST_HAND = (PublisherKind.OFFICIAL, PublisherKind.COMPANY)


class DraftForm(forms.Form):
    """What to take of a candidate. Each finding is a box to tick, most with a role."""

    title = forms.CharField(max_length=110, validators=[storable], widget=forms.TextInput(attrs={"size": 80}))
    kind = forms.ChoiceField(choices=EventKind.choices)
    certainty = forms.ChoiceField(choices=Certainty.choices)
    date = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    other_date = forms.DateField(required=False, label="Another day", help_text="As 2024-07-09; it counts before these")
    publisher = forms.CharField(max_length=300, validators=[storable])
    publisher_kind = forms.ChoiceField(choices=PublisherKind.choices, help_text="Where it is not known yet")
    tier = forms.ChoiceField(choices=Tier.choices)
    relays = forms.CharField(
        required=False, max_length=300, validators=[storable], help_text="The publisher whose report it repeats"
    )
    url = forms.CharField(max_length=2000, label="Address of the source")
    locator = forms.CharField(
        required=False, max_length=200, validators=[storable], help_text="Page, section or number"
    )
    summary = forms.CharField(
        required=False, max_length=600, validators=[storable], widget=forms.Textarea(attrs={"rows": 3, "cols": 78})
    )

    def __init__(self, candidate: Candidate, data: Any = None) -> None:
        self.candidate = candidate
        said = candidate.findings
        relayed = next(iter(said.get("relays", ())), {"publisher": "", "relays": ""})
        # Of a chain ("A reported, citing B") the page repeats A, which repeats B.
        between = relayed["publisher"] not in ("", candidate.publisher)
        register = federal_register.particulars(candidate.details) if is_of_register(candidate) else None
        known = drafting.known_publisher(candidate.publisher) if candidate.publisher else None
        publisher_kind = known.kind if known else PublisherKind.OFFICIAL if register else PublisherKind.NEWS
        days = [*(register.days if register else ()), *said.get("dates", [])]
        if candidate.published and all(day["date"] != candidate.published.isoformat() for day in days):
            days.append(
                {"date": candidate.published.isoformat(), "precision": Precision.DAY, "text": "", "sentence": ""}
            )
        super().__init__(
            data,
            initial={
                "title": (candidate.title or said.get("title", ""))[:110],
                "kind": said.get("kind", EventKind.REPORT),
                "certainty": Certainty.REPORTED if said.get("relays") else Certainty.CONFIRMED,
                "date": f"{days[0]['date']} {days[0]['precision']}" if days else "",
                "publisher": candidate.publisher,
                "publisher_kind": publisher_kind,
                "tier": Tier.PRIMARY if publisher_kind in FIRST_HAND else Tier.SECONDARY,
                "locator": register.locator if register else "",
                "summary": register.summary if register else "",
                "relays": relayed["publisher" if between else "relays"],
                "url": candidate.url,
            },
        )
        if candidate.url:
            del self.fields["url"]
        self.fields["date"].choices = [  # type: ignore[attr-defined]
            *((f"{day['date']} {day['precision']}", day_label(day)) for day in days),
            ("", "None of these"),
        ]
        shown = ("title", "summary", "kind", "certainty", "other_date",
                 "publisher", "publisher_kind", "tier", "relays", "url", "locator")  # fmt: skip
        self.particulars = [self[name] for name in shown if name in self.fields]
        self.named = list(self.name_fields())
        self.quotations = list(self.quotation_fields())

    def name_fields(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Boxes to tick for each record found, with their sentences; what was deleted since is left out."""
        for name, model, roles in NAMED:
            found = self.candidate.findings.get(name, [])
            keys = [each.get("slug") or each["code"] for each in found]
            rows = {row.key: row for row in model.objects.filter(**{f"{key_field(model)}__in": keys})}
            shown = []
            for each in (each for each in found if (each.get("slug") or each["code"]) in rows):
                key = each.get("slug") or each["code"]
                take, role = f"take-{name}-{key}", f"role-{name}-{key}"
                self.fields[take] = forms.BooleanField(
                    required=False, initial=True, label=str(getattr(rows[key], title_of(model) or "name"))
                )
                if roles is not None:
                    self.fields[role] = forms.ChoiceField(
                        choices=roles.choices,
                        initial=each.get("role", roles.AFFECTED),
                        label=f"Role of {rows[key]}",
                        required=False,
                    )
                shown.append({"take": self[take], "role": self[role] if roles else None, "sentence": each["sentence"]})
            if shown:
                yield name, shown

    def quotation_fields(self) -> Iterator[dict[str, Any]]:
        """A box to tick for each speaker whose own words stand between quotation marks; the others to look at."""
        for number, each in enumerate(self.candidate.findings.get("speakers", ())):
            shown = {"name": each["name"], "sentence": each["sentence"], "take": None}
            if each.get("quote"):
                label = f"{each['name']}: “{each['quote']}”"
                self.fields[f"quote-{number}"] = forms.BooleanField(required=False, initial=True, label=label)
                shown["take"] = self[f"quote-{number}"]
            yield shown

    def taken_quotations(self) -> list[drafting.Quotation]:
        return [
            drafting.Quotation(each["name"][:200], each["quote"])
            for number, each in enumerate(self.candidate.findings.get("speakers", ()))
            if self.cleaned_data.get(f"quote-{number}")
        ]

    def taken(self) -> drafting.Taken:
        data = self.cleaned_data
        chosen: dict[str, dict[str, str]] = {name: {} for name, _, _ in NAMED}
        for name, value in data.items():
            if name.startswith("take-") and value:
                _, of, key = name.split("-", 2)
                chosen[of][key] = data.get(f"role-{of}-{key}") or ""
        day, _, precision = data["date"].partition(" ")
        return drafting.Taken(
            title=data["title"],
            kind=data["kind"],
            certainty=data["certainty"],
            date=data["other_date"] or (dt.date.fromisoformat(day) if day else None),
            precision="day" if data["other_date"] or not day else precision,
            publisher=data["publisher"],
            publisher_kind=data["publisher_kind"],
            tier=data["tier"],
            relays=data["relays"],
            url=data.get("url", ""),
            locator=data["locator"],
            summary=data["summary"],
            quotations=self.taken_quotations(),
            companies=chosen["companies"],
            countries=chosen["countries"],
            groups=chosen["groups"],
            agencies=list(chosen["agencies"]),
            products=list(chosen["products"]),
            policies=list(chosen["policies"]),
        )


def day_label(day: dict[str, str]) -> str:
    shown = display(dt.date.fromisoformat(day["date"]), day["precision"])
    if not day["text"]:
        return f"{shown} – published"
    return f"{shown} – “{day['text']}”{': ' if day['sentence'] else ''}{day['sentence']}"


def key_field(model: Any) -> str:
    return "code" if model is Country else "slug"


def is_of_register(candidate: Candidate) -> bool:
    return candidate.feed is not None and candidate.feed.kind == FeedKind.FEDERAL_REGISTER
