import datetime as dt

import pytest

from events.choices import About
from events.models import Event
from events.services import publishing
from tests.factories import (
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventCountryFactory,
    EventFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
    published_event,
)

INSTANT = dt.datetime(2024, 6, 25, 17, 30, 0, 5, tzinfo=dt.UTC)


@pytest.fixture
def the_block() -> Event:
    """OpenAI's block of traffic from China, as the design tells it."""
    announced = published_event(
        slug="openai-announces-api-block", title="OpenAI announces an API block", date=dt.date(2024, 6, 25)
    )
    openai = CompanyFactory(slug="openai", name="OpenAI")
    reuters = PublisherFactory(slug="reuters", name="Reuters")
    source = SourceFactory(url="https://reuters.example/a", title="OpenAI cuts off China", publisher=reuters)
    event = EventFactory(
        slug="openai-api-block-takes-effect",
        title="OpenAI's block takes effect",
        summary="It blocked.",
        body="*Really*",
        kind="enforcement",
        actor=openai,
        source=source,
    )
    relaying = SourceFactory(
        url="https://seekingalpha.example/a",
        title="Azure stays open",
        publisher=PublisherFactory(slug="seeking-alpha", name="Seeking Alpha"),
        relays=PublisherFactory(slug="the-information", name="The Information"),
        published=dt.date(2024, 7, 8),
        paywalled=True,
        archive_url="https://archive.example/a",
    )
    EventCountryFactory(event=event, country=country("CN"))
    product = ProductFactory(slug="openai-api", name="OpenAI API", company=openai)
    EventProductFactory(event=event, product=product)
    policy = PolicyFactory(slug="openai-supported-countries", title="Supported countries", agency=None, company=openai)
    EventPolicyFactory(event=event, policy=policy, relation="enforces")
    effect = EffectFactory(event=event, product=product, note="Azure stayed open")
    CitationFactory(event=event, source=relaying, about=About.EFFECT, effect=effect, quote="…", speaker="A spokesman")
    EventRelationFactory(event=event, earlier=announced)
    publishing.publish(event, by=None)
    Event.objects.filter(pk=event.pk).update(published_at=INSTANT, updated_at=INSTANT)
    return event
