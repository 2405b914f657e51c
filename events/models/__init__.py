from events.models.access import AccessEffect, AccessEffectQuerySet, Citation
from events.models.actors import (
    WORLD,
    Agency,
    AgencyAlias,
    Company,
    CompanyAlias,
    Country,
    CountryGroup,
    Membership,
    Ownership,
)
from events.models.changes import NO_HASH, Change, LogHead, PublicDocument, Reissue
from events.models.dataset import LoadedEntry
from events.models.events import (
    Event,
    EventAgency,
    EventCompany,
    EventCountry,
    EventGroup,
    EventPolicy,
    EventProduct,
    EventQuerySet,
    EventRelation,
)
from events.models.inbox import Candidate, Feed, Job
from events.models.ledger import AccessRecord, GroupRecord
from events.models.policies import Policy, PolicyAlias
from events.models.products import Product, ProductAlias
from events.models.sources import Publisher, Source
from events.models.timeline import (
    SearchRow,
    TimelineCount,
    TimelineEntry,
    TimelinePair,
    TimelineTag,
    day_of,
    pk_of,
    position_of,
)

__all__ = [
    "NO_HASH",
    "WORLD",
    "AccessEffect",
    "AccessEffectQuerySet",
    "AccessRecord",
    "Agency",
    "AgencyAlias",
    "Candidate",
    "Change",
    "Citation",
    "Company",
    "CompanyAlias",
    "Country",
    "CountryGroup",
    "Event",
    "EventAgency",
    "EventCompany",
    "EventCountry",
    "EventGroup",
    "EventPolicy",
    "EventProduct",
    "EventQuerySet",
    "EventRelation",
    "Feed",
    "GroupRecord",
    "Job",
    "LoadedEntry",
    "LogHead",
    "Membership",
    "Ownership",
    "Policy",
    "PolicyAlias",
    "Product",
    "ProductAlias",
    "PublicDocument",
    "Publisher",
    "Reissue",
    "SearchRow",
    "Source",
    "TimelineCount",
    "TimelineEntry",
    "TimelinePair",
    "TimelineTag",
    "day_of",
    "pk_of",
    "position_of",
]
