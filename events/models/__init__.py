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
from events.models.exports import Export, ExportRequest
from events.models.imports import Import, ImportRow
from events.models.inbox import Candidate, Feed, Job
from events.models.ledger import AccessRecord, GroupRecord
from events.models.links import LinkCheck
from events.models.policies import Policy, PolicyAlias
from events.models.products import Product, ProductAlias
from events.models.reports import ErrorReport
from events.models.review import Comment, Notice, Proposal, Step
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
    "Comment",
    "Company",
    "CompanyAlias",
    "Country",
    "CountryGroup",
    "ErrorReport",
    "Event",
    "EventAgency",
    "EventCompany",
    "EventCountry",
    "EventGroup",
    "EventPolicy",
    "EventProduct",
    "EventQuerySet",
    "EventRelation",
    "Export",
    "ExportRequest",
    "Feed",
    "GroupRecord",
    "Import",
    "ImportRow",
    "Job",
    "LinkCheck",
    "LoadedEntry",
    "LogHead",
    "Membership",
    "Notice",
    "Ownership",
    "Policy",
    "PolicyAlias",
    "Product",
    "ProductAlias",
    "Proposal",
    "PublicDocument",
    "Publisher",
    "Reissue",
    "SearchRow",
    "Source",
    "Step",
    "TimelineCount",
    "TimelineEntry",
    "TimelinePair",
    "TimelineTag",
    "day_of",
    "pk_of",
    "position_of",
]
