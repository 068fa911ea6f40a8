"""What `manage.py seed` has loaded, so that it never overwrites or restores what staff changed or deleted."""

from django.db import models


class SeededRecord(models.Model):
    """One record of a fixture, with its digest in the fixture and in the database just after it was loaded."""

    root = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    fixture_digest = models.CharField(max_length=64)
    state_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["root", "key"], name="seeded_record_once")]

    def __str__(self) -> str:
        return f"{self.root} {self.key}"
