"""The form in which django-reversion stores a record: the whole record in one version.

By default django-reversion stores a version for each row, found by following relations at every save. To show one
record of an import it would have to read every row of that import; here it reads one.
"""

from collections.abc import Iterable

import reversion
from django.core.serializers import register_serializer

from agreements.curation.history.states import state_of
from agreements.models import RECORDS
from agreements.models.edit_tokens import Tokened

FORMAT = "record"


class Serializer:
    """Writes the state of one record, as Django expects of a serializer; `agreements.curation.history.past` reads it."""

    internal_use_only = True

    def serialize(self, records: Iterable[Tokened], **options: object) -> str:
        [record] = records
        state = getattr(record, "state_read", None) or state_of(record)
        self.written = state.written()
        return self.written

    def getvalue(self) -> str:
        return self.written


register_serializer(FORMAT, __name__)
for _record in RECORDS:
    reversion.register(_record, format=FORMAT)
