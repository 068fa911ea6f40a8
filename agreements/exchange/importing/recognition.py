"""Finds the stored agreement that each row of a file describes, and refuses references that a new one cannot have."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from django.db.models import QuerySet, Value
from django.db.models.functions import Left, StrIndex
from django.utils.translation import gettext as _
from reversion.models import Version

from agreements.domain.choices import ImportState
from agreements.domain.facts import renamed
from agreements.exchange.importing.readers import Row, where
from agreements.exchange.importing.records import Snapshot, Values, snapshots
from agreements.exchange.importing.statements import Mapping, Statement
from agreements.models import Agreement, ExternalIdentifier, ImportedRecord
from agreements.models.references import REF_PATTERN, number_of

LONGEST_REF = 24
# A file may give a reference at most this far beyond the last one: one further off is a typo that would move all later ones.
FURTHEST_REF = 100_000
_WELL_FORMED = re.compile(REF_PATTERN)


class Recognition:
    """Finds the agreement of each row, in the `sheets` that are read of a workbook.

    `last_given` is the last reference number given before the import took any.
    """

    def __init__(
        self, mapping: Mapping, *, last_given: int, lock: bool, sheets: Sequence[str] = ()
    ) -> None:
        self.mapping = mapping
        self.lock = lock
        self._sheets = sheets
        self.last_given = self.highest_given = last_given
        # the row that first named a reference, an identifier or a record
        self._seen: dict[object, int] = {}
        self._removed_refs: set[str] = set()

    def find(self, groups: Sequence[Sequence[Row]]) -> list[Snapshot | None]:
        """Return the record that each group of rows belongs to, None for a new one; a few queries for all."""
        named = [self.mapping.keys(group) for group in groups]
        refs = {ref for ref, _identifier in named if ref}
        by_ref = dict(Agreement.objects.filter(ref__in=refs).values_list("ref", "pk"))
        by_identifier = owners_of({identifier for _ref, identifier in named if identifier})
        self._removed_refs = _removed(refs - by_ref.keys())
        keys = [
            by_ref.get(ref) or by_identifier.get(identifier or ("", ""))
            for ref, identifier in named
        ]
        known = snapshots([key for key in keys if key], lock=self.lock)
        return [known.get(key or 0) for key in keys]

    def bases(self, keys: Collection[int]) -> dict[int, Values]:
        """Return what the last import of such a file stated about these records, by id."""
        lines = self._earlier.filter(agreement__in=keys).order_by("pk")
        merged: dict[int, Values] = {}
        for key, values in lines.values_list("agreement_id", "stated"):
            merged.setdefault(key, {}).update(renamed(values))
        return merged

    def removed_ref(self, statement: Statement) -> str:
        """Return the reference of the record that an earlier import of such a file created, if it was deleted since."""
        return self._removed_by_staff.get(statement.identifier or ("", ""), "")

    @cached_property
    def _removed_by_staff(self) -> dict[tuple[str, str], str]:
        stated = self._earlier.filter(agreement=None).values_list("ref", "stated__rows:identifiers")
        return {(scheme, value): ref for ref, rows in stated for scheme, value in rows or ()}

    @property
    def _earlier(self) -> QuerySet[ImportedRecord]:
        """What earlier imports of such a file have done."""
        return ImportedRecord.objects.filter(
            run__state=ImportState.APPLIED, run__profile=self.mapping.profile_name
        )

    def check(self, statement: Statement) -> None:
        """Refuse a second row for one record, and a reference that a new record cannot have."""
        found = statement.found
        keys = [statement.ref or statement.identifier, *([found.key] if found else [])]
        first = min(self._seen.setdefault(key, statement.row) for key in keys)
        if first != statement.row:
            shown = statement.ref or " ".join(statement.identifier or ())
            remedy = _("Row %(row)s is the same agreement. Keep only one of the two.")
            statement.refuse("ref", shown, remedy % {"row": where(first, self._sheets)})
        if found is None and statement.ref and (remedy := self._remedy_for(statement.ref)):
            statement.refuse("ref", statement.ref, remedy)

    def note_given(self, ref: str) -> None:
        """Note that a new record takes this reference, so that later ones may follow it."""
        self.highest_given = max(self.highest_given, number_of(ref) or 0)

    def _remedy_for(self, ref: str) -> str:
        """Return why a new record cannot have this reference, empty if it can.

        A reference that the register never gave may be kept, as when a register moves; one that it gave may not.
        """
        number = number_of(ref)
        if not _WELL_FORMED.fullmatch(ref) or len(ref) > LONGEST_REF:
            return _(
                "A reference looks like AGR-0001. Correct it, or leave it empty for a new record."
            )
        # our own references are used up to the last one; any other is used if a deleted record had it
        if ref in self._removed_refs if number is None else number <= self.last_given:
            return _(
                "The record with this reference was removed, or its number was skipped, and "
                "references are never reused. Leave it empty for a new record."
            )
        if (number or 0) > self.highest_given + FURTHEST_REF:
            sentence = _(
                "This reference is more than %(most)s after the last one, AGR-%(last)04d, and every later one "
                "would follow it. Correct it; if it is right, sort the file by reference."
            )
            return sentence % {"most": f"{FURTHEST_REF:,}", "last": self.highest_given}
        return ""


def _removed(refs: set[str]) -> set[str]:
    """Return which of these references a record once had, leaving out those of our own pattern.

    The counter does not know them, so this asks the versions: one query, or none where all references are ours.
    """
    of_others = {ref for ref in refs if number_of(ref) is None}
    # the text of an agreement is its reference, a blank and its title
    ref = Left("object_repr", StrIndex("object_repr", Value(" ")) - 1)
    versions = Version.objects.get_for_model(Agreement).order_by().annotate(ref=ref)
    return set(versions.filter(ref__in=of_others).values_list("ref", flat=True))


def owners_of(identifiers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the ids of the agreements that have these identifiers (scheme and value); one query for each scheme."""
    found: dict[tuple[str, str], int] = {}
    values_of: dict[str, set[str]] = defaultdict(set)
    for scheme, value in identifiers:
        values_of[scheme].add(value)
    for scheme, values in values_of.items():
        rows = ExternalIdentifier.objects.filter(scheme=scheme, value__in=values)
        found |= {(scheme, value): key for value, key in rows.values_list("value", "agreement_id")}
    return found
