"""What is stored and what must always hold. Everything above imports models from here."""

from agreements.models.agreements import Agreement, Participation, Signatory
from agreements.models.areas import Area
from agreements.models.documents import Document
from agreements.models.parties import Party, PartyName
from agreements.models.relations import Relation
from agreements.models.seeds import SeededRecord
from agreements.models.sources import Evidence, Source
from agreements.models.timeline import Commitment, Event

__all__ = [
    "Agreement",
    "Area",
    "Commitment",
    "Document",
    "Event",
    "Evidence",
    "Participation",
    "Party",
    "PartyName",
    "Relation",
    "SeededRecord",
    "Signatory",
    "Source",
]
