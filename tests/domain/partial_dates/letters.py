"""A model with partial dates, only for the tests of the field: letters, not agreements.

It is outside the application's registry, so no migration and no other test sees it.
"""

from datetime import date
from typing import ClassVar, Self

from django.db import connection, models
from django.test.utils import isolate_apps

from agreements.domain.partial_dates import PartialDateField

with isolate_apps():

    class Dated(models.Model):
        """The field must also work if it is inherited."""

        received = PartialDateField(blank=True)

        class Meta:
            abstract = True

    class Letter(Dated):
        signed = PartialDateField("signed", blank=True, help_text="As far as it is known.")
        subject = models.CharField(max_length=50, blank=True)

        objects: ClassVar[models.Manager[Self]] = models.Manager()
        # the columns that the fields add, for the type checker
        signed_earliest: date | None
        signed_latest: date | None
        received_latest: date | None

        class Meta:
            app_label = "letters"
            constraints = [PartialDateField.constraint("signed")]

        def __str__(self) -> str:
            return self.subject


def stored(letter: models.Model) -> tuple[str, date | None, date | None]:
    """The three columns as they are in the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT signed, signed_earliest, signed_latest FROM letters_letter WHERE id = %s",
            [letter.pk],
        )
        text, *days = cursor.fetchone()
    earliest, latest = (date.fromisoformat(day) if isinstance(day, str) else day for day in days)
    return text, earliest, latest
