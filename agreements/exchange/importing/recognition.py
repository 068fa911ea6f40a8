"""Finds the agreement of the register that each row of a file is, and refuses references that cannot be given."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Value
from django.db.models.functions import Left, StrIndex
from django.utils.translation import gettext as _
from reversion.models import Version

from agreements.domain.choices import ImportState
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.records import Snapshot, Values, snapshots
from agreements.exchange.importing.statements import Mapping, Statement
from agreements.models import Agreement, ExternalIdentifier, ImportedRecord
from agreements.models.references import REF_PATTERN, number_of

LONGEST_REF = 24
# A file may give a reference at most this far beyond the last one: one further off is a typo that would move all later ones.
FURTHEST_REF = 100_000
_WELL_FORMED = re.compile(REF_PATTERN)


class Recognition:
    """Which agreement each row is. `last_given` is the last reference number given before the import took any."""

    def __init__(self, mapping: Mapping, *, last_given: int, lock: bool) -> None:
        self.mapping = mapping
        self.lock = lock
        self.last_given = self.highest_given = last_given
        self._seen: dict[Any, int] = {}
        self._removed_refs: set[str] = set()

    def find(self, groups: Sequence[Sequence[Row]]) -> list[Snapshot | None]:
        """Return the record that each group of rows belongs to, None for a new one; a few queries for all."""
        keys = [self.mapping.keys(group) for group in groups]
        refs = {ref for ref, _identifier in keys if ref}
        identifiers = {identifier for _ref, identifier in keys if identifier}
        by_ref = (
            dict(Agreement.objects.filter(ref__in=refs).values_list("ref", "pk")) if refs else {}
        )
        by_identifier = _by_identifier(identifiers)
        self._removed_refs = _removed(refs - by_ref.keys())
        ids = [
            by_ref.get(ref) or by_identifier.get(identifier or ("", "")) for ref, identifier in keys
        ]
        known = snapshots([key for key in ids if key], lock=self.lock)
        return [known.get(key) if key else None for key in ids]

    def bases(self, keys: list[int]) -> dict[int, Values]:
        """Return what the last import of such a file stated about these records, by id."""
        if not keys:
            return {}
        stated = ImportedRecord.objects.filter(
            agreement__in=keys,
            run__state=ImportState.APPLIED,
            run__profile=self.mapping.profile_name,
        )
        merged: dict[int, Values] = {}
        for key, values in stated.order_by("pk").values_list("agreement_id", "stated"):
            merged.setdefault(key, {}).update(values)
        return merged

    def check(self, statement: Statement, found: Snapshot | None) -> None:
        """Refuse a second row for one record, and a reference that a new record cannot have."""
        self._refuse_twice(statement, found)
        if found is None and statement.ref:
            self._check_new_ref(statement)

    def note_given(self, ref: str) -> None:
        """Note that a new record takes this reference, so that later ones may follow it."""
        self.highest_given = max(self.highest_given, number_of(ref) or 0)

    def _refuse_twice(self, statement: Statement, found: Snapshot | None) -> None:
        keys = [statement.ref or statement.identifier, *([found.key] if found else [])]
        first = min(self._seen.setdefault(key, statement.row) for key in keys)
        if first != statement.row:
            shown = statement.ref or " ".join(statement.identifier or ())
            statement.refuse(
                "ref", shown, _("Row %(row)d is the same agreement. Keep only one of the two.") % {"row": first}
            )  # fmt: skip

    def _check_new_ref(self, statement: Statement) -> None:
        """A reference that the register never gave may be kept, as when a register moves; one that it gave may not."""
        if not _WELL_FORMED.fullmatch(statement.ref) or len(statement.ref) > LONGEST_REF:
            statement.refuse(
                "ref",
                statement.ref,
                _(
                    "A reference looks like AGR-0001. Correct it, or leave it empty for a new record."
                ),
            )
        elif self._is_given(statement.ref):
            statement.refuse(
                "ref",
                statement.ref,
                _(
                    "The record with this reference was removed, or its number was skipped, and "
                    "no reference is given twice. Leave it empty for a new record."
                ),
            )
        elif (number_of(statement.ref) or 0) > self.highest_given + FURTHEST_REF:
            statement.refuse(
                "ref",
                statement.ref,
                _(
                    "This reference is more than %(most)s after the last one, AGR-%(last)04d, and every later one "
                    "would follow it. Correct it; if it is right, sort the file by reference."
                )
                % {"most": f"{FURTHEST_REF:,}", "last": self.highest_given},
            )

    def _is_given(self, ref: str) -> bool:
        """Whether a record had this reference: all of ours up to the last, any other if a deleted record had it."""
        number = number_of(ref)
        return ref in self._removed_refs if number is None else number <= self.last_given


def _removed(refs: set[str]) -> set[str]:
    """Return which of these references, if not of our own pattern, a record once had.

    The counter does not know them, so this asks the versions: one query, or none where all references are ours.
    """
    of_others = {ref for ref in refs if number_of(ref) is None}
    if not of_others:
        return set()
    # an agreement reads as its reference, a blank and its title
    ref = Left("object_repr", StrIndex("object_repr", Value(" ")) - 1)
    versions = Version.objects.get_for_model(Agreement).order_by().annotate(ref=ref)
    return set(versions.filter(ref__in=of_others).values_list("ref", flat=True))


def _by_identifier(identifiers: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for scheme in {scheme for scheme, _value in identifiers}:
        values = [value for of, value in identifiers if of == scheme]
        rows = ExternalIdentifier.objects.filter(scheme=scheme, value__in=values)
        found |= {(scheme, value): key for value, key in rows.values_list("value", "agreement_id")}
    return found
