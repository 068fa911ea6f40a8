"""The register version: how often the public register has changed, and which agreements have changed lately.

`agreements.counting.register_version` reads these rows, and installs the database triggers that write them. No Python
code has to remember to write them.
"""

from django.db import models


class RevisionShard(models.Model):
    """A part of the register version; a transaction that changes what the public sees increments one shard once.

    SQLite has one shard, since it has one writer at a time. PostgreSQL has several: a transaction locks the one it
    increments until it commits, and the next transaction takes another. So within a shard, changes are committed in
    the order of their `number`. The `nonce` distinguishes a change from one with the same number that was rolled back.
    """

    shard = models.PositiveSmallIntegerField(primary_key=True)
    number = models.BigIntegerField(default=0)
    nonce = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.shard}: {self.number}"


class TouchedAgreement(models.Model):
    """An agreement that is or was public, changed with this number of a shard; only the latest numbers are kept.

    `agreement` is not a foreign key: it may be deleted, and 0 stands for all agreements.
    """

    shard = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    agreement = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["shard", "number", "agreement"], name="touched_once_by_a_change"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shard}: {self.number}: {self.agreement}"
