"""Enters the states of the world as parties, with their names and successors, without doubling or overriding anything.

`manage.py seed` calls `seed_states` at every start. A state that the register already has, by its country code or else by
its name, keeps everything staff typed: only names it lacks, empty columns and missing successors are added. What staff
removed or edited afterwards stays as they left it. Written in bulk, because there are nearly three hundred.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property

from django.db import connection, transaction
from django.utils.translation import gettext as _

from agreements.curation.history.recording import note_about_to_change, note_written, recorded
from agreements.domain.choices import NameKind, PartyKind
from agreements.domain.chunks import in_chunks
from agreements.domain.states import State, StateName, states, stored_text
from agreements.exchange.seeding import Outcome, Record, Result, state_of
from agreements.models import (
    Agreement,
    FormerPartySlug,
    Party,
    PartyName,
    SeededRecord,
    Succession,
)
from agreements.search import fold

_ROOT = Party._meta.label_lower
_BATCH = 200
# "states" in ASCII
_LOCK = 0x737461746573
# What may stand for a state whose country nobody has entered.
_KINDS = (PartyKind.STATE, PartyKind.OTHER, PartyKind.INTERNATIONAL_ORGANISATION)


@dataclass(eq=False)
class _Entry:
    """A state, and the party that stands for it, if there is one. `others` are the names of its doubles."""

    state: State
    record: Record
    known: SeededRecord | None
    party: Party | None = None
    others: set[str] = field(default_factory=set)
    outcome: Outcome = Outcome.UNCHANGED

    @cached_property
    def is_due(self) -> bool:
        return self.known is None or self.known.fixture_digest != self.record.digest


def seed_states(*, dry_run: bool = False) -> list[Result]:
    """Enter every state that the register lacks, add what the others lack, and return what was done with each.

    One query if nothing has changed since the last call. Everything is one transaction, which a dry run rolls back.
    """
    entries = _entries()
    if not any(entry.is_due for entry in entries):
        return [Result(entry.record, Outcome.UNCHANGED) for entry in entries]
    with transaction.atomic():
        _wait_for_others()
        entries = _entries()
        _match(entries)
        results = [_planned(entry) for entry in entries]
        wanted = [
            entry
            for entry, result in zip(entries, results, strict=True)
            if result.outcome in (Outcome.CREATED, Outcome.CHANGED)
        ]
        with recorded(why=_("The states that come with the register.")):
            _write(wanted, entries)
        _remember(wanted)
        if dry_run:
            transaction.set_rollback(True)
    return [
        Result(result.record, entry.outcome) if entry in wanted else result
        for entry, result in zip(entries, results, strict=True)
    ]


def _entries() -> list[_Entry]:
    known = {row.key: row for row in SeededRecord.objects.filter(root=_ROOT, key__in=states())}
    return [
        _Entry(state, Record(Party, code, [{"text": stored_text(code)}]), known.get(code))
        for code, state in states().items()
    ]


def _wait_for_others() -> None:
    """Let only one server at a time enter states; on SQLite the transaction itself does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


# Which party stands for a state


def _match(entries: list[_Entry]) -> None:
    """Find the party of each state: by its code, or by a name if the country of the party is not known."""
    by_code: dict[str, list[Party]] = defaultdict(list)
    for party in Party.objects.filter(country__in=states(), kind=PartyKind.STATE).order_by("pk"):
        by_code[str(party.country)].append(party)
    by_name: dict[str, list[Party]] = defaultdict(list)
    names = {name for entry in entries for name in _own_names(entry.state)}
    for chunk in in_chunks(sorted(names)):
        named = Party.objects.filter(folded_name__in=chunk, kind__in=_KINDS, parent=None)
        for party in named.order_by("pk"):
            by_name[party.folded_name].append(party)
    for entry in entries:
        code = entry.state.code
        found = by_code[code] or [
            party
            for name in _own_names(entry.state)
            for party in by_name[name]
            if str(party.country) in ("", code)
        ]
        names_in_order = _own_names(entry.state)
        found.sort(key=lambda party: _place(party.folded_name, names_in_order))
        if found:
            entry.party, *doubles = found
            entry.others = {double.folded_name for double in doubles if double.pk != entry.party.pk}


def _own_names(state: State) -> list[str]:
    """Return the folded names that no other state has, its main name first."""
    names = [state.name, *(name.name for name in state.names)]
    return [folded for folded in dict.fromkeys(map(fold, names)) if folded not in _shared_names()]


@cache
def _shared_names() -> set[str]:
    """Return the folded names of several states, such as Korea."""
    counted: dict[str, set[str]] = defaultdict(set)
    for code, state in states().items():
        for name in (state.name, *(each.name for each in state.names)):
            counted[fold(name)].add(code)
    return {name for name, codes in counted.items() if len(codes) > 1}


def _place(name: str, names: list[str]) -> int:
    return names.index(name) if name in names else len(names)


def _planned(entry: _Entry) -> Result:
    """Return what is to be done with a state: it is created, completed (as a change), or left alone."""
    if not entry.is_due:
        return Result(entry.record, Outcome.UNCHANGED)
    if entry.known is None:
        return Result(entry.record, Outcome.CHANGED if entry.party else Outcome.CREATED)
    if entry.party is None:
        return Result(entry.record, Outcome.KEPT, _("has been removed"))
    if entry.party.edit_token != entry.known.state_digest:
        return Result(entry.record, Outcome.KEPT, _("has been edited"))
    return Result(entry.record, Outcome.CHANGED)


# Writing


def _write(wanted: list[_Entry], entries: Iterable[_Entry]) -> None:
    present = [entry for entry in wanted if entry.party is not None]
    fresh = [entry for entry in wanted if entry.party is None]
    untouched = _unedited(present)
    note_about_to_change(Party, [entry.party.pk for entry in present if entry.party])
    _create(fresh)
    _complete(present)
    _add_successions(wanted, {entry.state.code: entry.party for entry in entries})
    note_written(Party, [e.party.pk for e in wanted if e.party and e.outcome != Outcome.UNCHANGED])
    changed = [e.party for e in present if e.party and e.outcome == Outcome.CHANGED]
    Party.objects.filter(pk__in=[party.pk for party in changed]).renew_edit_tokens()
    Agreement.objects.of_parties([party.slug for party in changed]).refresh_search()
    for row in untouched:
        row.state_digest = state_of(Party.objects.get(slug=row.key))
        row.save(update_fields=["state_digest"])


def _unedited(present: Iterable[_Entry]) -> list[SeededRecord]:
    """Return what is remembered of parties that a fixture entered and nobody has edited: they stay unedited."""
    parties = {entry.party.slug: entry.party for entry in present if entry.party}
    rows = SeededRecord.objects.filter(root=_ROOT, key__in=parties)
    return [row for row in rows if row.state_digest == state_of(parties[row.key])]


def _create(fresh: list[_Entry]) -> None:
    taken = _taken_slugs(entry.state for entry in fresh)
    for entry in fresh:
        state = entry.state
        slugs = _slugs(state)
        slug = next(slug for slug in slugs if slug not in taken)
        taken.add(slug)
        entry.outcome = Outcome.CREATED
        entry.party = Party(
            slug=slug,
            name=state.name,
            short_name=state.short_name,
            kind=state.kind,
            country=state.code,
        )
    Party.objects.bulk_create([e.party for e in fresh if e.party], batch_size=_BATCH)
    PartyName.objects.bulk_create(
        (_row(e.party, name) for e in fresh if e.party for name in e.state.names),
        batch_size=_BATCH,
    )


def _taken_slugs(fresh: Iterable[State]) -> set[str]:
    wanted = [slug for state in fresh for slug, _n in zip(_slugs(state), range(9), strict=False)]
    return {
        slug
        for chunk in in_chunks(wanted)
        for rows in (Party.objects, FormerPartySlug.objects)
        for slug in rows.filter(slug__in=chunk).values_list("slug", flat=True)
    }


def _slugs(state: State) -> Iterator[str]:
    """Yield the slugs a state may have, in the order of preference."""
    national = f"{state.slug}-{state.code.lower()}"
    yield from (state.slug, national, *(f"{national}-{n}" for n in range(2, 9)))


def _row(party: Party, name: StateName) -> PartyName:
    return PartyName(party=party, **asdict(name))


def _complete(present: list[_Entry]) -> None:
    """Add to the stored parties what they lack; nothing that staff typed is replaced."""
    keys = [entry.party.pk for entry in present if entry.party]
    stored: dict[int, list[PartyName]] = defaultdict(list)
    for row in PartyName.objects.filter(party__in=keys).order_by("pk"):
        stored[row.party_id].append(row)
    new: list[PartyName] = []
    for entry in present:
        if entry.party is None:
            continue
        names = stored[entry.party.pk]
        filled = [*_fill(entry.party, entry.state), *_date(names, entry.state)]
        taken = entry.others | {fold(name.name) for name in names}
        taken |= {fold(entry.party.name)}
        lacking = [name for name in _names(entry) if fold(name.name) not in taken]
        new += (_row(entry.party, name) for name in lacking)
        if filled or lacking:
            entry.outcome = Outcome.CHANGED
    PartyName.objects.bulk_create(new, batch_size=_BATCH)


def _names(entry: _Entry) -> Iterator[StateName]:
    """Yield the state's names with its main one, which the party may not have as its own."""
    yield StateName(entry.state.name, NameKind.ALIAS, "en", "", "", "")
    yield from entry.state.names


def _fill(party: Party, state: State) -> list[str]:
    """Fill the columns that are empty, save the party, and return their names."""
    values = {"country": state.code, "short_name": state.short_name}
    filled = [name for name, value in values.items() if value and not getattr(party, name)]
    for name in filled:
        setattr(party, name, values[name])
    if filled:
        party.save(update_fields=filled)
    return filled


def _date(names: Iterable[PartyName], state: State) -> list[str]:
    """Date the former names that have no dates yet, and return them."""
    former = {fold(name.name): name for name in state.names if name.kind == NameKind.FORMER}
    dated = []
    for row in names:
        said = former.get(fold(row.name))
        if said and row.kind == NameKind.FORMER and not (row.used_from or row.used_until):
            row.used_from, row.used_until = said.used_from, said.used_until
            row.save(update_fields=["used_from", "used_until"])
            dated.append(row.name)
    return dated


def _add_successions(wanted: Iterable[_Entry], parties: dict[str, Party | None]) -> None:
    owners = {e.party.pk: e for e in wanted if e.party and e.state.successors}
    pairs = set(
        Succession.objects.filter(predecessor__in=owners).values_list("predecessor", "successor")
    )
    new = []
    for key, entry in owners.items():
        for code, day in entry.state.successors.items():
            successor = parties.get(code)
            if successor is None or successor.pk == key or (key, successor.pk) in pairs:
                continue
            new.append(Succession(predecessor=entry.party, successor=successor, date=day))
            if entry.outcome == Outcome.UNCHANGED:
                entry.outcome = Outcome.CHANGED
    Succession.objects.bulk_create(new, batch_size=_BATCH)


def _remember(wanted: Iterable[_Entry]) -> None:
    """Keep the digest of each state and the edit token of its party, which tells whether somebody has edited it since."""
    keys = {entry.state.code: entry.party.pk for entry in wanted if entry.party}
    tokens = dict(Party.objects.filter(pk__in=keys.values()).values_list("pk", "edit_token"))
    SeededRecord.objects.bulk_create(
        (
            SeededRecord(
                **entry.record.identity,
                fixture_digest=entry.record.digest,
                state_digest=tokens[keys[entry.state.code]],
            )
            for entry in wanted
        ),
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["root", "key"],
        update_fields=["fixture_digest", "state_digest"],
    )
