"""A small record in which every kind of page has something of all that it can show."""

import datetime as dt

from events.choices import (
    CompanyRole,
    EventKind,
    OwnershipKind,
    PlaceRole,
    PolicyRelation,
    RelationKind,
    Stance,
    Tier,
)
from events.models import Event
from events.services import publishing, reissue, reports
from tests.factories import (
    AgencyFactory,
    CitationFactory,
    CompanyFactory,
    EffectFactory,
    EventAgencyFactory,
    EventCompanyFactory,
    EventCountryFactory,
    EventFactory,
    EventPolicyFactory,
    EventProductFactory,
    EventRelationFactory,
    GroupFactory,
    OwnershipFactory,
    PolicyFactory,
    ProductFactory,
    PublisherFactory,
    SourceFactory,
    country,
)

# The site keeps to WCAG 2.2 AA, and to axe's best practices beyond it. Of a theme only the colors differ.
AXE = {
    "light": {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "resultTypes": ["violations"],
    },
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]},
}
EVENT, DISPUTED, WRONG, TO_COME = "block-takes-effect", "azure-unchanged", "wrong", "rule-to-come"
NOWHERE = "/nothing/here/"
# A page of each kind.
PAGES = (
    "/",
    "/?view=lanes",
    "/?q=Opnai",
    "/?from=nonsense&country=XX",
    "/?view=lanes&from=nonsense",
    f"/events/{DISPUTED}/",
    f"/events/{WRONG}/",
    f"/events/{EVENT}/",
    f"/events/{DISPUTED}/history/",
    "/companies/openai/",
    "/countries/CN/",
    "/policies/the-rule/?on=2024-02-10",
    "/products/openai-api/",
    "/access/CN/",
    "/access/CN/openai-api/?on=2024-07-10",
    "/corrections/",
    "/coverage/",
    f"/events/{TO_COME}/",
    "/agencies/bureau/",
    "/companies/microsoft/history/",
    "/companies/",
    "/countries/",
    "/policies/",
    "/products/",
    "/agencies/",
    "/access/?product=openai-api&on=2024-07-10",
    "/access/CN/?on=nonsense&from=nonsense",
    "/access/FR/openai-api/?known=nonsense",
    "/changes/",
    "/about/",
    "/data/",
    "/design/",
    "/embed/timeline/",
    f"/report/?page=/events/{EVENT}/&revision=2",
    NOWHERE,
)


def report() -> str:
    """The page of what became of a report."""
    token = reports.receive(path=f"/events/{EVENT}/", revision=2, message="It was a Tuesday.", address="")
    return f"/report/{token}/"


def everything() -> None:
    """The founding story, a rule with a life of its own; events that are disputed, corrected, retracted, to come."""
    openai = CompanyFactory(slug="openai", name="OpenAI", country=country("US"))
    microsoft = CompanyFactory(slug="microsoft", name="Microsoft", country=country("US"))
    OwnershipFactory(owner=microsoft, owned=openai, kind=OwnershipKind.INVESTOR, since=dt.date(2019, 7, 1),
                     since_precision="month", until=dt.date(2025, 1, 1), until_precision="year")  # fmt: skip
    api = ProductFactory(slug="openai-api", name="OpenAI API", company=openai)
    azure = ProductFactory(slug="azure-openai", name="Azure OpenAI Service", company=microsoft, models_from=openai)
    terms = PolicyFactory(title="OpenAI supported countries and territories", agency=None, company=openai)
    announced = EventFactory(
        slug="announces-block",
        title="OpenAI says it will block API traffic from unsupported regions",
        actor=openai,
        date=dt.date(2024, 6, 25),
        body="A letter to users said so:\n\n> additional measures",
    )
    stays = EventFactory(
        slug=DISPUTED,
        title="Microsoft says its Azure OpenAI offer in China has not changed",
        actor=microsoft,
        date=dt.date(2024, 7, 8),
        kind=EventKind.CLARIFICATION,
        certainty="disputed",
        source=SourceFactory(
            publisher=PublisherFactory(name="Seeking Alpha"),
            relays=PublisherFactory(name="The Information"),
            tier=Tier.TERTIARY,
            paywalled=True,
            archive_url="https://archive.example/1",
            published=dt.date(2024, 7, 8),
        ),
    )
    done = EventFactory(
        slug=EVENT,
        title="OpenAI’s block on API traffic from China takes effect",
        summary="OpenAI began to block API traffic from regions that it does not support.",
        actor=openai,
        date=dt.date(2024, 7, 9),
        kind=EventKind.ENFORCEMENT,
    )
    CitationFactory(event=stays, stance=Stance.DISPUTES, quote="Some lost access.", speaker="A customer")
    CitationFactory(event=stays, stance=Stance.RESPONSE, quote="Nothing changed.", speaker="Microsoft")
    CitationFactory(event=stays, stance=Stance.CONTEXT, source__published=None)
    EventCompanyFactory(event=stays, company=openai, role=CompanyRole.AFFECTED)
    for event in (announced, stays, done):
        EventCountryFactory(event=event, role=PlaceRole.AFFECTED)
    for event, product, status in ((stays, azure, "available"), (done, api, "blocked")):
        EventProductFactory(event=event, product=product)
        EffectFactory(event=event, product=product, status=status, effective_date=event.date, note="With a note")
    EffectFactory(event=done, product=api, country=None, group=GroupFactory(name="The Nine", members=["IR"]),
                  until=dt.date(2027, 1, 1))  # fmt: skip
    EventPolicyFactory(event=done, policy=terms, relation=PolicyRelation.ENFORCES)
    EventRelationFactory(event=done, earlier=announced, relation=RelationKind.IMPLEMENTS)
    EventRelationFactory(event=stays, earlier=announced, relation=RelationKind.RESPONDS_TO)
    wrong = EventFactory(slug=WRONG, title="What never happened", actor=openai, date=dt.date(2024, 5, 1))
    publishing.publish_many([announced, stays, done, wrong, *rule_events()], by=None)
    reissue.run_outstanding()
    publishing.retract(wrong, by=None, reason="It never happened.")
    stays.refresh_from_db()
    stays.summary = "A spokesperson said so."
    stays.save()
    publishing.correct(stays, by=None, correction_class="substantive", note="The spokesperson is named.")
    microsoft.aliases.create(name="MSFT")
    publishing.correct(microsoft, by=None, correction_class="clarification", note="Its ticker.")


def rule_events() -> list[Event]:
    """A rule announced, adopted, in force in part and whole, and to be suspended in 2050."""
    bureau = AgencyFactory(slug="bureau", name="The Bureau", short="BU", country=country("US"))
    rule = PolicyFactory(slug="the-rule", title="The Rule on Chips", agency=bureau, country=country("US"),
                         citation="89 FR 1", official_url="https://rules.example/1")  # fmt: skip
    made: list[Event] = []
    for relation, day, partial in (
        (PolicyRelation.ANNOUNCES, dt.date(2024, 1, 10), False),
        (PolicyRelation.ADOPTS, dt.date(2024, 2, 1), False),
        (PolicyRelation.BRINGS_INTO_FORCE, dt.date(2024, 2, 5), True),
        (PolicyRelation.BRINGS_INTO_FORCE, dt.date(2024, 3, 1), False),
        (PolicyRelation.SUSPENDS, dt.date(2050, 1, 1), False),
    ):
        slug = TO_COME if day.year == 2050 else f"rule-{len(made)}"
        event = EventFactory(slug=slug, title=f"The Bureau {relation.label.lower()} the Rule ({day})", date=day)
        EventAgencyFactory(event=event, agency=bureau)
        EventCountryFactory(event=event, country=country("US"), role=PlaceRole.ACTING)
        EventPolicyFactory(event=event, policy=rule, relation=relation, partial=partial)
        made.append(event)
    return made
