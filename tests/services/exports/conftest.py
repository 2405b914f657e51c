import gzip
import json
from pathlib import Path

import pytest

from events.models import Event
from events.services import publishing
from tests.factories import (
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCountryFactory,
    EventFactory,
    EventGroupFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    OwnershipFactory,
    SourceFactory,
    UserFactory,
    country,
    published_event,
)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """Where this test's packages go."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "exports"


def full_record() -> Event:
    """A record with something in every table, retracted and merged ones among them."""
    chief = UserFactory(is_superuser=True)
    company = CompanyFactory(slug="acme", name="Acme, “Ltd”", country=country("US"))
    company.aliases.create(name="=ACME()")
    OwnershipFactory(owned=company)
    summary = "Line one\nline two, with “quotation marks”"
    event = EventFactory(slug="founding", actor=company, summary=summary, source=None)
    source = SourceFactory(authors=["Ann Lee", "Bo Müller"], title="出口管制")
    CitationFactory(event=event, source=source, quote="Nobody may, “any more”.")
    group = GroupFactory(slug="club", members=["FR", "DE"])
    for link in (EventAgencyFactory(event=event).agency, EventPolicyFactory(event=event, relation="adopts").policy):
        link.aliases.create(name=f"{link} by another name")
    EventCountryFactory(event=event)
    EventGroupFactory(event=event, group=group)
    product = EventProductFactory(event=event).product
    product.aliases.create(name="The API")
    EffectFactory(event=event, product=product, country=None, group=group, exceptions=["DE"])
    EventRelationFactory(event=event, earlier=published_event())
    publishing.publish(event, by=None)
    publishing.retract(published_event(slug="wrong"), by=chief, reason="It never happened.")
    publishing.merge(published_event(slug="double"), into=event, by=chief, note="The same.")
    return event


def lines(path: Path) -> list[dict]:
    data = path.read_bytes()
    return [json.loads(line) for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()]
