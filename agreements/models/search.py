"""The search index as it is stored: written by `agreements.search`, kept up to date by `search_upkeep`."""

from django.db import models

from agreements.models.agreements import Agreement
from agreements.search import LONGEST_WORD


class SearchEntry(models.Model):
    """The folded words of an agreement.

    SQLite also keeps a full-text table by triggers, which `migrate` creates after its last migration; PostgreSQL keeps
    two generated columns.
    """

    # Deleted by `search_upkeep`, so that the admin does not ask to confirm it when an agreement is deleted.
    agreement = models.OneToOneField(
        Agreement, on_delete=models.DO_NOTHING, primary_key=True, related_name="search_entry"
    )
    title = models.TextField()
    body = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word of the register's vocabulary; duplicates do no harm."""

    word = models.CharField(max_length=LONGEST_WORD, db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word
