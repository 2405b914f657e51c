import pytest
from django.db import transaction

from events.models import CompanyAlias, Event
from events.services import publishing, reissue
from tests.factories import CompanyFactory, EffectFactory, EventFactory, UserFactory, published_event
from tests.services.record import correct


@pytest.fixture
def publisher():
    return UserFactory(role="Publisher")


@pytest.fixture
def superuser():
    return UserFactory(is_superuser=True)


@pytest.fixture(scope="module")
def made_once(django_db_setup, django_db_blocker):
    """Two events and a company; the first event corrected twice and its first correction redacted; one retracted.

    Made once, in a transaction around those of the tests.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        make_record()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def record(made_once, db):
    pass


def make_record() -> None:
    event = EventFactory(slug="first", actor=CompanyFactory(slug="openai", name="OpenAI"))
    CompanyAlias.objects.create(of=event.companies.get(), name="Open AI")
    EffectFactory(event=event)
    publishing.publish(event, by=None)
    second = published_event(slug="second", actor=event.companies.get())
    published_event(slug="third")
    event.refresh_from_db()
    wrong = correct(event, title="A title with somebody's address")
    correct(event, title="A title")
    publishing.redact(wrong.seq, by=UserFactory(is_superuser=True), reason="A court said so.")
    publishing.retract(Event.objects.get(slug="third"), by=None, reason="It did not happen.")
    correct(second.companies.get(), name="OpenAI, Inc.")
    reissue.run_outstanding()
