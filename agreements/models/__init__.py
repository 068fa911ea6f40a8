"""The models: what is stored, and what must always hold. All other packages import models from here."""

from agreements.models.accounts import InitialPassword
from agreements.models.agreements import Agreement
from agreements.models.areas import Area
from agreements.models.document_texts import DocumentText
from agreements.models.documents import Document, DocumentVersion
from agreements.models.edit_tokens import tokens_renewed_once
from agreements.models.erasures import Erasure
from agreements.models.identifiers import ExternalIdentifier
from agreements.models.imports import (
    Import,
    ImportedAddition,
    ImportedRecord,
    ImportProfile,
    SeededRecord,
)
from agreements.models.languages import LanguageVersion
from agreements.models.links import LinkCheck
from agreements.models.logs import STEPS_WITH_A_REASON, Change, PublicationStep, Removal
from agreements.models.merges import LikelyDuplicate, MergedRow, PartyComparison, PartyMerge
from agreements.models.notifications import (
    CalendarAddress,
    Follow,
    Reminder,
    ReminderRun,
    ReviewMailsOff,
    Sighting,
)
from agreements.models.outbox import OutgoingMail
from agreements.models.participants import Participation, Signatory
from agreements.models.parties import Membership, Party, PartyName
from agreements.models.people import FormerPersonSlug, Person, PersonName
from agreements.models.periods import Period
from agreements.models.proposals import Proposal
from agreements.models.publishing import PublishingItem, PublishingRun
from agreements.models.records import RECORDS, ROWS
from agreements.models.relations import Relation
from agreements.models.revisions import RevisionShard, TouchedAgreement
from agreements.models.search import SearchEntry, SearchWord, search_refreshed_once
from agreements.models.sessions import StaffSession
from agreements.models.sign_on import ProviderAccount
from agreements.models.sources import Evidence, Source
from agreements.models.successions import Succession, with_successions
from agreements.models.timeline import Commitment, Event
from agreements.models.tombstones import Tombstone
from agreements.models.trees import FormerAreaSlug, FormerPartySlug, as_tree

__all__ = [
    "RECORDS",
    "ROWS",
    "STEPS_WITH_A_REASON",
    "Agreement",
    "Area",
    "CalendarAddress",
    "Change",
    "Commitment",
    "Document",
    "DocumentText",
    "DocumentVersion",
    "Erasure",
    "Event",
    "Evidence",
    "ExternalIdentifier",
    "Follow",
    "FormerAreaSlug",
    "FormerPartySlug",
    "FormerPersonSlug",
    "Import",
    "ImportProfile",
    "ImportedAddition",
    "ImportedRecord",
    "InitialPassword",
    "LanguageVersion",
    "LikelyDuplicate",
    "LinkCheck",
    "Membership",
    "MergedRow",
    "OutgoingMail",
    "Participation",
    "Party",
    "PartyComparison",
    "PartyMerge",
    "PartyName",
    "Period",
    "Person",
    "PersonName",
    "Proposal",
    "ProviderAccount",
    "PublicationStep",
    "PublishingItem",
    "PublishingRun",
    "Relation",
    "Reminder",
    "ReminderRun",
    "Removal",
    "ReviewMailsOff",
    "RevisionShard",
    "SearchEntry",
    "SearchWord",
    "SeededRecord",
    "Sighting",
    "Signatory",
    "Source",
    "StaffSession",
    "Succession",
    "Tombstone",
    "TouchedAgreement",
    "as_tree",
    "search_refreshed_once",
    "tokens_renewed_once",
    "with_successions",
]
