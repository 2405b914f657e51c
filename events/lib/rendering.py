"""How forms become HTML."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest


class FormRenderer(DjangoTemplates):
    """Django's, which would render an empty list of errors for each field of a form in which nothing is wrong.

    On the desk's form of an event they are hundreds.
    """

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if template_name.startswith("django/forms/errors/") and not context["errors"]:
            return ""
        return super().render(template_name, context, request)
