"""Relations of other agreements to one that was deleted: they were deleted with it, and are restored with it.

A deletion writes a version of each agreement that loses a relation. This module reads what that version lacks compared
with the one before it; `restoring` restores it, and the page of the deleted record shows it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from reversion.models import Version

from agreements.curation.history.states import Named, Row, State
from agreements.domain import permissions
from agreements.models import Agreement, Removal

_RELATIONS = "relations_out"


@dataclass(frozen=True)
class Incoming:
    """A relation of another agreement to the deleted one; `owner` is None if that is deleted as well."""

    row: Row
    owner: Agreement | None

    def comes_back_for(self, user: permissions.Person | None) -> bool:
        """Whether it comes back when this user, None for a command, restores the record."""
        if self.owner is None:
            return False
        return user is None or permissions.may_change(user, self.owner)


def relations_lost_with(removal: Removal, *, lock: bool = False) -> list[Incoming]:
    """Return the relations of others that this deletion removed, with their agreements as they are now; two queries.

    `lock` locks these agreements until the transaction ends.
    """
    if removal.record != Agreement._meta.label_lower:
        return []
    lost = dict(_lost(removal))
    owners = Agreement.objects.filter(pk__in={key for key, _row in lost}).order_by("pk")
    there = {owner.pk: owner for owner in (owners.select_for_update() if lock else owners)}
    return [Incoming(row, there.get(key)) for (key, _row), row in lost.items()]


def _lost(removal: Removal) -> Iterator[tuple[tuple[int, int | str], Row]]:
    """Yield the relations missing from the versions written at this moment, with the ids of agreement and relation."""
    kept = Version.objects.get_for_model(Agreement).order_by("pk")
    earlier = kept.filter(object_id=OuterRef("object_id"), pk__lt=OuterRef("pk")).order_by("-pk")
    written = kept.filter(revision__date_created=removal.at).exclude(object_id=str(removal.key))
    before = kept.filter(
        pk__in=written.order_by().values(earlier=Subquery(earlier.values("pk")[:1])),
        # as `State.written` writes it; other occurrences of this text are sorted out below
        serialized_data__contains=f'"target": {{"key": {removal.key}, ',
    )
    for version in before:
        for row in State.read(version.serialized_data).rows.get(_RELATIONS, []):
            target = row.values.get("target")
            if isinstance(target, Named) and target.key == removal.key:
                yield (int(version.object_id), row.key), row
