"""Every vocabulary of the record, in one place that all may import.

Labels are marked for translation and stay English: what the log and the API say never depends on a language. Pages
translate them where they show them.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_noop as _


class Precision(TextChoices):
    DAY = "day", _("Day")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")


class State(TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    RETRACTED = "retracted", _("Retracted")
    MERGED = "merged", _("Merged")


class EventKind(TextChoices):
    ANNOUNCEMENT = "announcement", _("Announcement")
    PROPOSAL = "proposal", _("Proposal")
    ADOPTION = "adoption", _("Adoption")
    ENFORCEMENT = "enforcement", _("Enforcement")
    AMENDMENT = "amendment", _("Amendment")
    SUSPENSION = "suspension", _("Suspension")
    RESCISSION = "rescission", _("Rescission")
    CLARIFICATION = "clarification", _("Clarification")
    RESTRICTION = "restriction", _("Restriction")
    RESTORATION = "restoration", _("Restoration")
    LISTING = "listing", _("Listing")
    LICENSING = "licensing", _("Licensing")
    INVESTIGATION = "investigation", _("Investigation")
    RULING = "ruling", _("Ruling")
    REPORT = "report", _("Report")


class Certainty(TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    REPORTED = "reported", _("Reported")
    DISPUTED = "disputed", _("Disputed")
    DENIED = "denied", _("Denied")


class Direction(TextChoices):
    """Derived from an event's effects and kind, never typed in."""

    RESTRICTS = "restricts", _("Restricts")
    RELAXES = "relaxes", _("Relaxes")
    MIXED = "mixed", _("Restricts and relaxes")
    NEITHER = "neither", _("Neither")


class CompanyRole(TextChoices):
    ACTOR = "actor", _("Actor")
    TARGET = "target", _("Target")
    AFFECTED = "affected", _("Affected")


class PlaceRole(TextChoices):
    """What a country or a group is to an event: the state itself acted, or it was affected."""

    ACTING = "acting", _("Acting")
    AFFECTED = "affected", _("Affected")


class PolicyRelation(TextChoices):
    ANNOUNCES = "announces", _("Announces")
    PROPOSES = "proposes", _("Proposes")
    ADOPTS = "adopts", _("Adopts")
    AMENDS = "amends", _("Amends")
    BRINGS_INTO_FORCE = "brings_into_force", _("Brings into force")
    ENFORCES = "enforces", _("Enforces")
    SUSPENDS = "suspends", _("Suspends")
    RESCINDS = "rescinds", _("Rescinds")
    INTERPRETS = "interprets", _("Interprets")


class Stage(TextChoices):
    """A policy's stages, derived from its events."""

    ANNOUNCED = "announced", _("Announced")
    PROPOSED = "proposed", _("Proposed")
    ADOPTED = "adopted", _("Adopted")
    IN_FORCE = "in_force", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    RESCINDED = "rescinded", _("Rescinded")
    NEVER_TOOK_EFFECT = "never_took_effect", _("Never took effect")


class RelationKind(TextChoices):
    """How an event relates to an earlier one."""

    ENFORCES = "enforces", _("Enforces")
    RESPONDS_TO = "responds_to", _("Responds to")
    AMENDS = "amends", _("Amends")
    REVERSES = "reverses", _("Reverses")
    IMPLEMENTS = "implements", _("Implements")
    EXPLAINS = "explains", _("Explains")


class AccessStatus(TextChoices):
    """In order, from open to closed."""

    AVAILABLE = "available", _("Available")
    LIMITED = "limited", _("Limited")
    LICENSE_REQUIRED = "license_required", _("License required")
    BLOCKED = "blocked", _("Blocked")


class ClosedBy(TextChoices):
    """Who decides an access status."""

    PROVIDER = "provider", _("Provider")
    OTHER_COMPANY = "other_company", _("Another company")
    OWN_GOVERNMENT = "own_government", _("Its own government")
    FOREIGN_GOVERNMENT = "foreign_government", _("A foreign government")
    INTERNATIONAL = "international", _("An international body")


class Tier(TextChoices):
    PRIMARY = "primary", _("Primary")
    SECONDARY = "secondary", _("Secondary")
    TERTIARY = "tertiary", _("Tertiary")


class Stance(TextChoices):
    SUPPORTS = "supports", _("Supports")
    DISPUTES = "disputes", _("Disputes")
    CONTEXT = "context", _("Context")
    RESPONSE = "response", _("Response of the subject")


class About(TextChoices):
    """What a citation vouches for."""

    EVENT = "event", _("The event")
    DATE = "date", _("Its date")
    EFFECT = "effect", _("One effect on access")


class ReportedBasis(TextChoices):
    """Where a `reported_on` date comes from."""

    SOURCE = "source", _("A dated source")
    EVENT = "event", _("The event's own date")
    RECORD = "record", _("The day it was published here")


class CompanyKind(TextChoices):
    """The part in which the record mostly meets a company."""

    DEVELOPER = "developer", _("Model developer")
    CLOUD = "cloud", _("Cloud provider")
    CHIPMAKER = "chipmaker", _("Chipmaker")
    EQUIPMENT = "equipment", _("Equipment maker")
    RESELLER = "reseller", _("Reseller")
    PLATFORM = "platform", _("Platform")
    PUBLISHER = "publisher", _("Publisher")
    OTHER = "other", _("Other")


class OwnershipKind(TextChoices):
    PARENT = "parent", _("Parent")
    JOINT_VENTURE = "joint_venture", _("Joint venture")
    INVESTOR = "investor", _("Investor")
    OPERATOR = "operator", _("Operator")


class ProductKind(TextChoices):
    API = "api", _("API")
    APP = "app", _("App")
    CLOUD_SERVICE = "cloud_service", _("Cloud service")
    MODEL_WEIGHTS = "model_weights", _("Model weights")
    CHIP = "chip", _("Chip")
    EQUIPMENT = "equipment", _("Equipment")
    SOFTWARE = "software", _("Software")
    MATERIAL = "material", _("Material")


class PolicyKind(TextChoices):
    STATUTE = "statute", _("Statute")
    BILL = "bill", _("Bill")
    REGULATION = "regulation", _("Regulation")
    PROPOSED_RULE = "proposed_rule", _("Proposed rule")
    EXECUTIVE_ORDER = "executive_order", _("Executive order")
    GUIDANCE = "guidance", _("Guidance")
    LICENSE_CONDITION = "license_condition", _("License condition")
    COMPANY_TERMS = "company_terms", _("Company terms")
    COURT_ORDER = "court_order", _("Court order")
    AGENCY_ORDER = "agency_order", _("Agency order")
    INTERNATIONAL_AGREEMENT = "international_agreement", _("International agreement")


class PublisherKind(TextChoices):
    NEWS = "news", _("News")
    OFFICIAL = "official", _("Official")
    COMPANY = "company", _("Company")
    LAW_FIRM = "law_firm", _("Law firm")
    RESEARCH = "research", _("Research")
    TRADE_PRESS = "trade_press", _("Trade press")
    AGGREGATOR = "aggregator", _("Aggregator")
    OTHER = "other", _("Other")


class Checked(TextChoices):
    """How an editor checked an entry of the data set; kept, not public."""

    EXCERPT = "excerpt", _("Read in a copy of the page")
    KNOWN = "known", _("Widely documented")


class RecordType(TextChoices):
    """What the public log holds documents of."""

    EVENT = "event", _("Event")
    COMPANY = "company", _("Company")
    AGENCY = "agency", _("Agency")
    COUNTRY = "country", _("Country")
    GROUP = "group", _("Country group")
    PRODUCT = "product", _("Product")
    POLICY = "policy", _("Policy")
    PUBLISHER = "publisher", _("Publisher")
    SOURCE = "source", _("Source")


class Action(TextChoices):
    PUBLISHED = "published", _("Published")
    CORRECTED = "corrected", _("Corrected")
    REISSUED = "reissued", _("Reissued")
    RETRACTED = "retracted", _("Retracted")
    MERGED = "merged", _("Merged")
    REDACTED = "redacted", _("Redacted")


class CorrectionClass(TextChoices):
    CLERICAL = "clerical", _("Clerical")
    CLARIFICATION = "clarification", _("Clarification")
    SUBSTANTIVE = "substantive", _("Substantive")


class ReportState(TextChoices):
    """What became of a report that something in the record is wrong."""

    RECEIVED = "received", _("Received")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class CommentField(TextChoices):
    """What of an event a comment is about, in the order of the editors' form."""

    EVENT = "event", _("The whole")
    TITLE = "title", _("Title")
    SUMMARY = "summary", _("Summary")
    BODY = "body", _("Body")
    KIND = "kind", _("Kind and certainty")
    DATE = "date", _("Date")
    WHO = "who", _("Who")
    WHERE = "where", _("Where")
    POLICIES = "policies", _("Under what")
    RELATIONS = "relations", _("Earlier events")
    PRODUCTS = "products", _("Products")
    EFFECTS = "effects", _("Effects on access")
    EVIDENCE = "evidence", _("Evidence")


class Weight(TextChoices):
    """Of a comment: an open critical one keeps a draft from being published."""

    MINOR = "minor", _("Minor")
    CRITICAL = "critical", _("Critical")


class ProposalState(TextChoices):
    OPEN = "open", _("Waiting")
    PUBLISHED = "published", _("Published")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Act(TextChoices):
    """What editors do with an event, as its history on the desk tells."""

    SAVED = "saved", _("Saved")
    SUBMITTED = "submitted", _("Submitted for review")
    SENT_BACK = "sent_back", _("Sent back")
    PUBLISHED = "published", _("Published")
    PROPOSED = "proposed", _("Correction proposed")
    DECLINED = "declined", _("Correction declined")
    CORRECTED = "corrected", _("Corrected")
    RETRACTED = "retracted", _("Retracted")
    MERGED = "merged", _("Merged")
    CHECKED = "checked", _("Checked")


class NoticeKind(TextChoices):
    """Why an editor is told of an event."""

    REVIEW = "review", _("Waits for review")
    SENT_BACK = "sent_back", _("Sent back to you")
    ASSIGNED = "assigned", _("Assigned to you")
    COMMENT = "comment", _("Comment")
    PROPOSAL = "proposal", _("A correction waits for a second person")
    DECIDED = "decided", _("Your correction was decided")
    PUBLISHED = "published", _("Published")


class FeedKind(TextChoices):
    """The format in which a feed is read."""

    FEDERAL_REGISTER = "federal_register", _("Federal Register API")
    FEED = "feed", _("Atom or RSS")
    SITEMAP = "sitemap", _("News sitemap")


class CandidateState(TextChoices):
    NEW = "new", _("New")
    DRAFTED = "drafted", _("Made a draft")
    DISMISSED = "dismissed", _("Dismissed")


class Reading(TextChoices):
    """How far the page of a candidate has been read."""

    WAITING = "waiting", _("Waiting to be read")
    READ = "read", _("Read")
    FAILED = "failed", _("Could not be read")
    GONE = "gone", _("Text deleted")


class LinkStatus(TextChoices):
    """What became of the page of a source, as far as checks of its address can tell."""

    OK = "ok", _("Answers")
    DEAD = "dead", _("No longer answers")
    CHANGED = "changed", _("Changed since cited")


class ImportState(TextChoices):
    """Where a file of drafts stands."""

    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    APPLYING = "applying", _("Being imported")
    DONE = "done", _("Imported")
    REFUSED = "refused", _("Refused")
    DISCARDED = "discarded", _("Discarded")


class Verdict(TextChoices):
    """What importing a row of a file does."""

    BAD = "bad", _("Bad")
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Same")
