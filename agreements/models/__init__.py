"""What is stored and what must always hold. Everything above imports models from here."""

from agreements.models.agreements import Agreement, Participation, Signatory
from agreements.models.areas import Area
from agreements.models.documents import Document
from agreements.models.parties import Party, PartyName
from agreements.models.relations import Relation
from agreements.models.search import SearchEntry, SearchWord
from agreements.models.search_upkeep import search_refreshed_once
from agreements.models.seeds import SeededRecord
from agreements.models.slugs import FormerAreaSlug, FormerPartySlug
from agreements.models.sources import Evidence, Source
from agreements.models.timeline import Commitment, Event

__all__ = [
    "Agreement",
    "Area",
    "Commitment",
    "Document",
    "Event",
    "Evidence",
    "FormerAreaSlug",
    "FormerPartySlug",
    "Participation",
    "Party",
    "PartyName",
    "Relation",
    "SearchEntry",
    "SearchWord",
    "SeededRecord",
    "Signatory",
    "Source",
    "search_refreshed_once",
]
