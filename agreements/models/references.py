"""The counter of public references: stable, in order of entry, never assigned twice."""

import re

from django.db import models, transaction
from django.utils.translation import gettext as _

REF_PATTERN = r"[A-Z]{2,8}-[0-9]{4,12}"
# what the pattern can hold
_LAST_NUMBER = 10**12 - 1
_NUMBERED = re.compile(r"^AGR-([0-9]{4,12})$")


class NoReferenceLeftError(Exception):
    """The counter has reached the last number a reference can hold. The text says so."""

    def __init__(self) -> None:
        text = _(
            "No reference is left: the last possible one is AGR-%(last)d. "
            "Nothing was saved; ask the operator of the register."
        )
        super().__init__(text % {"last": _LAST_NUMBER})


class ReferenceCounter(models.Model):
    """One row that holds the last number assigned; it only ever grows."""

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)

    @classmethod
    def take(cls, count: int = 1) -> list[str]:
        """Return the next `count` references, such as AGR-0010, and mark them as assigned.

        The row is updated before it is read, so two concurrent writers never get the same number. Raises
        `NoReferenceLeftError` for numbers that no URL could hold.
        """
        with transaction.atomic():
            cls.objects.get_or_create(pk=1)
            cls.objects.filter(pk=1).update(last=models.F("last") + count)
            last = cls.objects.values_list("last", flat=True).get(pk=1)
            if last > _LAST_NUMBER:
                raise NoReferenceLeftError
        return [f"AGR-{number:04d}" for number in range(last - count + 1, last + 1)]

    @classmethod
    def mark_given(cls, ref: str) -> None:
        """Never assign `ref`, which came from elsewhere (a fixture, an import)."""
        number = number_of(ref)
        if number is not None:
            cls.mark_given_up_to(number)

    @classmethod
    def mark_given_up_to(cls, number: int) -> None:
        """Never assign this number or any before it again."""
        cls.objects.get_or_create(pk=1)
        cls.objects.filter(pk=1, last__lt=number).update(last=number)

    @classmethod
    def last_given(cls) -> int:
        """Return the highest number ever assigned, 0 if none was."""
        return cls.objects.filter(pk=1).values_list("last", flat=True).first() or 0


def number_of(ref: str) -> int | None:
    """Return the number in a reference of this register's own kind, None for any other."""
    numbered = _NUMBERED.match(ref)
    return int(numbered[1]) if numbered else None
