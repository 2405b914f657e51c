"""Two editors in one record: what the second one typed is laid over what the first one saved, field by field.

A form carries what it showed when it was opened. So it is known, of each field and of each row that hangs on the
record, who changed it since: only what both changed is a conflict to look at, and the rest of both is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.forms import ModelChoiceField
from django.http import HttpRequest, QueryDict

from events.admin.forms import EXTRA, newest_version
from events.lib.differences import Difference, text_parts

KEY, DELETE = "id", "DELETE"
SALT = "events.admin.conflicts"

Values = dict[str, Any]  # what a browser sends of one form, by field; a field without a value is absent
Rows = dict[str, Values]  # the rows of one formset by primary key, in their order


@dataclass(frozen=True)
class Opened:
    """What a form shows of a record and, by the prefix of each formset, of what hangs on it."""

    fields: Values
    rows: dict[str, Rows]

    def packed(self) -> str:
        return signing.dumps([self.fields, self.rows], salt=SALT, compress=True)


def unpacked(text: str) -> Opened | None:
    """What a form showed when it was opened; None: it does not say."""
    try:
        return Opened(*signing.loads(text, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def shown(form: Any, formsets: Iterable[Any]) -> Opened:
    """What unbound forms show, as a browser would send it."""
    rows = {each.prefix: {str(row.instance.pk): values_of(row) for row in each.initial_forms} for each in formsets}
    return Opened(values_of(form), rows)


def values_of(form: Any) -> Values:
    said = {each.name: each.field.prepare_value(each.value()) for each in form if each.name not in (*EXTRA, DELETE)}
    return {name: text for name, value in said.items() if (text := sent(value))}


def sent(value: Any) -> str | list[str]:
    """A value as a browser sends it, whose lines end as ours do."""
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    if value is None or value is False:
        return ""
    return "on" if value is True else str(value).replace("\r\n", "\n").strip()


def lay_over(admin: Any, request: HttpRequest, obj: Any) -> None:
    """Where somebody else saved since the posted form was opened, post what was typed laid over what they saved.

    `request.both` is then what both changed.
    """
    if request.POST.get("as_of", "") in ("", newest_version(obj)):
        return
    if (base := unpacked(request.POST.get("opened", ""))) is None:
        return
    form = admin.get_form(request, obj, change=True)(instance=obj)
    formsets = [
        formset(instance=obj, prefix=formset.get_default_prefix(), queryset=inline.get_queryset(request))
        for formset, inline in admin.get_formsets_with_inlines(request, obj)
    ]
    theirs = shown(form, formsets)
    merge = Merge(request.POST.copy())
    merge.form(form, base.fields, theirs.fields)
    for each in formsets:
        merge.formset(each, base.rows.get(each.prefix, {}), theirs.rows[each.prefix])
    merge.data["opened"] = theirs.packed()
    request.POST = merge.data  # type: ignore[assignment]
    request.both = merge.both  # type: ignore[attr-defined]


@dataclass
class Merge:
    """One posted form laid over the newest version of its record. `both` is what both editors changed."""

    data: QueryDict
    both: list[Difference] = field(default_factory=list)

    def form(self, form: Any, base: Values, theirs: Values) -> None:
        mine = typed(form, self.data, form.prefix or "")
        for name, value in self.laid_over(form, base, theirs, mine, "").items():
            put(self.data, form.add_prefix(name), value)

    def formset(self, formset: Any, base: Rows, theirs: Rows) -> None:
        """Their rows in their order, with what was changed of each; behind them the rows that were added here."""
        blank, prefix = formset.empty_form, formset.prefix
        count = int(self.data.get(f"{prefix}-TOTAL_FORMS") or 0)
        mine = [typed(blank, self.data, f"{prefix}-{number}") for number in range(count)]
        for name in [name for name in self.data if name.startswith(f"{prefix}-") and not name.endswith("_FORMS")]:
            del self.data[name]
        now = same_rows(base, theirs)
        changed = {now[row[KEY]]: row for row in mine if row.get(KEY) in now}
        label = str(formset.model._meta.verbose_name).capitalize()
        rows = [
            self.row(blank, base_of(key, base, now), values, changed[key], label) if key in changed else values
            for key, values in theirs.items()
        ]
        held = len(rows)
        known = [without(values, KEY) for key, values in theirs.items() if key not in now.values()]
        for row in mine:
            key = row.pop(KEY, "")
            if key in now or (key and (DELETE in row or row == without(base.get(key, {}), KEY))):
                continue  # it stands above already, or is gone and nobody here minds
            if key:
                self.both.append(Difference(label, after=said(blank, row)))
            elif row in known:
                continue
            rows.append(row)
        self.data[f"{prefix}-INITIAL_FORMS"] = str(held)
        self.data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
        for number, row in enumerate(rows):
            for name, value in row.items():
                put(self.data, f"{prefix}-{number}-{name}", value)

    def row(self, blank: Any, base: Values, theirs: Values, mine: Values, label: str) -> Values:
        if DELETE in mine and theirs != base | {KEY: theirs[KEY]}:
            self.both.append(Difference(label, before=said(blank, theirs), after="Deleted"))
        called = f"{label} ({said(blank, base)}): "
        return self.laid_over(blank, base, theirs, mine | {KEY: theirs[KEY]}, called) | (
            {DELETE: mine[DELETE]} if DELETE in mine else {}
        )

    def laid_over(self, form: Any, base: Values, theirs: Values, mine: Values, within: str) -> Values:
        """Of each field what was typed here, where that is another value than was shown; else theirs."""
        merged: Values = {}
        for name in form.fields:
            if name in (*EXTRA, DELETE):
                continue
            was, other, own = base.get(name, ""), theirs.get(name, ""), mine.get(name, "")
            merged[name] = other if own == was else own
            if name != KEY and own != was and other not in (was, own):
                self.both.append(compared(form, name, other, own, within))
        return merged


def typed(form: Any, data: QueryDict, prefix: str) -> Values:
    """What was sent of a form's fields."""
    start = f"{prefix}-" if prefix else ""
    said = {
        name: sent(each.widget.value_from_datadict(data, {}, f"{start}{name}"))
        for name, each in form.fields.items()
        if name not in EXTRA
    }
    return {name: value for name, value in said.items() if value}


def put(data: QueryDict, name: str, value: Any) -> None:
    if isinstance(value, list):
        data.setlist(name, value)
    elif value:
        data[name] = value
    elif name in data:
        data[name] = ""


def same_rows(base: Rows, theirs: Rows) -> dict[str, str]:
    """By the key of a row that was shown, the key that it has now; one written anew is known by what it says."""
    new = {key: without(values, KEY) for key, values in theirs.items() if key not in base}
    now = {key: key for key in base if key in theirs}
    for key, values in base.items():
        if key not in now and (found := next((k for k, v in new.items() if v == without(values, KEY)), None)):
            now[key] = found
            del new[found]
    return now


def base_of(key: str, base: Rows, now: Mapping[str, str]) -> Values:
    return next(base[was] for was, current in now.items() if current == key)


def without(values: Values, name: str) -> Values:
    return {each: value for each, value in values.items() if each != name}


def compared(form: Any, name: str, theirs: Any, mine: Any, within: str) -> Difference:
    label = within + str(form.fields[name].label or name.replace("_", " ")).capitalize()
    before, after = (in_words(form, name, value) for value in (theirs, mine))
    parts = tuple(text_parts(before, after)) if before and after and " " in before + after else ()
    return Difference(label, parts=parts, before=before, after=after)


def in_words(form: Any, name: str, value: Any) -> str:
    """A value as the form shows it to people."""
    each = form.fields[name]
    if isinstance(each, ModelChoiceField):
        assert each.queryset is not None
        try:
            row = each.queryset.filter(pk=value or None).first()
        except ValueError:
            row = None
        return str(row or "")
    labels = dict(getattr(each, "choices", ()))
    values = value if isinstance(value, list) else [value]
    return ", ".join(str(labels.get(one, one)) for one in values if one)


def said(form: Any, row: Values) -> str:
    """A row in one line."""
    hidden = {name for name, each in form.fields.items() if each.widget.is_hidden} | {DELETE}
    return "; ".join(in_words(form, name, value) for name, value in row.items() if name not in hidden)
