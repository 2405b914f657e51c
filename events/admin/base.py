"""What the desk's pages have in common: every way to what is public leads through `events.services.publishing`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse

from events.admin.conflicts import lay_over, shown
from events.admin.forms import RecordForm
from events.admin.listing import Listing
from events.admin.lists import CappedPaginator, NamesChangeList
from events.admin.looking import HistoryAdmin
from events.admin.parts import RelatedMixin
from events.documents import type_of
from events.models import PublicDocument
from events.services import publishing
from events.services.publishing import PublishingError

# Rows of these hang on a record and go with it; they have pages only to be looked at.
PARTS = ("AccessEffect", "Citation", "Membership", "Ownership")


@dataclass(frozen=True)
class Button:
    """A button of the change form, which saves the form and then does what it says."""

    name: str
    label: str
    key: str = ""  # the letter by which the keyboard presses it (access key)


def editor(request: HttpRequest) -> AbstractUser:
    assert isinstance(request.user, AbstractUser)
    return request.user


def may_publish(request: HttpRequest) -> bool:
    return editor(request).has_perm(publishing.PERMISSION)


def sentence(error: IntegrityError) -> str:
    """What a refusal of the database says to an editor."""
    if isinstance(error, ProtectedError | RestrictedError):
        rows = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
        return f"Still needed by {', '.join(f'{row._meta.verbose_name} “{row}”' for row in list(rows)[:5])}."
    for model in apps.get_app_config("events").get_models():
        for constraint in model._meta.constraints:
            if constraint.name in str(error):
                return str(constraint.get_violation_error_message())
    return f"The database refuses it, since it would be there twice or break a rule: {str(error).splitlines()[0]}."


class RecordAdmin(Listing, RelatedMixin, HistoryAdmin):
    """Records that can become public. Change, delete and correct them: each POST takes the head of the log first."""

    form = RecordForm
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions: Sequence[str] = ("make_public", "delete_selected")
    change_form_template = "admin/record_change_form.html"

    class Media:
        css = {"all": ("admin-desk/desk.css",)}

    # ------------------------------------------------------------------------------------------- what is public

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        record = PublicDocument.objects.filter(type=type_of(self.model()), key=OuterRef("slug"))
        return super().get_queryset(request).annotate(in_record=Exists(record))

    def is_public(self, obj: Any) -> bool:
        """Whether it is, or once was, part of the public record."""
        known = getattr(obj, "in_record", None)
        return bool(known) if known is not None else publishing.is_public(obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamesChangeList

    @admin.display(boolean=True, description="public", ordering="in_record")
    def public(self, obj: Any) -> bool:
        return self.is_public(obj)

    def view_on_site(self, obj: Any) -> str | None:
        return obj.get_absolute_url() if self.is_public(obj) else None

    # --------------------------------------------------------------------------------------------- permissions

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or obj.pk is None or not self.is_public(obj):
            return True
        return may_publish(request) and self.is_current(obj)

    def is_current(self, obj: Any) -> bool:
        """Whether a public record may still be corrected: a merged one is another one."""
        return getattr(obj, "merged_into_id", None) is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not self.is_public(obj))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return may_publish(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[str]:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "slug"] if obj is not None and self.is_public(obj) and "slug" not in fields else fields

    # ------------------------------------------------------------------------------------------------- saving

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        added: dict[str, Any] = {"refusals": getattr(request, "refusals", ())}
        if not self.may_correct(request, obj):
            added |= {"correction_class": None, "correction_note": None}
        return type(form.__name__, (form,), added)

    def may_correct(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the form asks for the class and the note of a correction."""
        return obj is not None and self.is_public(obj) and self.has_change_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with publishing.recording():
                if object_id and (saved := self.get_object(request, unquote(object_id))) is not None:
                    lay_over(self, request, saved)
                return super().changeform_view(request, object_id, form_url, extra_context)
        except PublishingError as refusal:
            refusals = refusal.problems
        except IntegrityError as error:
            refusals = (sentence(error),)
        # Nothing has been saved. Again, with a form that knows why it is not valid.
        request.refusals = refusals  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.changes_content:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        parts_changed = any(formset.has_changed() for formset in formsets)
        if change and parts_changed and not form.changes_content:
            # A version of the record for each change of what hangs on it: who, when, and a token against lost updates.
            self.model._default_manager.get(pk=form.instance.pk).save()
        if not change or parts_changed or form.changes_content:
            self.content_changed(request, form.instance, form, formsets)

    def content_changed(self, request: HttpRequest, obj: Any, form: Any, formsets: Sequence[Any]) -> None:
        """Put on record what this changed of public documents."""
        for row in self.touched(obj, formsets):
            if not publishing.is_public(row):
                continue
            change = publishing.correct(
                row,
                by=editor(request),
                correction_class=form.cleaned_data.get("correction_class", ""),
                note=form.cleaned_data.get("correction_note", ""),
            )
            if change:
                said = f"The correction of “{row}” is on record, as revision {change.seq}."
                # What is refused after this says nothing of it.
                transaction.on_commit(lambda said=said: self.message_user(request, said))  # type: ignore[misc]

    def touched(self, obj: Any, formsets: Sequence[Any]) -> Iterable[Any]:
        """The records whose documents a save may have changed."""
        return [obj]

    # ------------------------------------------------------------------------------------------------ buttons

    def buttons(self, request: HttpRequest, obj: Any) -> list[Button]:
        """What may be pressed besides Save, by permission and state."""
        if obj is not None and not self.is_public(obj) and may_publish(request):
            return [Button("_make_public", "Save and make public")]
        return []

    def press(self, request: HttpRequest, obj: Any) -> str | None:
        """Do what the pressed button says, and say so; None: it was one of Django's. Raises PublishingError."""
        if "_make_public" in request.POST:
            change = publishing.publish_record(obj, by=editor(request))
            return f"“{obj}” is public now, as revision {change.seq}."
        return None

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self.pressed(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self.pressed(request, obj) or super().response_change(request, obj)

    def pressed(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        row = self.model._default_manager.get(pk=obj.pk)
        if (done := self.press(request, row)) is None:
            return None
        self.log_change(request, row, done)
        self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        )

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
        if change and not form.is_bound and "opened" in form.fields:
            formsets = [each.formset for each in context["inline_admin_formsets"]]
            form.fields["opened"].initial = shown(form, formsets).packed()
        if getattr(form, "in_conflict", False):
            context |= {"in_conflict": True, "both": getattr(request, "both", ())}
            context["saved_by"] = form.instance.history.latest().history_user
        context |= {
            "buttons": self.buttons(request, obj),
            "correction_fields": [
                form[name] for name in ("correction_class", "correction_note") if name in form.fields
            ],
            "standing": self.standing(request, obj),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def standing(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Where the record stands, as the head of its form shows it."""
        if obj is None:
            return {}
        return {"state": "Public" if self.is_public(obj) else "Not public yet"}

    def get_urls(self) -> list[URLPattern]:
        return [*self.listing_urls(), *super().get_urls()]

    # ------------------------------------------------------------------------------------- actions and deleting

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Only what was ticked, also where a forged form says “all”."""
        ticked = queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
        return super().response_action(request, ticked)

    def each(self, request: HttpRequest, rows: Iterable[Any], act: Callable[[Any], object], done: str) -> None:
        """Do it to each row in a transaction of its own, and report each apart: one that fails undoes no other."""
        for row in rows:
            try:
                with publishing.recording():
                    act(row)
                    self.log_change(request, row, f"{done}.")
            except PublishingError as refusal:
                self.message_user(request, f"“{row}”: {refusal}", messages.WARNING)
            except IntegrityError as error:
                self.message_user(request, f"“{row}”: {sentence(error)}", messages.WARNING)
            else:
                self.message_user(request, f"“{row}”: {done.lower()}.", messages.SUCCESS)

    @admin.action(description="Make the selected public", permissions=["publish"])
    def make_public(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, lambda row: publishing.publish_record(row, by=editor(request)), "Made public")

    @admin.action(description="Delete the selected", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        if public := [row for row in queryset if self.is_public(row)]:
            named = ", ".join(f"“{row}”" for row in public)
            self.message_user(request, f"Nothing was deleted: {named} is or was public, and stays.", messages.ERROR)
            return None
        try:
            with publishing.recording():
                return delete_selected(self, request, queryset)
        except IntegrityError as error:
            self.message_user(request, f"Nothing was deleted. {sentence(error)}", messages.ERROR)
            return None

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().delete_view(request, object_id, extra_context)
        try:
            with publishing.recording():
                return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            self.message_user(request, f"Nothing was deleted. {sentence(error)}", messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        rows, counts, lacking, protected = super().get_deleted_objects(objs, request)
        # Whoever may delete a record may delete what is part of it, though the parts' own pages are read-only.
        parts = {str(apps.get_model("events", name)._meta.verbose_name) for name in PARTS}
        return rows, counts, {each for each in lacking if str(each) not in parts}, protected
