"""A block of generated agreements with everything that belongs to them, as rows ready to write.

What the application would derive is derived here by the same rules from the block alone: its rows refer only to one
another, to areas and to parties.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from agreements.domain.choices import (
    Basis,
    DocumentKind,
    EventKind,
    Kind,
    LegalNature,
    Progress,
    Publication,
    RelationKind,
    Role,
    Stage,
    Verification,
)
from agreements.domain.participation import OVER_TIME
from agreements.models import Agreement
from agreements.models.work_querysets import SEEN_DOCUMENTS
from agreements.search import entry_of, fold
from benchmarks.generating.bodies import Node, World, token
from benchmarks.generating.draws import Draws, shares
from benchmarks.generating.lives import LATEST, Columns, Life, columns, life, partly_known, reached
from benchmarks.generating.phrases import NOTHING, Phrase, phrase, side_by_side
from benchmarks.generating.tables import (
    AGREEMENTS,
    AREA_LINKS,
    COMMITMENTS,
    DOCUMENTS,
    ENTRIES,
    EVENTS,
    EVIDENCE,
    IDENTIFIERS,
    PARTICIPATIONS,
    RELATIONS,
    SIGNATORIES,
    SOURCES,
    Rows,
    entered_columns,
)
from benchmarks.generating.vocabulary import (
    FAMILY_ENDINGS,
    GIVEN_NAMES,
    LANGUAGES,
    NEWSPAPERS,
    OFFICES,
    ONE_SIDED,
    PLACES,
    PROGRAMME,
    SHORT_SUMMARY,
    SUMMARIES,
    TITLE_TEMPLATES,
    TOPICS,
    rare_word,
)

# A record uses at most two source numbers, so sources can be numbered without knowing the other blocks.
SOURCES_A_RECORD = 2
_RARE_NAMES = 30_000
_FAMILIES = 8_000
_NEWEST = datetime(LATEST.year, LATEST.month, LATEST.day, 20, tzinfo=UTC)
_NEVER_PUBLISHED = {Publication.DRAFT.value, Publication.IN_REVIEW.value}

_KINDS = shares(
    {
        Kind.MOU.value: 42, Kind.AGREEMENT.value: 25, Kind.PROTOCOL.value: 8, Kind.TREATY.value: 4,
        Kind.CONVENTION.value: 3, Kind.EXCHANGE_OF_NOTES.value: 4, Kind.JOINT_DECLARATION.value: 4,
        Kind.LETTER_OF_INTENT.value: 3, Kind.PROGRAMME.value: 3, Kind.AGREED_MINUTES.value: 1,
        Kind.ARRANGEMENT.value: 2, Kind.OTHER.value: 1,
    }
)  # fmt: skip
_NATURES = shares(
    {
        LegalNature.NOT_ASSESSED.value: 55,
        LegalNature.NON_BINDING.value: 22,
        LegalNature.BINDING.value: 19,
        LegalNature.UNCLEAR.value: 4,
    }
)
_PARTICIPANTS = shares({2: 80, 3: 9, 4: 4, 5: 3, 1: 4})
_AREAS_NAMED = shares({1: 55, 2: 25, 3: 8, 0: 12})
_NOTHING_OVER_TIME = ("",) * len(OVER_TIME)
_SIGNATORIES = shares({2: 52, 0: 28, 1: 15, 3: 5})
_SOURCES_NAMED = shares({1: 66, 2: 25, 0: 9})
_ROLES = shares(
    {
        Role.PARTY.value: 75,
        Role.DEPOSITARY.value: 7,
        Role.WITNESS.value: 6,
        Role.OBSERVER.value: 6,
        Role.IMPLEMENTING_BODY.value: 6,
    }
)
_FACTS = ("title", "signed", "parties", "areas", "in_force", "place")
_BASES = shares({Basis.STATED.value: 80, Basis.INFERRED.value: 17, Basis.CONTRADICTED.value: 3})
_HIDDEN = shares(
    {Publication.DRAFT.value: 70, Publication.IN_REVIEW.value: 20, Publication.WITHDRAWN.value: 10}
)
_RELATIONS = shares(
    {
        RelationKind.SUPERSEDES.value: 50,
        RelationKind.AMENDS.value: 20,
        RelationKind.UNDER.value: 15,
        RelationKind.IMPLEMENTS.value: 10,
        RelationKind.RENEWS.value: 5,
    }
)
_DOCUMENT_KINDS = shares(
    {
        DocumentKind.SIGNED_TEXT.value: 55,
        DocumentKind.PRESS_RELEASE.value: 20,
        DocumentKind.TRANSLATION.value: 15,
        DocumentKind.CERTIFIED_COPY.value: 10,
    }
)
_EVENT_KINDS = tuple(kind.value for kind in EventKind)
_PROGRESS = tuple(progress.value for progress in Progress)
_CONTRADICTED = Basis.CONTRADICTED.value
_PARTY, _PUBLISHED = Role.PARTY.value, Publication.PUBLISHED.value
_SEEN = {kind.value for kind in SEEN_DOCUMENTS}


class Numbers(NamedTuple):
    """The agreements of a block: the first number, the number after the last, and how many of the register are
    unpublished.
    """

    first: int
    end: int
    everything: int
    hidden: int

    def is_hidden(self, number: int) -> bool:
        """Whether this one is unpublished; unpublished ones are spread evenly and their number is exact."""
        before = (number - 1) * self.hidden // self.everything
        return number * self.hidden // self.everything > before


def block_of(draws: Draws, world: World, numbers: Numbers) -> tuple[Rows, set[str]]:
    """Return the rows of a block, and the words of its search entries."""
    block = _Block(draws, world, numbers)
    for number in range(numbers.first, numbers.end):
        block.add(number)
    return block.rows, block.words


class _Block:
    """Agreements that are drawn one after another."""

    def __init__(self, draws: Draws, world: World, numbers: Numbers) -> None:
        self._draws, self._world, self._numbers = draws, world, numbers
        self.rows = Rows()
        self.words: set[str] = set()
        self._sources: list[tuple[int, str]] = []
        self._related: set[int] = set()

    def add(self, number: int) -> None:
        draws = self._draws
        language = draws.of(LANGUAGES)
        dates = life(draws)
        publication = draws.of(_HIDDEN) if self._numbers.is_hidden(number) else _PUBLISHED
        parties = self._parties(number)
        title = self._title(language, parties)
        place = draws.ranked(PLACES) if dates.signed and draws.chance(0.6) else NOTHING
        says = _Said(title, self._summary(), place)
        names = set[str]().union(*[party.searched for party in parties])
        self._areas(number, names)
        self._signatories(number, parties, names)
        by_evidence = self._evidence(number, dates)
        is_seen = self._documents(number, language)
        verification = Verification.DOCUMENT_SEEN.value if is_seen else by_evidence
        self._surroundings(number, parties, dates)
        self._agreement(number, says, dates, publication, verification)
        self._identifier(number, names)
        self._relation(number, dates, publication)
        self._entry(number, says, names)

    # Its texts

    def _title(self, language: str, parties: list[Node]) -> Phrase:
        draws = self._draws
        topic = phrase(draws.ranked(TOPICS[language]))
        first = parties[0].name_in(language)
        if len(parties) == 1:
            return ONE_SIDED.filled(first, topic)
        title = draws.ranked(TITLE_TEMPLATES[language]).filled(
            first, parties[1].name_in(language), topic
        )
        return PROGRAMME.filled(title, self._rare_name()) if draws.chance(0.2) else title

    def _summary(self) -> Phrase:
        draws = self._draws
        how_long = draws.random()
        if how_long < 0.15:
            return NOTHING
        topic = phrase(draws.ranked(TOPICS["en"]))
        said = SHORT_SUMMARY.filled(topic)
        while how_long > 0.4 and len(said.text) < 300 * how_long:
            said = side_by_side(said, draws.of(SUMMARIES).filled(topic, self._rare_name()))
        return said

    def _rare_name(self) -> Phrase:
        return _programme(self._draws.rank(_RARE_NAMES))

    def _entry(self, number: int, says: "_Said", names: set[str]) -> None:
        entry = entry_of(
            title=says.title.indexed,
            ref=f"agr {number:04d}",
            names=names,
            place=says.place.indexed,
            summary=says.summary.indexed,
        )
        self.rows[ENTRIES].append((number, entry.title, entry.body))
        self.words.update(says.title.indexed.split())
        self.words.update(entry.body.split())

    def _agreement(
        self, number: int, says: "_Said", dates: Life, publication: str, verification: str
    ) -> None:
        draws = self._draws
        updated = _NEWEST - timedelta(seconds=draws.below(6 * 365 * 24 * 3600))
        created = updated - timedelta(seconds=draws.below(500 * 24 * 3600))
        published = None if publication in _NEVER_PUBLISHED else _moment(created)
        made_up = {
            "id": number, "edit_token": token(draws), "ref": _ref(number), "title": says.title.text,
            "summary": says.summary.text, "kind": draws.of(_KINDS), "legal_nature": draws.of(_NATURES),
            "stage": dates.stage, "place": says.place.text, "term_kind": dates.term_kind,
            "term": dates.term, "renewal": dates.renewal, "notice": dates.notice, "publication": publication,
            "published_at": published, "created_at": _moment(created), "updated_at": _moment(updated),
            "verification": verification, **_days("signed", columns(dates.signed)),
            **_days("in_force", columns(dates.in_force)), **_days("terminated", columns(dates.terminated)),
            **_days("expires_stated", columns(dates.expires_stated)), **_days("expires", dates.expires),
            **_days("term_end", dates.expires),
            **_days("review_due", columns(dates.review_due)),
        }  # fmt: skip
        self.rows[AGREEMENTS].append(list((_UNKNOWN | made_up).values()))

    def _identifier(self, number: int, names: set[str]) -> None:
        if self._draws.chance(0.1):
            value = f"{self._numbers.everything}-{number}"
            self.rows[IDENTIFIERS].append((number, "generated-register", value))
            names.add(fold(value))

    # Parties, signatories and areas

    def _parties(self, number: int) -> list[Node]:
        draws, known = self._draws, self._world.parties
        chosen: dict[int, Node] = {}
        for position in range(draws.of(_PARTICIPANTS)):
            party = known[draws.rank(len(known))]
            if party.key not in chosen:
                role = _PARTY if position < 2 else draws.of(_ROLES)
                row = (number, party.key, role, position, *_NOTHING_OVER_TIME)
                self.rows[PARTICIPATIONS].append(row)
                chosen[party.key] = party
        return list(chosen.values())

    def _areas(self, number: int, names: set[str]) -> None:
        draws, known = self._draws, self._world.areas
        chosen = {draws.rank(len(known)) for _ in range(draws.of(_AREAS_NAMED))}
        for place in sorted(chosen):
            self.rows[AREA_LINKS].append((number, known[place].key))
            names |= known[place].searched

    def _signatories(self, number: int, parties: list[Node], names: set[str]) -> None:
        draws = self._draws
        signed: set[str] = set()
        for position in range(draws.of(_SIGNATORIES)):
            name = side_by_side(draws.ranked(GIVEN_NAMES), _family(draws.rank(_FAMILIES)))
            if name.text in signed:
                continue
            signed.add(name.text)
            spelled = phrase(f"{name.text}ff") if draws.chance(0.07) else NOTHING
            party = parties[position % len(parties)].key
            row = (number, name.text, draws.of(OFFICES), party, spelled.text, position)
            self.rows[SIGNATORIES].append((*row, *columns("")))
            names |= {name.indexed, spelled.indexed}

    # Sources and evidence

    def _evidence(self, number: int, dates: Life) -> str:
        """Add the evidence and return the verification that follows from it: how many publishers support it."""
        draws = self._draws
        publishers: set[str] = set()
        cited: set[tuple[str, int]] = set()
        for place in range(draws.of(_SOURCES_NAMED)):
            source, publisher = self._source(SOURCES_A_RECORD * (number - 1) + place + 1, dates)
            for _ in range(1 + draws.below(2)):
                fact, basis = draws.of(_FACTS), draws.of(_BASES)
                if (fact, source) in cited:
                    continue
                cited.add((fact, source))
                locator = f"paragraph {1 + draws.below(12)}"
                self.rows[EVIDENCE].append((number, fact, source, locator, basis, ""))
                if basis != _CONTRADICTED:
                    publishers.add(publisher.lower())
        return _by_publishers(len(publishers))

    def _source(self, key: int, dates: Life) -> tuple[int, str]:
        """Return a source with its publisher: one the block already has, or a new one."""
        draws = self._draws
        if self._sources and draws.chance(0.35):
            return self._sources[-1 - draws.rank(min(len(self._sources), 200))]
        paper = draws.rank(len(PLACES) - 1)
        publisher = f"{PLACES[paper].text} {NEWSPAPERS[paper % len(NEWSPAPERS)]}"
        published = columns(dates.signed[:10] if _is_day(dates.signed) else "")
        address = f"https://paper{paper}.example.org/articles/{key}"
        self.rows[SOURCES].append(
            (
                key, token(draws), f"source-{key}", publisher, f"Article {key}", "", address, None,
                None, draws.of(LANGUAGES), "", *published,
            )
        )  # fmt: skip
        self._sources.append((key, publisher))
        return key, publisher

    def _documents(self, number: int, language: str) -> bool:
        """Add a document to some agreements; return whether it is public and verifies the record."""
        draws = self._draws
        if not draws.chance(0.15):
            return False
        kind, is_public = draws.of(_DOCUMENT_KINDS), draws.chance(0.65)
        address = f"https://texts.example.org/{number}.pdf"
        added = _moment(_NEWEST - timedelta(seconds=draws.below(10**8)))
        self.rows[DOCUMENTS].append(
            (
                "", "", None, "", number, kind, f"Text {number}", "", address, language,
                int(is_public), added,
            )
        )  # fmt: skip
        return is_public and kind in _SEEN

    # Events and relations

    def _surroundings(self, number: int, parties: list[Node], dates: Life) -> None:
        draws = self._draws
        if draws.chance(0.2):
            day = LATEST - timedelta(days=draws.below(9000))
            row = (number, draws.of(_EVENT_KINDS), None, "", "A meeting of the parties.", None)
            self.rows[EVENTS].append((*row, *columns(partly_known(draws, day))))
        if draws.chance(0.05):
            due = LATEST + timedelta(days=draws.below(1500) - 750)
            topic = phrase(draws.ranked(TOPICS["en"])).text
            promised = (number, f"A report on {topic}.", parties[0].key, draws.of(_PROGRESS))
            self.rows[COMMITMENTS].append(
                (*promised, None, "", int(True), *columns(partly_known(draws, due)))
            )

    def _relation(self, number: int, dates: Life, publication: str) -> None:
        """Relate some agreements to an earlier one in the block, each earlier one to at most one later one."""
        draws = self._draws
        target = number - 1 - draws.rank(50)
        if target < self._numbers.first or target in self._related or not draws.chance(0.06):
            return
        self._related.add(target)
        kind = draws.of(_RELATIONS)
        self.rows[RELATIONS].append((number, kind, target, ""))
        takes_its_place = kind == RelationKind.SUPERSEDES and dates.stage == Stage.CONCLUDED
        if takes_its_place and publication == _PUBLISHED:
            row: Any = self.rows[AGREEMENTS][target - self._numbers.first]
            row[AGREEMENTS.columns.index("superseded_on")] = reached(dates)


def _days(name: str, values: Columns) -> dict[str, Any]:
    return dict(zip((name, f"{name}_earliest", f"{name}_latest"), values, strict=True))


_UNKNOWN = {
    column.column: column.get_default() or ("" if column.empty_strings_allowed and not column.null else None)
    for column in entered_columns(Agreement)
}  # fmt: skip


class _Said(NamedTuple):
    """The texts of an agreement."""

    title: Phrase
    summary: Phrase
    place: Phrase


def _by_publishers(count: int) -> str:
    if count > 1:
        return Verification.CORROBORATED.value
    return Verification.SINGLE_SOURCE.value if count else Verification.UNVERIFIED.value


@lru_cache(maxsize=_RARE_NAMES)
def _programme(number: int) -> Phrase:
    return phrase(rare_word(number).title())


@lru_cache(maxsize=_FAMILIES)
def _family(number: int) -> Phrase:
    return phrase(
        f"{rare_word(80_000 + number)}{FAMILY_ENDINGS[number % len(FAMILY_ENDINGS)]}".title()
    )


def _ref(number: int) -> str:
    return f"AGR-{number:04d}"


def _is_day(text: str) -> bool:
    return len(text) == len("2022-05-25")


def _moment(when: datetime) -> str:
    """Return a timestamp in UTC in a format that both databases read alike."""
    return when.isoformat(" ", "seconds")[:19]
