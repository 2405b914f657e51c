"""What comes in: feeds, candidates with their findings beside their text, and the jobs that fetch them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from events.admin.base import editor
from events.admin.drafting import DraftForm
from events.admin.lists import CappedPaginator, NamesChangeList
from events.admin.looking import LookingMixin
from events.admin.nudging import nudge
from events.admin.queues import QueueFilter
from events.choices import CandidateState, Reading
from events.models import Candidate, Feed, Job
from events.models.base import storable
from events.queries.jobs import Lateness, lateness, schedule
from events.services import drafting, inbox, jobs


class LinkForm(forms.Form):
    url = forms.CharField(
        max_length=2000, required=False, label="Link", widget=forms.TextInput(attrs={"size": 90, "inputmode": "url"})
    )
    text = forms.CharField(
        required=False,
        max_length=200_000,
        label="Or its text",
        validators=[storable],
        help_text="For what cannot be fetched: behind a log-in, a scan, a letter.",
        widget=forms.Textarea(attrs={"rows": 12, "cols": 90}),
    )
    title = forms.CharField(max_length=500, required=False, label="Title of the text", validators=[storable])
    published = forms.DateField(required=False, label="Published on", help_text="As 2024-07-09")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("url")) == bool(data.get("text")):
            raise forms.ValidationError("Paste a link, or a text.")
        return data


class WaitingFilter(admin.SimpleListFilter):
    """The desk shows what waits; the rest by choice."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "All"), *CandidateState.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset.filter(state=CandidateState.NEW, same_as=None)
        return queryset if self.value() == "all" else queryset.filter(state=self.value())

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            if choice["display"] == "All" and "state" not in str(choice["query_string"]):
                choice["display"] = "Waiting"
            yield choice


@admin.register(Candidate)
class CandidateAdmin(admin.ModelAdmin[Candidate]):
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_display = ("title_or_url", "published", "feed", "read", "also", "found_at")
    list_filter = (WaitingFilter, QueueFilter, "reading", "feed")
    list_select_related = ("feed",)
    search_fields = ("title", "=url")
    sortable_by = ()
    actions = ("dismiss_selected", "read_selected")

    class Media:
        css = {"all": ("admin-desk/desk.css",)}

    @admin.display(description="title")
    def title_or_url(self, candidate: Candidate) -> str:
        return str(candidate)

    @admin.display(description="its page")
    def read(self, candidate: Candidate) -> str:
        return f"{candidate.get_reading_display()}{': ' if candidate.problem else ''}{candidate.problem}"

    @admin.display(description="also told by")
    def also(self, candidate: Candidate) -> str:
        return ", ".join(other.publisher or "another" for other in candidate.others.all()[:5])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Candidate]:
        return super().get_queryset(request).defer("text", "findings").prefetch_related("others")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what is known once is never offered again

    @admin.action(description="Dismiss the selected", permissions=["change"])
    def dismiss_selected(self, request: HttpRequest, queryset: QuerySet[Candidate]) -> None:
        for candidate in queryset:
            inbox.settle(candidate, by=editor(request))
        self.message_user(request, "They are off the desk.", messages.SUCCESS)

    @admin.action(description="Read the pages of the selected again", permissions=["change"])
    def read_selected(self, request: HttpRequest, queryset: QuerySet[Candidate]) -> None:
        for candidate in queryset.exclude(url=""):
            inbox.read_again(candidate)
        nudge("inbox.read_candidates")
        self.message_user(request, "A worker reads them.", messages.SUCCESS)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A link or a text, pasted."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LinkForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                if data["url"]:
                    candidate = inbox.submit_link(data["url"], by=editor(request))
                    nudge("inbox.read_candidates")
                else:
                    candidate = inbox.submit_text(
                        data["text"], title=data["title"], published=data["published"], by=editor(request)
                    )
                return HttpResponseRedirect(reverse("admin:events_candidate_change", args=[candidate.pk]))
            except inbox.InboxError as problem:
                form.add_error("url", str(problem))
        context = {"title": "Draft from a link", "form": form, "opts": self.opts}
        return self.page(request, "link", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The text and what is found in it, side by side; what is taken becomes a draft."""
        candidate = self.get_object(request, unquote(object_id))
        if candidate is None or not self.has_view_permission(request, candidate):
            raise PermissionDenied
        may_draft = editor(request).has_perm("events.add_event") and self.has_change_permission(request, candidate)
        if request.method == "POST" and not may_draft:
            raise PermissionDenied
        if request.method == "POST" and (answer := self.pressed(request, candidate)) is not None:
            return answer
        form = DraftForm(candidate, request.POST if "_draft" in request.POST else None)
        if form.is_bound and form.is_valid():
            try:
                event = drafting.draft(candidate, form.taken(), by=editor(request))
            except drafting.DraftingError as refusal:
                for problem in refusal.problems:
                    form.add_error(None, problem)
            else:
                self.message_user(request, f"“{event}” is a draft now. Complete it, and submit it.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:events_event_change", args=[event.pk]))
        is_waiting = candidate.reading == Reading.WAITING and candidate.next_at is not None
        context = {
            "title": str(candidate),
            "candidate": candidate,
            "form": form,
            "may_draft": may_draft,
            "is_put_away": Candidate.objects.put_away().filter(pk=candidate.pk).exists(),
            "is_waiting": is_waiting,
            "is_being_read": is_waiting and not candidate.problem,
            "others": candidate.others.all(),
            "opts": self.opts,
        }
        return self.page(request, "draft", context)

    def pressed(self, request: HttpRequest, candidate: Candidate) -> HttpResponse | None:
        """What the buttons besides the draft's do; None: it was that one."""
        if "_dismiss" in request.POST:
            inbox.settle(candidate, by=editor(request))
            self.message_user(request, f"“{candidate}” is off the desk.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:events_candidate_changelist"))
        if "_reopen" in request.POST:
            inbox.reopen(candidate)
        elif "_read" in request.POST and candidate.url:
            inbox.read_again(candidate)
            nudge("inbox.read_candidates")
        else:
            return None
        return HttpResponseRedirect(request.path)

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "media": self.media, **context}
        return TemplateResponse(request, f"admin/events/candidate/{name}.html", context)


@admin.register(Feed)
class FeedAdmin(admin.ModelAdmin[Feed]):
    fields = ("name", "slug", "kind", "url", "publisher", "words", ("is_active", "minutes"))
    autocomplete_fields = ("publisher",)
    prepopulated_fields = {"slug": ("name",)}
    list_display = ("name", "is_active", "brought", "trouble", "good_at", "next_at")
    list_filter = (QueueFilter, "is_active", "kind", ("error_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug", "url")
    actions = ("switch_on", "switch_off", "look_now")

    class Media:
        css = {"all": ("admin-desk/desk.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamesChangeList

    @admin.display(description="what is wrong", empty_value="-")
    def trouble(self, feed: Feed) -> str:
        """Of a feed that fails: what its last look came to, and how many in a row came to nothing."""
        times = "" if feed.failures == 1 else f" ({feed.failures} times in a row)"
        return f"{feed.error}{times}" if feed.failures else ""

    def save_model(self, request: HttpRequest, obj: Feed, form: Any, change: bool) -> None:
        """What is asked for anew is looked at anew, and at once: nothing is known of it, and other words choose."""
        if {"url", "kind"} & set(form.changed_data):
            obj.cursor, obj.good_at = "", None
        if is_new := bool({"url", "kind", "words", "is_active"} & set(form.changed_data)):
            obj.etag = obj.last_modified = ""
            # A look under way asks for what was wanted before: it loses its lease, and writes nothing on the feed.
            obj.next_at, obj.failures, obj.leased_until = timezone.now(), 0, None
        super().save_model(request, obj, form, change)
        if is_new and obj.is_active:
            nudge("inbox.poll_feeds")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.candidates.exists())

    @admin.action(description="Watch the selected feeds", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        queryset.update(is_active=True, next_at=timezone.now(), failures=0)
        nudge("inbox.poll_feeds")

    @admin.action(description="Stop watching the selected feeds", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        queryset.update(is_active=False)

    @admin.action(description="Look at the selected feeds now", permissions=["change"])
    def look_now(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        queryset.update(next_at=timezone.now())
        nudge("inbox.poll_feeds")


@admin.register(Job)
class JobAdmin(LookingMixin, admin.ModelAdmin[Job]):
    """Scheduled tasks: when each last ran, how long it took, what went wrong, and whether it is late."""

    list_display = ("name", "state", "started_at", "milliseconds", "good_at", "failed_at", "error")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With those that have never run: they are late, too."""
        jobs.expect(schedule())
        return super().changelist_view(request, extra_context)

    @admin.display(description="on time")
    def state(self, job: Job) -> str:
        return {Lateness.LATE: "Late", Lateness.ON_TIME: "On time", Lateness.UNSCHEDULED: "No longer scheduled"}[
            lateness(job.name, job.good_at)
        ]
