"""Every vocabulary of the record, in one place that all may import."""

from django.db.models import TextChoices


class Precision(TextChoices):
    DAY = "day", "Day"
    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    YEAR = "year", "Year"


class State(TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"
    RETRACTED = "retracted", "Retracted"
    MERGED = "merged", "Merged"


class EventKind(TextChoices):
    ANNOUNCEMENT = "announcement", "Announcement"
    PROPOSAL = "proposal", "Proposal"
    ADOPTION = "adoption", "Adoption"
    ENFORCEMENT = "enforcement", "Enforcement"
    AMENDMENT = "amendment", "Amendment"
    SUSPENSION = "suspension", "Suspension"
    RESCISSION = "rescission", "Rescission"
    CLARIFICATION = "clarification", "Clarification"
    RESTRICTION = "restriction", "Restriction"
    RESTORATION = "restoration", "Restoration"
    LISTING = "listing", "Listing"
    LICENSING = "licensing", "Licensing"
    INVESTIGATION = "investigation", "Investigation"
    RULING = "ruling", "Ruling"
    REPORT = "report", "Report"


class Certainty(TextChoices):
    CONFIRMED = "confirmed", "Confirmed"
    REPORTED = "reported", "Reported"
    DISPUTED = "disputed", "Disputed"
    DENIED = "denied", "Denied"


class Direction(TextChoices):
    """Derived from an event's effects and kind, never typed in."""

    RESTRICTS = "restricts", "Restricts"
    RELAXES = "relaxes", "Relaxes"
    MIXED = "mixed", "Restricts and relaxes"
    NEITHER = "neither", "Neither"


class CompanyRole(TextChoices):
    ACTOR = "actor", "Actor"
    TARGET = "target", "Target"
    AFFECTED = "affected", "Affected"


class PlaceRole(TextChoices):
    """What a country or a group is to an event: the state itself acted, or it was affected."""

    ACTING = "acting", "Acting"
    AFFECTED = "affected", "Affected"


class PolicyRelation(TextChoices):
    ANNOUNCES = "announces", "Announces"
    PROPOSES = "proposes", "Proposes"
    ADOPTS = "adopts", "Adopts"
    AMENDS = "amends", "Amends"
    BRINGS_INTO_FORCE = "brings_into_force", "Brings into force"
    ENFORCES = "enforces", "Enforces"
    SUSPENDS = "suspends", "Suspends"
    RESCINDS = "rescinds", "Rescinds"
    INTERPRETS = "interprets", "Interprets"


class Stage(TextChoices):
    """A policy's stages, derived from its events."""

    ANNOUNCED = "announced", "Announced"
    PROPOSED = "proposed", "Proposed"
    ADOPTED = "adopted", "Adopted"
    IN_FORCE = "in_force", "In force"
    SUSPENDED = "suspended", "Suspended"
    RESCINDED = "rescinded", "Rescinded"
    NEVER_TOOK_EFFECT = "never_took_effect", "Never took effect"


class RelationKind(TextChoices):
    """How an event relates to an earlier one."""

    ENFORCES = "enforces", "Enforces"
    RESPONDS_TO = "responds_to", "Responds to"
    AMENDS = "amends", "Amends"
    REVERSES = "reverses", "Reverses"
    IMPLEMENTS = "implements", "Implements"
    EXPLAINS = "explains", "Explains"


class AccessStatus(TextChoices):
    """In order, from open to closed."""

    AVAILABLE = "available", "Available"
    LIMITED = "limited", "Limited"
    LICENSE_REQUIRED = "license_required", "License required"
    BLOCKED = "blocked", "Blocked"


class ClosedBy(TextChoices):
    """Who decides an access status."""

    PROVIDER = "provider", "Provider"
    OTHER_COMPANY = "other_company", "Another company"
    OWN_GOVERNMENT = "own_government", "Its own government"
    FOREIGN_GOVERNMENT = "foreign_government", "A foreign government"
    INTERNATIONAL = "international", "An international body"


class Tier(TextChoices):
    PRIMARY = "primary", "Primary"
    SECONDARY = "secondary", "Secondary"
    TERTIARY = "tertiary", "Tertiary"


class Stance(TextChoices):
    SUPPORTS = "supports", "Supports"
    DISPUTES = "disputes", "Disputes"
    CONTEXT = "context", "Context"
    RESPONSE = "response", "Response of the subject"


class About(TextChoices):
    """What a citation vouches for."""

    EVENT = "event", "The event"
    DATE = "date", "Its date"
    EFFECT = "effect", "One effect on access"


class ReportedBasis(TextChoices):
    """Where a `reported_on` date comes from."""

    SOURCE = "source", "A dated source"
    EVENT = "event", "The event's own date"
    RECORD = "record", "The day it was published here"


class CompanyKind(TextChoices):
    """The part in which the record mostly meets a company."""

    DEVELOPER = "developer", "Model developer"
    CLOUD = "cloud", "Cloud provider"
    CHIPMAKER = "chipmaker", "Chipmaker"
    EQUIPMENT = "equipment", "Equipment maker"
    RESELLER = "reseller", "Reseller"
    PLATFORM = "platform", "Platform"
    PUBLISHER = "publisher", "Publisher"
    OTHER = "other", "Other"


class OwnershipKind(TextChoices):
    PARENT = "parent", "Parent"
    JOINT_VENTURE = "joint_venture", "Joint venture"
    INVESTOR = "investor", "Investor"
    OPERATOR = "operator", "Operator"


class ProductKind(TextChoices):
    API = "api", "API"
    APP = "app", "App"
    CLOUD_SERVICE = "cloud_service", "Cloud service"
    MODEL_WEIGHTS = "model_weights", "Model weights"
    CHIP = "chip", "Chip"
    EQUIPMENT = "equipment", "Equipment"
    SOFTWARE = "software", "Software"
    MATERIAL = "material", "Material"


class PolicyKind(TextChoices):
    STATUTE = "statute", "Statute"
    BILL = "bill", "Bill"
    REGULATION = "regulation", "Regulation"
    PROPOSED_RULE = "proposed_rule", "Proposed rule"
    EXECUTIVE_ORDER = "executive_order", "Executive order"
    GUIDANCE = "guidance", "Guidance"
    LICENSE_CONDITION = "license_condition", "License condition"
    COMPANY_TERMS = "company_terms", "Company terms"
    COURT_ORDER = "court_order", "Court order"
    AGENCY_ORDER = "agency_order", "Agency order"
    INTERNATIONAL_AGREEMENT = "international_agreement", "International agreement"


class PublisherKind(TextChoices):
    NEWS = "news", "News"
    OFFICIAL = "official", "Official"
    COMPANY = "company", "Company"
    LAW_FIRM = "law_firm", "Law firm"
    RESEARCH = "research", "Research"
    TRADE_PRESS = "trade_press", "Trade press"
    AGGREGATOR = "aggregator", "Aggregator"
    OTHER = "other", "Other"


class Checked(TextChoices):
    """How an editor checked an entry of the data set; kept, not public."""

    EXCERPT = "excerpt", "Read in a copy of the page"
    KNOWN = "known", "Widely documented"


class RecordType(TextChoices):
    """What the public log holds documents of."""

    EVENT = "event", "Event"
    COMPANY = "company", "Company"
    AGENCY = "agency", "Agency"
    COUNTRY = "country", "Country"
    GROUP = "group", "Country group"
    PRODUCT = "product", "Product"
    POLICY = "policy", "Policy"
    PUBLISHER = "publisher", "Publisher"
    SOURCE = "source", "Source"


class Action(TextChoices):
    PUBLISHED = "published", "Published"
    CORRECTED = "corrected", "Corrected"
    REISSUED = "reissued", "Reissued"
    RETRACTED = "retracted", "Retracted"
    MERGED = "merged", "Merged"
    REDACTED = "redacted", "Redacted"


class CorrectionClass(TextChoices):
    CLERICAL = "clerical", "Clerical"
    CLARIFICATION = "clarification", "Clarification"
    SUBSTANTIVE = "substantive", "Substantive"


class ReportState(TextChoices):
    """What became of a report that something in the record is wrong."""

    RECEIVED = "received", "Received"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class CommentField(TextChoices):
    """What of an event a comment is about, in the order of the editors' form."""

    EVENT = "event", "The whole"
    TITLE = "title", "Title"
    SUMMARY = "summary", "Summary"
    BODY = "body", "Body"
    KIND = "kind", "Kind and certainty"
    DATE = "date", "Date"
    WHO = "who", "Who"
    WHERE = "where", "Where"
    POLICIES = "policies", "Under what"
    RELATIONS = "relations", "Earlier events"
    PRODUCTS = "products", "Products"
    EFFECTS = "effects", "Effects on access"
    EVIDENCE = "evidence", "Evidence"


class Weight(TextChoices):
    """Of a comment: an open critical one keeps a draft from being published."""

    MINOR = "minor", "Minor"
    CRITICAL = "critical", "Critical"


class ProposalState(TextChoices):
    OPEN = "open", "Waiting"
    PUBLISHED = "published", "Published"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Act(TextChoices):
    """What editors do with an event, as its history on the desk tells."""

    SAVED = "saved", "Saved"
    SUBMITTED = "submitted", "Submitted for review"
    SENT_BACK = "sent_back", "Sent back"
    PUBLISHED = "published", "Published"
    PROPOSED = "proposed", "Correction proposed"
    DECLINED = "declined", "Correction declined"
    CORRECTED = "corrected", "Corrected"
    RETRACTED = "retracted", "Retracted"
    MERGED = "merged", "Merged"
    CHECKED = "checked", "Checked"


class NoticeKind(TextChoices):
    """Why an editor is told of an event."""

    REVIEW = "review", "Waits for review"
    SENT_BACK = "sent_back", "Sent back to you"
    ASSIGNED = "assigned", "Assigned to you"
    COMMENT = "comment", "Comment"
    PROPOSAL = "proposal", "A correction waits for a second person"
    DECIDED = "decided", "Your correction was decided"
    PUBLISHED = "published", "Published"


class FeedKind(TextChoices):
    """The format in which a feed is read."""

    FEDERAL_REGISTER = "federal_register", "Federal Register API"
    FEED = "feed", "Atom or RSS"
    SITEMAP = "sitemap", "News sitemap"


class CandidateState(TextChoices):
    NEW = "new", "New"
    DRAFTED = "drafted", "Made a draft"
    DISMISSED = "dismissed", "Dismissed"


class Reading(TextChoices):
    """How far the page of a candidate has been read."""

    WAITING = "waiting", "Waiting to be read"
    READ = "read", "Read"
    FAILED = "failed", "Could not be read"
    GONE = "gone", "Text deleted"


class ImportState(TextChoices):
    """Where a file of drafts stands."""

    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    APPLYING = "applying", "Being imported"
    DONE = "done", "Imported"
    REFUSED = "refused", "Refused"
    DISCARDED = "discarded", "Discarded"


class Verdict(TextChoices):
    """What importing a row of a file does."""

    BAD = "bad", "Bad"
    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    SAME = "same", "Same"
