"""Events: what, when, who, where, under what, its effects, the evidence, and the way to the public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.text import slugify

from events.admin import unsaved
from events.admin.base import Button, RecordAdmin, editor, may_publish
from events.admin.event_parts import EVENT_PARTS
from events.admin.forms import EventForm
from events.admin.histories import Histories
from events.admin.lists import EventChangeList
from events.admin.live import Live, queue_of
from events.admin.looking import HistoryAdmin
from events.admin.matching import found_among, newest_matching
from events.admin.merging import Merging
from events.admin.proposing import Proposing
from events.admin.queues import QUEUES, QueueFilter
from events.admin.retracting import Retracting
from events.admin.reviewing import Reviewing
from events.choices import Act, State
from events.documents import prefetched, working_document
from events.lib.dates import display
from events.lib.differences import differences
from events.lib.tokens import parse_query
from events.models import AccessEffect, Event, SearchRow
from events.models.timeline import KEY_BITS
from events.services import proposals, publishing, review, rules
from events.services.imports import running
from events.services.publishing import PublishingError

CHANGED = (
    "You changed it, which makes it a draft again: nothing was published or saved. Save the change and submit it for "
    "review, so that another editor publishes it; or publish it as it was."
)


CHANGED_BACK = (
    "You changed it, which makes it a draft again: nothing was sent back or saved. Save the change, or send it back as "
    "it was."
)


@admin.register(Event)
class EventAdmin(Reviewing, Proposing, Histories, Merging, Retracting, Live, RecordAdmin):
    form = EventForm
    fieldsets = (
        ("What", {"fields": ("title", "slug", ("kind", "certainty"), "summary", "body")}),
        ("When", {"fields": (("date", "date_precision"), "end_date")}),
        ("How it was checked", {"fields": ("checked",), "classes": ("collapse",)}),
    )
    inlines = EVENT_PARTS
    change_form_template = "admin/events/event/change_form.html"
    list_display = ("title", "day", "kind", "certainty", "state", "changed_by", "assigned_to")
    list_filter = (QueueFilter, "state", "kind", "certainty")
    list_select_related = ("changed_by", "assigned_to")
    date_hierarchy = "date"
    # Only what is not published is searched by these; what is, by the full-text index.
    search_fields = ("title", "slug", "companies__name", "companies__aliases__name")
    search_help_text = "Words of the title, the text, and the names of all that it involves; or the start of its slug"
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    actions = ("submit_selected", "publish_selected", "send_back_selected", "retract_selected", "delete_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super(RecordAdmin, self).get_queryset(request)  # its state says whether it is public

    def is_public(self, obj: Event) -> bool:
        return obj.is_public

    def is_current(self, obj: Event) -> bool:
        return obj.state == State.PUBLISHED

    def has_submit_permission(self, request: HttpRequest) -> bool:
        return editor(request).has_perm(review.PERMISSION)

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Whoever writes drafts may also propose a correction of what is published."""
        if not HistoryAdmin.has_change_permission(self, request, obj):
            return False
        if obj is None or not obj.is_public:
            return True
        return obj.state == State.PUBLISHED and self.has_submit_permission(request)

    # --------------------------------------------------------------------------------------------------- list

    @admin.display(description="date", ordering="date")
    def day(self, event: Event) -> str:
        return display(event.date, event.date_precision, event.end_date) if event.date else "–"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EventChangeList]:
        return EventChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_import = {"may_import": running.may_import(editor(request))}
        return super().changelist_view(request, may_import | (extra_context or {}))

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """By date within one state, which an index gives; else the newest entries first. A million rows sort slowly.

        What is found by words, or in a year, is the newest by date.
        """
        if queue := QUEUES.get(request.GET.get(QueueFilter.parameter_name, "")):
            return queue.order
        return ("-date", "-pk") if {"state__exact", "date__year", SEARCH_VAR} & set(request.GET) else ("-pk",)

    def get_sortable_by(self, request: HttpRequest) -> Sequence[str]:
        return ("day",) if "state__exact" in request.GET else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        if not search_term.strip():
            return queryset, False
        # Their keys first, from the index on state and date: else SQLite's planner reads the whole table.
        keys = Event.objects.filter(state__in=sorted(set(State) - {State.PUBLISHED})).order_by().values("pk")
        unpublished, _ = super().get_search_results(request, Event.objects.filter(pk__in=keys), search_term)
        others = unpublished.order_by().values("pk").union(of_slug(search_term))
        queue = QUEUES.get(request.GET.get(QueueFilter.parameter_name, ""))
        for_file = getattr(request, "for_file", False)
        if queue and not queue.tag and not for_file:
            return queryset.filter(pk__in=others.union(found_among(queryset, search_term))), False
        if for_file or (newest := newest_matching(request, tag=queue.tag if queue else "")) is None:
            return queryset.filter(pk__in=others.union(in_full_text(search_term))), False
        return queryset.filter(pk__in=others.union(newest)), False

    # --------------------------------------------------------------------------------------- saving and buttons

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except proposals.Proposed as proposed:  # which has undone what was saved
            try:
                return self.keep(request, proposed)
            except PublishingError as refusal:
                request.refusals = refusal.problems  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """What it has an effect on is among its products, without being named twice."""
        super().save_formset(request, form, formset, change)
        if formset.model is AccessEffect:
            of = form.instance
            named = set(of.effects.values_list("product", flat=True)) - set(
                of.product_links.values_list("product", flat=True)
            )
            for product in sorted(named):
                of.product_links.create(product_id=product)

    def content_changed(self, request: HttpRequest, obj: Any, form: Any, formsets: Sequence[Any]) -> None:
        by = editor(request)
        if not obj.is_public:
            if "_publish" in request.POST and obj.state == State.IN_REVIEW:
                raise PublishingError(CHANGED)
            if "_send_back" in request.POST and obj.state == State.IN_REVIEW:
                raise PublishingError(CHANGED_BACK)
            review.content_changed(obj, by=by)
            return
        change = proposals.correct_rows(
            obj,
            by=by,
            correction_class=form.cleaned_data.get("correction_class", ""),
            note=form.cleaned_data.get("correction_note", ""),
        )
        if change:
            said = f"The correction of “{obj}” is on record, as revision {change.seq}."
            transaction.on_commit(lambda: self.message_user(request, said))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        if request.method == "GET":  # as saved: rows that somebody typed in are others
            request.parts = {  # type: ignore[attr-defined]
                each.formset.fk.remote_field.get_accessor_name(): each.formset.get_queryset()
                for each in context["inline_admin_formsets"]
            }
        if getattr(form, "in_conflict", False):
            mine = unsaved.of_forms(form, [each.formset for each in context["inline_admin_formsets"]])
            saved = Event.objects.get(pk=form.instance.pk)
            context["conflict"] = differences(working_document(saved), unsaved.document_of(mine))
        asked = parse_qs(request.GET.get("_changelist_filters", "")).get(QueueFilter.parameter_name, [""])[0]
        context["queue"] = queue_of(obj, asked) if obj else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    def buttons(self, request: HttpRequest, obj: Event | None) -> list[Button]:
        if not self.has_submit_permission(request):
            return []
        state = obj.state if obj else State.DRAFT
        if state == State.DRAFT:
            return [Button("_submit", "Save and submit for review", "s")]
        if obj is None or state != State.IN_REVIEW:
            return []
        found = [Button("_send_back", "Take back" if obj.submitted_by_id == editor(request).pk else "Send back")]
        if may_publish(request) and not self.needs_another(request, obj) and not rules.held_up([obj]):
            found.append(Button("_publish", "Publish"))
        return found

    def needs_another(self, request: HttpRequest, event: Event) -> bool:
        """Whether somebody else has to publish it."""
        try:
            publishing.is_self_published(event, editor(request))
        except PublishingError:
            return True
        return False

    def press(self, request: HttpRequest, obj: Event) -> str | None:
        if "_submit" in request.POST:
            self.submit(request, obj)
            return f"“{obj}” waits for review."
        if "_send_back" in request.POST:
            self.send_back(request, obj)
            return f"“{obj}” is a draft again."
        if "_publish" in request.POST:
            change = publishing.publish(obj, by=editor(request))
            return f"“{obj}” is published, as revision {change.seq}."
        return None

    def submit(self, request: HttpRequest, event: Event) -> None:
        if not self.has_submit_permission(request):
            raise PublishingError("You may not submit events for review.")
        review.submit(event, by=editor(request))

    def send_back(self, request: HttpRequest, event: Event) -> None:
        if not self.has_submit_permission(request):
            raise PublishingError("You may not send events back.")
        review.send_back(event, by=editor(request), note=request.POST.get("send_back_note", ""))

    def standing(self, request: HttpRequest, obj: Event | None) -> dict[str, Any]:
        if obj is None or obj.pk is None:
            return {}
        people = Event.objects.select_related("changed_by", "submitted_by", "assigned_to", "sent_back_to")
        event = people.get(pk=obj.pk)
        # What the form shows was read already.
        event._prefetched_objects_cache = dict(getattr(request, "parts", {}))  # type: ignore[attr-defined]
        prefetched([event])
        panel = self.panel(request, event)
        lacks = self.lacks(event)
        may_press = event.state == State.PUBLISHED and may_publish(request)
        return panel | {
            "state": event.get_state_display(),
            "event": event,
            "lacks": lacks,
            "complete": event.state == State.DRAFT and not lacks,
            "needs_another": event.state == State.IN_REVIEW
            and may_publish(request)
            and self.needs_another(request, event),
            "may_retract": may_press,
            "may_merge": may_press,
            "sent_back": self.sent_back(event),
            "corrects_at_once": may_press,
        }

    def lacks(self, event: Event) -> list[str]:
        """What keeps it from being published."""
        return [] if event.is_public else rules.missing_for_publication(event) + rules.held_up([event])

    def sent_back(self, event: Event) -> str:
        """The note with which a draft was sent back; empty: it was not."""
        if event.sent_back_to_id is None:
            return ""
        step = event.steps.filter(act=Act.SENT_BACK).first()
        return f"{step.by}: {step.note}" if step else ""

    # ------------------------------------------------------------------------------------------------ actions

    @admin.action(description="Submit the selected for review", permissions=["submit"])
    def submit_selected(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self.each(request, in_time(queryset), lambda event: self.submit(request, event), "Submitted for review")

    @admin.action(description="Send the selected back", permissions=["submit"])
    def send_back_selected(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self.each(request, in_time(queryset), lambda event: self.send_back(request, event), "Sent back")

    @admin.action(description="Publish the selected", permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self.each(request, in_time(queryset), lambda event: publishing.publish(event, by=editor(request)), "Published")

    def get_urls(self) -> list[URLPattern]:
        retract = path(
            "<path:object_id>/retract/", self.admin_site.admin_view(self.retract_view), name="events_event_retract"
        )
        own = [*self.reviewing_urls(), *self.proposing_urls(), *self.merging_urls(), *self.live_urls()]
        return [*own, retract, *super().get_urls()]


def in_time(events: QuerySet[Event]) -> QuerySet[Event]:
    """Earlier events first, so that later ones find what they relate to."""
    return events.order_by("date", "pk")


def of_slug(term: str) -> QuerySet[Event, Any]:
    """Keys of the events whose slug starts so: a range of the unique index."""
    start = slugify(term) or term
    return Event.objects.filter(slug__gte=start, slug__lt=start + "{").order_by().values("pk")  # "{" is after "z"


def in_full_text(term: str) -> QuerySet[SearchRow, Any]:
    """Keys of the published events in which all the words are found, and none that has a minus before it."""
    query = parse_query(term)
    rows = SearchRow.objects.filter(tokens__matches_all=query.terms) if query.terms else SearchRow.objects.none()
    if query.excluded:
        left_out = SearchRow.objects.filter(tokens__matches_any=query.excluded).values("position")
        rows = rows.exclude(position__in=left_out)
    return rows.annotate(event=F("position").bitand((1 << KEY_BITS) - 1)).values("event")
