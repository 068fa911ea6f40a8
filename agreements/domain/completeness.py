"""What a record needs before it can be published, and must keep while it is public.

`agreements.curation.workflow` checks this before publishing, `agreements.curation.history` after every write, and
imports and merges before they begin, so that their previews can report it.
"""

from enum import Enum, auto


class Need(Enum):
    TITLE = auto()
    PARTIES = auto()
    SOURCE = auto()


def needs_of(*, title: str, parties: int, parties_note: str, evidence: int) -> list[Need]:
    """Return what a record lacks; `parties` counts those in the role of a party, `evidence` the facts with a source.

    A second party is not needed if the note says why it cannot be named.
    """
    is_there = {
        Need.TITLE: bool(title.strip()),
        Need.PARTIES: parties > 1 or bool(parties_note.strip()),
        Need.SOURCE: evidence > 0,
    }
    return [need for need, met in is_there.items() if not met]
