"""How often the public register has changed, and which agreements lately: kept by triggers of the database.

`agreements.counting.register_version` makes the triggers and reads these rows; no Python code writes them, so that no
writer can forget to.
"""

from django.db import models


class RevisionShard(models.Model):
    """A part of the register's revision, moved at most once by a transaction that changes what the public sees.

    SQLite has one, for it has one writer at a time. PostgreSQL has several: a transaction holds the one it moves until it
    commits, and the next transaction takes another. Within a shard, therefore, changes are committed in the order of
    their `number`. The `nonce` tells two changes apart of which one was rolled back.
    """

    shard = models.PositiveSmallIntegerField(primary_key=True)
    number = models.BigIntegerField(default=0)
    nonce = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.shard}: {self.number}"


class TouchedAgreement(models.Model):
    """That an agreement which is or was public changed with this number of a shard; the latest numbers only.

    `agreement` is no foreign key: it may be deleted, and 0 stands for all of them.
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
