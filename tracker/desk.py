"""The admin site: its front page is the desk, and who logs in may, or has to, give a one-time code."""

from __future__ import annotations

from base64 import b32encode
from functools import update_wrapper
from typing import Any

import django_otp
from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.cache import never_cache
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

MOST_NOTICES = 10
RECOVERY_CODES = 10
PUBLISH = "events.publish_event"


class LoginForm(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Name and password, and of whoever has set one-time codes up also a code."""

    otp_token = forms.CharField(
        label="One-time code",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    otp_error_messages = OTPAuthenticationFormMixin.otp_error_messages | {
        "token_required": "Give the code that your authenticator shows, or one of your recovery codes.",
        "invalid_token": "This code is not valid, or no longer.",
    }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        user = self.get_user()
        if user is not None and django_otp.user_has_device(user):
            self.clean_otp(user)
        return cleaned

    def _chosen_device(self, user: Any) -> Any:
        return device_for(user, self.cleaned_data.get("otp_token", ""))


def device_for(user: Any, code: str) -> Any:
    """The device of which a code may be: the authenticator shows digits, a recovery code has letters too.

    One is asked, not each in turn: a wrong code makes a device wait before it takes another.
    """
    model = TOTPDevice if code.strip().isdecimal() or not code.strip() else StaticDevice
    return model.objects.devices_for_user(user, confirmed=True).first()


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def lacks_code(user: Any) -> bool:
    """Whether this editor has to give a one-time code, and has not."""
    return bool(settings.OTP_FOR_PUBLISHERS and user.is_active and user.has_perm(PUBLISH) and not user.is_verified())


class DeskSite(AdminSite):
    site_header = "AI Access Tracker"
    site_title = "AI Access Tracker"
    index_title = "The editors’ desk"
    index_template = "admin/desk.html"
    login_form = LoginForm
    login_template = "admin/desk_login.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        # The package registers its pages on import, with the very site that this module makes.
        from events.admin.queues import sections
        from events.models import Notice

        assert isinstance(request.user, AbstractUser)
        unread = Notice.objects.filter(to=request.user.pk).unread().select_related("event")
        found = list(unread[: MOST_NOTICES + 1])
        context = {
            "sections": sections(request.user),
            "may_draft": request.user.has_perm("events.add_event"),
            "notices": found[:MOST_NOTICES],
            "more_notices": len(found) > MOST_NOTICES,
        }
        return super().index(request, context | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The record first, before accounts and what guards them."""
        return sorted(super().get_app_list(request, app_label), key=lambda app: app["app_label"] != "events")

    # ------------------------------------------------------------------------------------------- one-time codes

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page of the desk; without a code that is due, each leads to the page that sets it up."""
        inner = super().admin_view(view, cacheable)
        is_open = getattr(view, "__name__", "") in ("code_view", "logout", "i18n_javascript")

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not is_open and lacks_code(request.user):
                return HttpResponseRedirect(reverse("admin:code"))
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        code = path("code/", self.admin_view(never_cache(self.code_view), cacheable=True), name="code")
        return [code, *super().get_urls()]

    def code_view(self, request: HttpRequest) -> HttpResponse:
        """Set one-time codes up for oneself, or give one where the session began without."""
        assert isinstance(request.user, AbstractUser)
        confirmed = TOTPDevice.objects.filter(user=request.user, confirmed=True).first()
        form = CodeForm(request.POST or None)
        context: dict[str, Any] = {"form": form, "confirmed": confirmed}
        if confirmed is None:
            device, _ = TOTPDevice.objects.get_or_create(
                user=request.user, confirmed=False, defaults={"name": "Authenticator"}
            )
            context |= {"key": b32encode(device.bin_key).decode(), "address": device.config_url}
        if form.is_valid():
            code = form.cleaned_data["code"].strip().replace(" ", "")
            if confirmed is not None:
                kept = device_for(request.user, code)
                found = kept if kept and kept.verify_token(code) else None
            else:
                found = device if device.verify_token(code) else None
            if found is None:
                form.add_error("code", "This code is not valid, or no longer.")
            elif confirmed is not None:
                django_otp.login(request, found)
                return HttpResponseRedirect(reverse("admin:index"))
            else:
                context |= {"recovery": self.confirm(device), "confirmed": device}
                django_otp.login(request, device)
        request.current_app = self.name
        return TemplateResponse(
            request, "admin/code.html", {**self.each_context(request), "title": "One-time codes", **context}
        )

    @transaction.atomic
    def confirm(self, device: TOTPDevice) -> list[str]:
        """Count on a device from now on; codes for the day on which it is lost, shown once."""
        device.confirmed = True
        device.save()
        kept, _ = StaticDevice.objects.get_or_create(user=device.user, name="Recovery codes")
        kept.token_set.all().delete()
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=kept, token=code) for code in codes)
        return codes
