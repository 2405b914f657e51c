import datetime as dt

import pytest

from events.choices import Certainty
from events.documents import prefetched
from events.models import Policy
from events.queries.stages import stages
from events.services import publishing
from tests.factories import EventFactory, EventPolicyFactory, PolicyFactory

pytestmark = pytest.mark.django_db


def reached(*relations: str | tuple[str, bool], same_day: bool = False) -> list[str]:
    """The stages, a partial one in brackets, of a policy with these relations, a month apart."""
    policy = PolicyFactory()
    for month, given in enumerate(relations, 1):
        relation, partial = given if isinstance(given, tuple) else (given, False)
        event = EventFactory(date=dt.date(2024, 1 if same_day else month, 1))
        EventPolicyFactory(event=event, policy=policy, relation=relation, partial=partial)
        publishing.publish(event, by=None)
    return shown(policy)


def shown(policy: Policy) -> list[str]:
    [row] = prefetched([Policy.objects.get(pk=policy.pk)])
    return [f"({each['stage']})" if each["partial"] else each["stage"] for each in stages(row)]


@pytest.mark.parametrize(
    ("relations", "expected"),
    [
        (["announces", "proposes", "adopts"], ["announced", "proposed", "adopted"]),
        (["adopts", "announces", "proposes"], ["adopted"]),
        (["adopts", "brings_into_force", "adopts"], ["adopted", "in_force"]),
        (["brings_into_force", "suspends", "brings_into_force"], ["in_force", "suspended", "in_force"]),
        (["brings_into_force", "rescinds"], ["in_force", "rescinded"]),
        (["brings_into_force", "suspends", "rescinds"], ["in_force", "suspended", "rescinded"]),
        (["adopts", "rescinds"], ["adopted", "never_took_effect"]),
        (["rescinds"], ["never_took_effect"]),
        (["adopts", "amends", "enforces", "interprets"], ["adopted"]),
        ([("adopts", True), "proposes"], ["(adopted)", "proposed"]),
        (["adopts", ("brings_into_force", True), "proposes"], ["adopted", "(in_force)"]),
        ([("brings_into_force", True), "rescinds"], ["(in_force)", "rescinded"]),
        (["brings_into_force", ("suspends", True), "rescinds"], ["in_force", "(suspended)", "rescinded"]),
    ],
)
def test_stages_follow_from_events(relations, expected):
    assert reached(*relations) == expected


def test_stages_of_one_day_stand_in_the_order_of_a_rules_life():
    assert reached("brings_into_force", "adopts", same_day=True) == ["adopted", "in_force"]


@pytest.mark.parametrize("why", ["denied", "draft", "retracted"])
def test_what_does_not_count_moves_nothing(why):
    event = EventFactory(certainty=Certainty.DENIED if why == "denied" else Certainty.CONFIRMED)
    policy = EventPolicyFactory(event=event, relation="adopts").policy
    if why != "draft":
        publishing.publish(event, by=None)
    if why == "retracted":
        publishing.retract(event, by=None, reason="Wrong.")
    assert shown(policy) == []


def test_a_stage_tells_its_event_and_date():
    event = EventFactory(slug="made", date=dt.date(2024, 1, 1), date_precision="year")
    policy = EventPolicyFactory(event=event, relation="adopts").policy
    publishing.publish(event, by=None)
    assert stages(prefetched([policy])[0]) == [
        {
            "stage": "adopted",
            "partial": False,
            "date": "2024-01-01",
            "date_precision": "year",
            "edtf": "2024",
            "event": "made",
        }
    ]
