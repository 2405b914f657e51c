"""Records for the tests of the desk, and what a browser would send back."""

import datetime as dt
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from events.models import (
    AccessEffect,
    Agency,
    Change,
    Citation,
    Company,
    Country,
    CountryGroup,
    Event,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    EventRelation,
    Policy,
    Product,
    Publisher,
    Source,
)
from events.services import publishing, review

numbers = count(1)


def user(role: str = "", **fields: Any) -> User:
    made = User.objects.create_user(f"{role or 'user'}-{next(numbers)}", is_staff=True, **fields)
    if role:
        made.groups.add(Group.objects.get(name=role))
    return made


def superuser() -> User:
    return user(is_superuser=True)


def company(name: str = "", **fields: Any) -> Company:
    n = next(numbers)
    return Company.objects.create(
        **{"slug": f"company-{n}", "name": name or f"Company {n}", "kind": "developer"} | fields
    )


def agency(**fields: Any) -> Agency:
    n = next(numbers)
    return Agency.objects.create(**{"slug": f"agency-{n}", "name": f"Agency {n}"} | fields)


def product(**fields: Any) -> Product:
    n = next(numbers)
    return Product.objects.create(**{"slug": f"product-{n}", "name": f"Product {n}", "kind": "api"} | fields)


def group(**fields: Any) -> CountryGroup:
    n = next(numbers)
    return CountryGroup.objects.create(**{"slug": f"group-{n}", "name": f"Group {n}"} | fields)


def policy(**fields: Any) -> Policy:
    n = next(numbers)
    fields.setdefault("agency", None if "company" in fields else agency())
    return Policy.objects.create(**{"slug": f"policy-{n}", "title": f"Policy {n}", "kind": "statute"} | fields)


def publisher(**fields: Any) -> Publisher:
    n = next(numbers)
    return Publisher.objects.create(**{"slug": f"publisher-{n}", "name": f"Publisher {n}", "kind": "news"} | fields)


def source(url: str = "", **fields: Any) -> Source:
    n = next(numbers)
    made = Source(**{"url": url or f"https://example.com/{n}", "title": f"Source {n}", "tier": "primary"} | fields)
    if not made.publisher_id:
        made.publisher = publisher()
    made.save()
    return made


def event(*, actor: Company | None = None, cited: Source | None = None, **fields: Any) -> Event:
    """A draft that lacks nothing."""
    n = next(numbers)
    made = Event.objects.create(
        **{"slug": f"event-{n}", "title": f"Event {n}", "kind": "announcement", "date": dt.date(2024, 7, 9)} | fields
    )
    EventCompany.objects.create(event=made, company=actor or company(), role="actor")
    Citation.objects.create(event=made, source=cited or source())
    return made


def in_review(*, by: User | None = None, **fields: Any) -> Event:
    made = event(**fields)
    by = by or user("Contributor")
    review.content_changed(made, by=by)
    review.submit(made, by=by)
    return made


def published(**fields: Any) -> Event:
    made = in_review(**fields)
    publishing.publish(made, by=user("Publisher"))
    made.refresh_from_db()
    return made


def public(row: Any) -> Any:
    publishing.publish_record(row, by=None)
    return row


def hang(event: Event, times: int) -> None:
    """So many of each part on the event."""
    for country in Country.objects.order_by("code")[:times]:
        EventCountry.objects.create(event=event, country=country, role="affected")
    for _ in range(times):
        EventCompany.objects.create(event=event, company=company(), role="target")
        EventAgency.objects.create(event=event, agency=agency())
        EventGroup.objects.create(event=event, group=group(), role="affected")
        EventProduct.objects.create(event=event, product=product())
        EventPolicy.objects.create(event=event, policy=policy(), relation="announces")
        earlier = Event.objects.create(slug=f"earlier-{next(numbers)}", title="Earlier")
        EventRelation.objects.create(event=event, earlier=earlier, relation="amends")
        effect = AccessEffect.objects.create(
            event=event, product=product(), group=group(), status="blocked", effective_date=dt.date(2024, 7, 9)
        )
        Citation.objects.create(event=event, source=source(), about="effect", effect=effect)


def change_url(row: Any) -> str:
    return reverse(f"admin:events_{row._meta.model_name}_change", args=[row.pk])


def list_url(model: type) -> str:
    return reverse(f"admin:events_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def filled_in(response: Any) -> dict[str, Any]:
    """What a browser sends of the form as it was shown."""
    data: dict[str, Any] = {}

    def fill(form: Any) -> None:
        for bound in form:
            value = bound.field.prepare_value(bound.value())
            if value is None or value is False:
                continue
            if isinstance(value, list):
                if value:
                    data[bound.html_name] = value
            else:
                data[bound.html_name] = "on" if value is True else str(value)

    fill(response.context["adminform"].form)
    for shown in response.context["inline_admin_formsets"]:
        fill(shown.formset.management_form)
        for form in shown.formset.forms:
            fill(form)
    return data


def errors(response: Any) -> list[str]:
    """All sentences of errors on the page."""
    return [str(error) for errors in response.context["errors"] for error in errors]


def send(client: Client, address: str, press: str = "_save", /, **changed: Any) -> Any:
    """Open the form, type what is changed, press a button."""
    shown = client.get(address)
    assert shown.status_code == 200
    return client.post(address, filled_in(shown) | changed | {press: "1"})


def row(prefix: str, parent: Any, *, at: int = 0, **fields: Any) -> dict[str, Any]:
    """A row more in an inline form, with the defaults that a browser shows in a new one."""
    defaults = {
        "owns": {"owner": parent.pk, "kind": "parent", "since_precision": "day", "until_precision": "day"},
        "owned_by": {"owned": parent.pk, "kind": "parent", "since_precision": "day", "until_precision": "day"},
        "aliases": {"of": parent.pk},
        "effects": {"event": parent.pk, "status": "blocked", "date_precision": "day"},
    }[prefix]
    return {f"{prefix}-TOTAL_FORMS": str(at + 1)} | {
        f"{prefix}-{at}-{name}": value for name, value in (defaults | fields).items()
    }


def act(client: Client, model: type, action: str, *rows: Any, **more: Any) -> Any:
    """Run an action of the list on the ticked rows."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], "index": "0", **more}
    return client.post(list_url(model), data, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def log() -> list[tuple[str, str, str]]:
    """The public log: type, key and action of each change, oldest first."""
    return list(Change.objects.order_by("seq").values_list("type", "key", "action"))
