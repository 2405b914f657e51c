"""The desk's forms, which are long."""

from __future__ import annotations

import re

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Between two tags, and between the attributes of one: values and texts hold neither angle brackets nor quotation marks.
INDENTED = re.compile(r'(?<=>)\s{2,}(?=<)|(?<=")\s{2,}(?=[\w-]+=")')


@register.simple_block_tag
def condensed(content: str) -> SafeString:
    """With a line break for what Django's templates indent: a third of a form with many rows."""
    return mark_safe(INDENTED.sub("\n", content))  # noqa: S308 - it was rendered as a template
