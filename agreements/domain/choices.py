"""Controlled vocabularies: every code the register stores, exports and filters by, with its label.

The codes are part of the public contract (CSV, URLs, API) and never change; labels are translated. This module imports
nothing from the project, and every module may import it.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(TextChoices):
    """What the parties call the instrument, in the terms of the UN Treaty Collection's glossary."""

    MOU = "mou", _("Memorandum of understanding")
    AGREEMENT = "agreement", _("Agreement")
    TREATY = "treaty", _("Treaty")
    CONVENTION = "convention", _("Convention")
    PROTOCOL = "protocol", _("Protocol")
    EXCHANGE_OF_NOTES = "exchange_of_notes", _("Exchange of notes")
    JOINT_DECLARATION = "joint_declaration", _("Joint declaration")
    LETTER_OF_INTENT = "letter_of_intent", _("Letter of intent")
    PROGRAMME = "programme", _("Programme of cooperation")
    AGREED_MINUTES = "agreed_minutes", _("Agreed minutes")
    ARRANGEMENT = "arrangement", _("Arrangement")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", pgettext_lazy("kind", "Unknown")


class Plurality(TextChoices):
    """Whether two parties concluded the agreement, or more."""

    BILATERAL = "bilateral", _("Bilateral")
    MULTILATERAL = "multilateral", _("Multilateral")


class LegalNature(TextChoices):
    """Whether the parties intended to be legally bound. Set by an editor, never derived from the title."""

    BINDING = "binding", _("Binding")
    NON_BINDING = "non_binding", _("Non-binding")
    UNCLEAR = "unclear", _("Unclear")
    NOT_ASSESSED = "not_assessed", _("Not assessed")


class Stage(TextChoices):
    """How far the agreement has progressed, as an editor states it. The dates say when; the status is computed."""

    PROPOSED = "proposed", _("Proposed")
    NEGOTIATION = "negotiation", _("In negotiation")
    CONCLUDED = "concluded", _("Concluded")
    ABANDONED = "abandoned", _("Abandoned")


class Status(TextChoices):
    """The status of an agreement on a given day; computed by `agreements.domain.lifecycle`, never stored."""

    PROPOSED = "proposed", pgettext_lazy("status", "Proposed")
    NEGOTIATION = "negotiation", pgettext_lazy("status", "In negotiation")
    SIGNED = "signed", pgettext_lazy("status", "Signed")
    PROVISIONALLY_APPLIED = (
        "provisionally_applied",
        pgettext_lazy("status", "Provisionally applied"),
    )
    IN_FORCE = "in_force", pgettext_lazy("status", "In force")
    SUSPENDED = "suspended", pgettext_lazy("status", "Suspended")
    EXPIRED = "expired", pgettext_lazy("status", "Expired")
    TERMINATED = "terminated", pgettext_lazy("status", "Terminated")
    SUPERSEDED = "superseded", pgettext_lazy("status", "Superseded")
    ABANDONED = "abandoned", pgettext_lazy("status", "Abandoned")
    NOT_YET_CONCLUDED = "not_yet_concluded", pgettext_lazy("status", "Not yet concluded")
    UNDETERMINED = "undetermined", pgettext_lazy("status", "Undetermined")


# Statuses of past days only.
OF_PAST_DAYS = (Status.NOT_YET_CONCLUDED, Status.UNDETERMINED)


class PeriodKind(TextChoices):
    """What is different about an agreement for a dated period, beyond the term that it began with."""

    RENEWAL = "renewal", _("Renewal")
    EXTENSION = "extension", _("Extension")
    SUSPENSION = "suspension", _("Suspension")
    PROVISIONAL_APPLICATION = "provisional_application", _("Provisional application")


class Publication(TextChoices):
    """Who can see the record; independent of the status of the agreement."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class TextAvailability(TextChoices):
    """Whether people can read the text of the agreement, as far as that has been looked into."""

    PUBLIC = "public", _("Public")
    CONFIDENTIAL = "confidential", _("Confidential")
    NOT_FOUND = "not_found", _("Looked for, but not found")
    UNKNOWN = "unknown", _("Not recorded")


class TextStatus(TextChoices):
    """What a version in one language is (Vienna Convention on the Law of Treaties, article 33)."""

    AUTHENTIC = "authentic", _("Authentic text")
    TRANSLATION = "translation", _("Translation")
    UNKNOWN = "unknown", _("Not known whether authentic")


class Verification(TextChoices):
    """How well the record is supported; computed from its evidence and public documents."""

    UNVERIFIED = "unverified", _("Unverified")
    SINGLE_SOURCE = "single_source", _("Single source")
    CORROBORATED = "corroborated", _("Corroborated")
    DOCUMENT_SEEN = "document_seen", _("Document seen")


class TermKind(TextChoices):
    """How long the agreement is meant to last. Unknown is distinct from indefinite."""

    FIXED = "fixed", _("Fixed term")
    INDEFINITE = "indefinite", _("Indefinite")
    AUTOMATIC_RENEWAL = "automatic_renewal", _("Renewed automatically")
    UNKNOWN = "unknown", _("Unknown")


class PartyKind(TextChoices):
    STATE = "state", _("State")
    MINISTRY = "ministry", _("Ministry")
    AGENCY = "agency", _("Agency")
    SUBNATIONAL = "subnational", _("Subnational body")
    CITY = "city", _("City or municipality")
    PARLIAMENT = "parliament", _("Parliament")
    COURT = "court", _("Court")
    CENTRAL_BANK = "central_bank", _("Central bank")
    INTERNATIONAL_ORGANISATION = "international_organisation", _("International organisation")
    UNIVERSITY = "university", _("University")
    RESEARCH_INSTITUTE = "research_institute", _("Research institute")
    COMPANY = "company", _("Company")
    TRADE_UNION = "trade_union", _("Trade union")
    EMPLOYERS_ORGANISATION = "employers_organisation", _("Employers’ organisation")
    CHAMBER = "chamber", _("Chamber of commerce or industry")
    NGO = "ngo", _("Non-governmental organisation")
    OTHER = "other", _("Other")


class NameKind(TextChoices):
    """What kind of other name of a party it is."""

    ALIAS = "alias", _("Also known as")
    FORMER = "former", _("Former name")
    AS_PUBLISHED = "as_published", _("As published")
    TRANSLATION = "translation", _("In another language")


class Role(TextChoices):
    """The capacity in which a party takes part (Vienna Convention on the Law of Treaties, articles 2 and 76)."""

    PARTY = "party", _("Party")
    DEPOSITARY = "depositary", _("Depositary")
    WITNESS = "witness", _("Witness")
    OBSERVER = "observer", _("Observer")
    IMPLEMENTING_BODY = "implementing_body", _("Implementing body")


class Consent(TextChoices):
    """How a party consented to be bound (Vienna Convention on the Law of Treaties, articles 11 to 17)."""

    PENDING = "pending", _("Signed, not yet consented to be bound")
    DEFINITIVE_SIGNATURE = "definitive_signature", _("Definitive signature")
    EXCHANGE = "exchange", _("Exchange of instruments")
    NOTIFICATION = "notification", _("Notification that its procedures are complete")
    RATIFICATION = "ratification", _("Ratification")
    ACCEPTANCE = "acceptance", _("Acceptance")
    APPROVAL = "approval", _("Approval")
    ACCESSION = "accession", _("Accession")
    SUCCESSION = "succession", _("Succession")


class Ended(TextChoices):
    """Why an agreement is no longer in force for one of its parties."""

    WITHDRAWAL = "withdrawal", _("Withdrawal or denunciation")
    NOT_PROLONGED = "not_prolonged", _("Not prolonged for this party")
    SIGNATURE_WITHDRAWN = "signature_withdrawn", _("Signature withdrawn")
    EXCLUDED = "excluded", _("Excluded by the other parties")
    CEASED_TO_EXIST = "ceased_to_exist", _("The party ceased to exist")
    SUCCEEDED = "succeeded", _("Another party took its place")


class Takes(TextChoices):
    """As what a party takes part in an agreement on a day."""

    PART = "takes_part", _("Takes part")
    BOUND = "bound", _("Bound")
    PROVISIONAL = "provisional", _("Applies it provisionally")
    CONSENTED = "consented", _("Has consented to be bound")
    SIGNATORY = "signatory", _("Signatory, not bound")
    NOT_YET = "not_yet", _("Not yet a party")
    FORMER = "former", _("Former party")


class EventKind(TextChoices):
    """Steps in the life of an agreement, in the terms of the Vienna Convention on the Law of Treaties."""

    DISCUSSED = "discussed", _("Discussed")
    NEGOTIATION_ROUND = "negotiation_round", _("Negotiation round")
    HANDED_OVER = "handed_over", _("Handed over")
    INITIALLED = "initialled", _("Initialled")
    # the text, by a conference or an organisation (article 9)
    ADOPTED = "adopted", _("Adopted")
    APPROVED = "approved", _("Approved")
    SIGNED_BY_PARTY = "signed_by_party", _("Signed by a party")
    RATIFIED = "ratified", _("Ratified")
    ENTERED_INTO_FORCE = "entered_into_force", _("Entered into force")
    AMENDED = "amended", _("Amended")
    RENEWED = "renewed", _("Renewed")
    SUSPENDED = "suspended", pgettext_lazy("event", "Suspended")
    RESUMED = "resumed", _("Resumed")
    TERMINATED = "terminated", pgettext_lazy("event", "Terminated")
    MEETING = "meeting", _("Meeting")
    ACTIVITY = "activity", _("Activity")


class RelationKind(TextChoices):
    """How one agreement relates to another, read from the agreement that has the relation."""

    AMENDS = "amends", _("Amends")
    SUPPLEMENTS = "supplements", _("Supplements")
    IMPLEMENTS = "implements", _("Implements")
    SUPERSEDES = "supersedes", _("Supersedes")
    RENEWS = "renews", _("Renews")
    UNDER = "under", _("Concluded under")
    # ends the other without replacing it
    TERMINATES = "terminates", _("Terminates")
    # leaves the rest of the other in force
    SUPERSEDES_IN_PART = "supersedes_in_part", _("Supersedes in part")
    # such as a procès-verbal of rectification (article 79)
    CORRECTS = "corrects", _("Corrects")

    @property
    def inverse_label(self) -> str:
        """The same relation read from the other agreement."""
        return str(_INVERSE_LABELS[self.value])


_INVERSE_LABELS = {
    "amends": _("Amended by"),
    "supplements": _("Supplemented by"),
    "implements": _("Implemented by"),
    "supersedes": _("Superseded by"),
    "renews": _("Renewed by"),
    "under": _("Framework for"),
    "terminates": _("Terminated by"),
    "supersedes_in_part": _("Superseded in part by"),
    "corrects": _("Corrected by"),
}


class Basis(TextChoices):
    """How a source supports a fact: states it, lets it be inferred, or contradicts it."""

    STATED = "stated", _("Stated")
    INFERRED = "inferred", _("Inferred")
    CONTRADICTED = "contradicted", _("Contradicted")


class DocumentKind(TextChoices):
    SIGNED_TEXT = "signed_text", _("Signed text")
    CERTIFIED_COPY = "certified_copy", _("Certified copy")
    TRANSLATION = "translation", _("Translation")
    ANNEX = "annex", _("Annex")
    DRAFT_TEXT = "draft_text", _("Draft text")
    PRESS_RELEASE = "press_release", _("Press release")
    OTHER = "other", _("Other")


class Reading(TextChoices):
    """What came of reading the words of an uploaded file, so that staff can search them."""

    READ = "read", _("Text read")
    CUT = "cut", _("Beginning of the text read")
    EMPTY = "empty", _("No text found, perhaps scanned pages")
    FAILED = "failed", _("Text could not be read")
    PICTURE = "picture", _("Picture, without text")


class Progress(TextChoices):
    """How far a commitment has been carried out, as last reported."""

    NOT_STARTED = "not_started", _("Not started")
    UNDER_WAY = "under_way", _("Under way")
    FULFILLED = "fulfilled", _("Fulfilled")
    DROPPED = "dropped", _("Dropped")
    UNKNOWN = "unknown", _("Unknown")


class Certainty(TextChoices):
    """Whether a partial date may lie in a period, or must."""

    POSSIBLE = "possible", _("Possibly in the period")
    CERTAIN = "certain", _("Certainly in the period")


class PublicationVerb(TextChoices):
    """A step between draft and published, as the history shows it."""

    SUBMIT = "submit", _("Submitted for review")
    RECALL = "recall", _("Taken back from review")
    RETURN = "return", _("Returned to the editors")
    PUBLISH = "publish", pgettext_lazy("step", "Published")
    WITHDRAW = "withdraw", pgettext_lazy("step", "Withdrawn")


class PublishingOutcome(TextChoices):
    """What came of publishing one of many chosen records."""

    WAITING = "waiting", _("Waiting")
    PUBLISHED = "published", pgettext_lazy("step", "Published")
    UNCHANGED = "unchanged", _("Already published")
    REFUSED = "refused", _("Refused")


class ReminderRule(TextChoices):
    """What a person is reminded of; one mail for each rule, agreement and day."""

    ENDS_180 = "ends_180", _("Ends within 180 days")
    ENDS_90 = "ends_90", _("Ends within 90 days")
    ENDS_30 = "ends_30", _("Ends within 30 days")
    NOTICE = "notice", _("Last day for notice")
    COMMITMENT_DUE = "commitment_due", _("Commitment due")
    COMMITMENT_OVERDUE = "commitment_overdue", _("Commitment overdue")
    REVIEW = "review", _("Review due within 30 days, or overdue")
    DORMANT = "dormant", _("No news for two years")


class ReminderState(TextChoices):
    CLAIMED = "claimed", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed, will be retried")
    GIVEN_UP = "given_up", _("Given up")


class MailKind(TextChoices):
    """What an e-mail in the outbox is about."""

    PASSWORD_LINK = "password_link", _("Password reset link")
    ACCOUNT_NOTICE = "account_notice", _("Account notice")
    REVIEW = "review", _("News of reviews")


class ReviewNews(TextChoices):
    """What an e-mail about reviews tells: that something waits for a publisher, or what a publisher decided."""

    SUBMITTED = "submitted", _("For review")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Published")


class ProposalState(TextChoices):
    """What has become of a proposed change to a published record."""

    WAITING = "waiting", _("Waiting")
    TAKEN = "taken", _("Taken over")
    RETURNED = "returned", _("Returned to the editors")
    RECALLED = "recalled", _("Taken back")


class ImportState(TextChoices):
    """The state of the import of a file."""

    UPLOADED = "uploaded", _("Not yet read")
    PREVIEWED = "previewed", _("Previewed")
    APPLIED = "applied", _("Applied")
    UNDONE = "undone", _("Undone")


class ImportWork(TextChoices):
    """What a process is doing for an import at the moment."""

    SURVEY = "survey", _("Looking through the file")
    PREVIEW = "preview", _("Reading the file")
    APPLY = "apply", _("Importing")
    UNDO = "undo", _("Undoing the import")


class RowOutcome(TextChoices):
    """What an import does, or did, with a row of its file."""

    CREATED = "created", _("Created")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    KEPT = "kept", _("Staff's version kept")
    REFUSED = "refused", _("Refused")
    LEFT_OUT = "left_out", _("Left out")


# those that an import finds out itself, and counts in a column of the same name
PLANNED_OUTCOMES = tuple(each for each in RowOutcome if each != RowOutcome.LEFT_OUT)


class RowChangeKind(TextChoices):
    """What happened to a row of a record between two of its versions."""

    ADDED = "added", pgettext_lazy("row", "Added")
    REMOVED = "removed", pgettext_lazy("row", "Removed")
    CHANGED = "changed", pgettext_lazy("row", "Changed")


class ChangeKind(TextChoices):
    """Why a record is in the public log of changes."""

    PUBLISHED = "published", pgettext_lazy("log of changes", "Published")
    PUBLISHED_AGAIN = "published_again", pgettext_lazy("log of changes", "Published again")
    CHANGED = "changed", pgettext_lazy("log of changes", "Changed")
