"""What a record must have before the public sees it, and must not lose while the public does.

`agreements.curation.workflow` asks before it publishes, `agreements.curation.history` after everything that anybody
writes, and imports and merges before they begin, so that they can say so in their previews.
"""

from enum import Enum, auto


class Need(Enum):
    TITLE = auto()
    PARTIES = auto()
    SOURCE = auto()


def needs_of(*, title: str, parties: int, parties_note: str, evidence: int) -> list[Need]:
    """Return what a record lacks; `parties` are those in the role of a party, `evidence` all that rests on a source.

    A second party is not needed where the note says why it cannot be named.
    """
    is_there = {
        Need.TITLE: bool(title.strip()),
        Need.PARTIES: parties > 1 or bool(parties_note.strip()),
        Need.SOURCE: evidence > 0,
    }
    return [need for need, met in is_there.items() if not met]
