"""Imported files, what happened to their rows, what is needed to undo an import, and what fixtures have loaded.

Only `agreements.exchange` writes these rows. They are bookkeeping, not content of the register: the line of a
deleted agreement stays here.
"""

import hashlib
import json
import uuid
from pathlib import PurePath

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ImportState, ImportWork, RowOutcome
from agreements.models.agreements import Agreement
from agreements.models.columns import by_user, code
from agreements.models.documents import document_storage


def stored_name(run: "Import", filename: str) -> str:
    """Return a random name; the original name is stored in a column, and no URL leads to the file."""
    return f"imports/{uuid.uuid4().hex}{PurePath(filename).suffix.lower()[:10]}"


class Import(models.Model):
    """One imported file, from its preview until it is undone."""

    file = models.FileField(
        _("file"), storage=document_storage, upload_to=stored_name, max_length=200
    )
    file_name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    profile = models.CharField(_("profile"), max_length=60)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    state = code(_("state"), ImportState, ImportState.PREVIEWED)
    by = by_user(_("by"))
    uploaded_at = models.DateTimeField(_("uploaded"))
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = by_user(_("undone by"))

    # what a process is doing for it and since when, and why the last process ended without a result
    work = models.CharField(max_length=10, choices=ImportWork, blank=True)
    work_began_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    rows = models.PositiveIntegerField(default=0)

    is_partial = models.BooleanField(_("leave refused rows out"), default=False)
    overwrites = models.BooleanField(_("overwrite what staff changed"), default=False)
    creates_parties = models.BooleanField(_("create unknown parties"), default=False)
    # by the folded spelling in the file: the party meant, as `importing.answers` writes it
    answers = models.JSONField(default=dict)
    # how staff want the file read, as the [file] of a profile: sheets, and the row in which the headings end
    reading = models.JSONField(default=dict)
    # what the columns mean, as the table of a profile; empty if `profile` names a shipped one or the register's own
    mapping = models.JSONField(default=dict)
    # what the file holds, as `importing.surveys` describes it: sheets, headings, samples and distinct texts
    survey = models.JSONField(default=dict)
    # by the number of the row and the heading of the column: the text that stands for the cell's
    corrections = models.JSONField(default=dict)
    # the numbers of the rows that staff left out
    left_out = models.JSONField(default=list)

    created = models.PositiveIntegerField(_("created"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    kept = models.PositiveIntegerField(_("kept"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    new_refs = models.PositiveIntegerField(default=0)
    # remarks on the file as a whole, and unknown names of parties, as `importing.report` writes them
    notes = models.JSONField(default=list)
    unknown_parties = models.JSONField(default=list)
    # a digest of what the preview showed: applying it must do the same
    plan_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name

    @property
    def seen(self) -> str:
        """A digest of what the pages of columns and values show: a form from before it changed is out of date."""
        headings = [column["heading"] for column in self.survey.get("columns", ())]
        shown = [headings, self.mapping, self.reading, self.encoding]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def seen_in_preview(self) -> str:
        """A digest of what the preview shows, which alone may be imported."""
        return f"{self.seen}{self.plan_digest}"

    @property
    def writes(self) -> int:
        """The number of records it creates or changes."""
        return self.created + self.changed


class ImportProfile(models.Model):
    """What the columns of files mean, under a name: a profile that staff made in the admin or read from a TOML file.

    `table` is that file's content. The profiles shipped with the project are files, and have no row here.
    """

    name = models.SlugField(_("name"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    table = models.JSONField(default=dict)
    by = by_user(_("by"))
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        default_permissions = ()
        verbose_name = _("import profile")
        verbose_name_plural = _("import profiles")
        ordering = ("title", "name")

    def __str__(self) -> str:
        return self.title


class ImportedRecord(models.Model):
    """What an import does with one record: a line of the preview, and later what undoing needs.

    Unchanged records have none. `stated` is what the file said, `before` what it replaced (null for a new record), both
    as `importing.records` writes values; `token` and `token_before` are the record's `edit_token` after and before.
    """

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="records")
    row = models.PositiveIntegerField(_("row"))
    outcome = code(_("outcome"), RowOutcome)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.SET_NULL, null=True, related_name="imported_records"
    )
    ref = models.CharField(_("reference"), max_length=24, blank=True)
    title = models.TextField(_("title"), blank=True)
    # texts for people: [field, before, after] or [row, column, value, remedy]
    changes = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    # the rows as the file has them, as `importing.kept_cells` writes them; empty where there was no room for them
    cells = models.JSONField(default=list)
    stated = models.JSONField(default=dict)
    before = models.JSONField(null=True)
    token = models.CharField(max_length=32, blank=True)
    token_before = models.CharField(max_length=32, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        indexes = [models.Index(fields=["run", "outcome", "id"])]

    def __str__(self) -> str:
        return f"{self.row}: {self.ref or self.title}"


class ImportedAddition(models.Model):
    """A party, spelling or source that an import added along with agreements; undoing it removes the unused ones."""

    class What(models.TextChoices):
        PARTY = "party"
        PARTY_NAME = "party_name"
        SOURCE = "source"

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="additions")
    what = models.CharField(max_length=20, choices=What)
    key = models.PositiveBigIntegerField()
    # the record's `edit_token` when it was added: undoing leaves one that was edited since
    token = models.CharField(max_length=32, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["run", "what"])]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"


class SeededRecord(models.Model):
    """One record of a fixture, with its digest in the fixture and in the database just after it was loaded.

    So `manage.py seed`, the only writer of these rows, never overwrites or restores what staff changed or deleted.
    """

    root = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    fixture_digest = models.CharField(max_length=64)
    state_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["root", "key"], name="seeded_record_once")]

    def __str__(self) -> str:
        return f"{self.root} {self.key}"
