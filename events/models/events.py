"""Events, and their links to who, where, what and under which rule."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest
from django.urls import reverse
from simple_history.models import HistoricalRecords

from events.choices import (
    Certainty,
    Checked,
    CompanyRole,
    EventKind,
    PlaceRole,
    PolicyRelation,
    Precision,
    RelationKind,
    State,
)
from events.lib.dates import last_day
from events.models.actors import Agency, Company, Country, CountryGroup
from events.models.base import (
    RESERVED_SLUGS,
    Mergeable,
    Part,
    TextLine,
    is_well_formed_slug,
    one_of,
    starts_its_period,
    storable,
)
from events.models.policies import Policy
from events.models.products import Product

NOT_YET_PUBLIC = (State.DRAFT, State.IN_REVIEW)


class EventQuerySet(models.QuerySet["Event"]):
    def published(self) -> Self:
        return self.filter(state=State.PUBLISHED)

    def public(self) -> Self:
        """All that have a page: published, retracted and merged."""
        return self.exclude(state__in=NOT_YET_PUBLIC)

    def counting(self) -> Self:
        """Published and not denied: those whose effects and policy relations hold."""
        return self.published().exclude(certainty=Certainty.DENIED)

    def in_review(self) -> Self:
        return self.filter(state=State.IN_REVIEW)

    def mark_checked(self, day: dt.date) -> int:
        """Note the day of the last check, and whether the event's own date was still to come then; how many events."""
        return self.update(checked_on=day, awaited=Case(When(date__gt=day, then=F("date"))))

    def get_by_natural_key(self, slug: str) -> Event:
        return self.get(slug=slug)


class Event(Mergeable):
    """Something that happened, or is scheduled, on a date.

    `date` is the first day of the span that `date_precision` names ("June 2024" is 2024-06-01, month), local to where
    it happened; `end_date` is the last day of what lasted. While published, rows equal the newest document in the log.
    """

    title = models.CharField(max_length=110, validators=[storable])
    summary = models.TextField(max_length=600, blank=True, validators=[storable])
    body = models.TextField(blank=True, validators=[storable], help_text="Markdown")
    kind = models.CharField(max_length=20, choices=EventKind, blank=True)
    certainty = models.CharField(max_length=10, choices=Certainty, default=Certainty.CONFIRMED)
    date = models.DateField(null=True, blank=True)
    date_precision = models.CharField(max_length=7, choices=Precision, default=Precision.DAY)
    end_date = models.DateField(null=True, blank=True)

    companies: models.ManyToManyField[Company, EventCompany] = models.ManyToManyField(
        Company, through="EventCompany", related_name="events"
    )
    agencies: models.ManyToManyField[Agency, EventAgency] = models.ManyToManyField(
        Agency, through="EventAgency", related_name="events"
    )
    countries: models.ManyToManyField[Country, EventCountry] = models.ManyToManyField(
        Country, through="EventCountry", related_name="events"
    )
    groups: models.ManyToManyField[CountryGroup, EventGroup] = models.ManyToManyField(
        CountryGroup, through="EventGroup", related_name="events"
    )
    products: models.ManyToManyField[Product, EventProduct] = models.ManyToManyField(
        Product, through="EventProduct", related_name="events"
    )
    policies: models.ManyToManyField[Policy, EventPolicy] = models.ManyToManyField(
        Policy, through="EventPolicy", related_name="events"
    )

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    retracted_on = models.DateField(null=True, blank=True, editable=False)
    retraction_reason = models.TextField(blank=True, editable=False, validators=[storable])
    published_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False, help_text="Of the newest change that was no reissue")

    created_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # How editors work on it; none of it is public.
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    sent_back_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    checked_on = models.DateField(
        null=True, editable=False, help_text="The day on which an editor last published, corrected or checked it"
    )
    awaited = models.DateField(null=True, editable=False, help_text="Its date, where that was to come on checked_on")
    # The highest ids ever given to an effect and to a citation of this event: none is given twice.
    effects_numbered = models.PositiveIntegerField(default=0, editable=False)
    citations_numbered = models.PositiveIntegerField(default=0, editable=False)
    theme = TextLine(max_length=60, editable=False, help_text="The data set's file that holds it")
    checked = models.CharField(max_length=10, choices=Checked, blank=True)

    objects = EventQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["assigned_to", "sent_back_to", "checked_on", "awaited"])

    class Meta:
        ordering = ("-date", "-pk")
        permissions = (("publish_event", "Can publish, correct and retract"), ("submit_event", "Can submit for review"))
        indexes = (
            models.Index(fields=("state", "-date", "-id"), name="event_by_state_and_date"),
            models.Index(fields=("state", "-updated_at", "-id"), name="event_by_update"),
            models.Index(fields=("state", "kind", "-date", "-id"), name="event_by_kind"),
            models.Index(fields=("state", "certainty", "updated_at"), name="event_by_certainty"),
            # The desk's list by its filters: by entry, and by date within a state. None of these begins with the state:
            # SQLite, where it does not know better, would take it for a list of one state, too, and sort that.
            models.Index(fields=("kind", "-id"), name="event_listed_by_kind"),
            models.Index(fields=("certainty", "-id"), name="event_listed_by_certainty"),
            models.Index(fields=("kind", "certainty", "-id"), name="event_listed_by_both"),
            models.Index(fields=("certainty", "state", "-date", "-id"), name="event_dated_by_certainty"),
            models.Index(fields=("state", "checked_on"), name="event_by_checking"),
            models.Index(fields=("state", "awaited"), name="event_by_awaited"),
            # Not by state: few are retracted, which no database can tell from a parameter.
            models.Index(
                fields=("-retracted_on", "-id"), condition=Q(retracted_on__isnull=False), name="event_by_retraction"
            ),
        )
        constraints = (
            is_well_formed_slug("event_slug_well_formed"),
            models.CheckConstraint(
                name="event_slug_not_reserved",
                condition=~Q(slug__in=RESERVED_SLUGS),
                violation_error_message=f"The addresses {', '.join(RESERVED_SLUGS)} are taken.",
            ),
            one_of("certainty", Certainty, "event_certainty_known"),
            one_of("date_precision", Precision, "event_precision_known"),
            one_of("state", State, "event_state_known"),
            models.CheckConstraint(name="event_kind_known", condition=Q(kind__in=("", *EventKind.values))),
            models.CheckConstraint(name="event_checked_known", condition=Q(checked__in=("", *Checked.values))),
            starts_its_period("date", "date_precision", "event_date_starts_its_period"),
            models.CheckConstraint(
                name="event_ends_on_or_after_its_date",
                condition=Q(end_date=None) | Q(date__isnull=False, end_date__gte=F("date")),
                violation_error_message="An event cannot end before it starts.",
            ),
            models.CheckConstraint(
                name="event_complete_when_public",
                condition=Q(state__in=(*NOT_YET_PUBLIC, State.MERGED))
                | Q(date__isnull=False, published_at__isnull=False) & ~Q(kind="") & ~Q(title=""),
                violation_error_message="A public event has a title, a kind and a date.",
            ),
            models.CheckConstraint(
                name="event_retracted_with_reason",
                condition=~Q(state=State.RETRACTED) | Q(retracted_on__isnull=False) & ~Q(retraction_reason=""),
                violation_error_message="A retraction gives its day and its reason.",
            ),
            models.CheckConstraint(
                name="event_sent_back_is_a_draft",
                condition=Q(sent_back_to=None) | Q(state=State.DRAFT),
                violation_error_message="Only a draft is one that was sent back.",
            ),
            models.CheckConstraint(
                name="event_awaited_since_a_check",
                condition=Q(awaited=None) | Q(checked_on__isnull=False, awaited__gt=F("checked_on")),
                violation_error_message="An awaited date is later than the day of the last check.",
            ),
            models.CheckConstraint(
                name="event_merged_into_another",
                condition=Q(state=State.MERGED, merged_into__isnull=False) & ~Q(merged_into=F("id"))
                | ~Q(state=State.MERGED) & Q(merged_into=None),
                violation_error_message="A merged event names the other event that it became.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("event-detail", args=[self.slug])

    @property
    def is_public(self) -> bool:
        return self.state not in NOT_YET_PUBLIC

    @property
    def counts(self) -> bool:
        """Whether its effects and policy relations hold, as `EventQuerySet.counting` asks of many."""
        return self.state == State.PUBLISHED and self.certainty != Certainty.DENIED

    @transaction.atomic
    def take_number(self, counter: str, wanted: int | None = None) -> int:
        """The next id for an effect or a citation of this saved event, or the one wanted; none is ever given twice."""
        taken = Greatest(F(counter), wanted) if wanted else F(counter) + 1
        Event.objects.filter(pk=self.pk).update(**{counter: taken})
        self.refresh_from_db(fields=[counter])
        return wanted or int(getattr(self, counter))

    @property
    def last_day(self) -> dt.date:
        """The last day that the event may reach: its end, or the last day of an inexact date."""
        assert self.date
        return max(self.end_date or self.date, last_day(self.date, self.date_precision))


class EventCompany(Part):
    NATURAL_KEY = ("event__slug", "company__slug")

    event = models.ForeignKey(Event, models.CASCADE, related_name="company_links")
    company = models.ForeignKey(Company, models.PROTECT, related_name="event_links")
    role = models.CharField(max_length=10, choices=CompanyRole)

    class Meta:
        ordering = ("pk",)
        verbose_name = "company"
        verbose_name_plural = "companies"
        constraints = (
            models.UniqueConstraint(fields=("event", "company"), name="eventcompany_once"),
            one_of("role", CompanyRole, "eventcompany_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.company} ({self.get_role_display()})"


class EventAgency(Part):
    """An agency that acted."""

    NATURAL_KEY = ("event__slug", "agency__slug")

    event = models.ForeignKey(Event, models.CASCADE, related_name="agency_links")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="event_links")

    class Meta:
        ordering = ("pk",)
        verbose_name = "agency"
        verbose_name_plural = "agencies"
        constraints = (models.UniqueConstraint(fields=("event", "agency"), name="eventagency_once"),)

    def __str__(self) -> str:
        return str(self.agency)


class EventCountry(Part):
    NATURAL_KEY = ("event__slug", "country_id")

    event = models.ForeignKey(Event, models.CASCADE, related_name="country_links")
    country = models.ForeignKey(Country, models.PROTECT, related_name="event_links")
    role = models.CharField(max_length=10, choices=PlaceRole)

    class Meta:
        ordering = ("pk",)
        verbose_name = "country"
        verbose_name_plural = "countries"
        constraints = (
            models.UniqueConstraint(fields=("event", "country"), name="eventcountry_once"),
            one_of("role", PlaceRole, "eventcountry_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.country} ({self.get_role_display()})"


class EventGroup(Part):
    NATURAL_KEY = ("event__slug", "group__slug")

    event = models.ForeignKey(Event, models.CASCADE, related_name="group_links")
    group = models.ForeignKey(CountryGroup, models.PROTECT, related_name="event_links")
    role = models.CharField(max_length=10, choices=PlaceRole)

    class Meta:
        ordering = ("pk",)
        verbose_name = "country group"
        constraints = (
            models.UniqueConstraint(fields=("event", "group"), name="eventgroup_once"),
            one_of("role", PlaceRole, "eventgroup_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.group} ({self.get_role_display()})"


class EventProduct(Part):
    NATURAL_KEY = ("event__slug", "product__slug")

    event = models.ForeignKey(Event, models.CASCADE, related_name="product_links")
    product = models.ForeignKey(Product, models.PROTECT, related_name="event_links")

    class Meta:
        ordering = ("pk",)
        verbose_name = "product"
        constraints = (models.UniqueConstraint(fields=("event", "product"), name="eventproduct_once"),)

    def __str__(self) -> str:
        return str(self.product)


class EventPolicy(Part):
    """`partial`: some places or provisions only; marks the policy's stage and does not move it."""

    NATURAL_KEY = ("event__slug", "policy__slug")

    event = models.ForeignKey(Event, models.CASCADE, related_name="policy_links")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="event_links")
    relation = models.CharField(max_length=20, choices=PolicyRelation)
    partial = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)
        verbose_name = "policy"
        verbose_name_plural = "policies"
        constraints = (
            models.UniqueConstraint(fields=("event", "policy"), name="eventpolicy_once"),
            one_of("relation", PolicyRelation, "eventpolicy_relation_known"),
        )
        indexes = (models.Index(fields=("policy", "relation"), name="eventpolicy_by_relation"),)

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.policy}"


class EventRelation(Part):
    """How an event relates to an earlier one."""

    NATURAL_KEY = ("event__slug", "earlier__slug")

    event = models.ForeignKey(Event, models.CASCADE, related_name="relation_links")
    earlier = models.ForeignKey(Event, models.PROTECT, related_name="later_links")
    relation = models.CharField(max_length=20, choices=RelationKind)

    class Meta:
        ordering = ("pk",)
        verbose_name = "relation to an earlier event"
        verbose_name_plural = "relations to earlier events"
        constraints = (
            models.UniqueConstraint(fields=("event", "earlier"), name="eventrelation_once"),
            one_of("relation", RelationKind, "eventrelation_relation_known"),
            models.CheckConstraint(
                name="eventrelation_to_another",
                condition=~Q(event=F("earlier")),
                violation_error_message="An event does not relate to itself.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.earlier}"
