"""Tombstones of records that were public and are not any more, and the erasures of people's names.

Records that were withdrawn or deleted before get a tombstone that withholds their title and gives no reason. It takes a
second for ten thousand withdrawn or deleted records, and no time for others.
"""

import json
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import agreements.models.columns
from agreements.domain.permissions import grant_roles

_TOGETHER = 500


def leave_tombstones(apps: Any, schema_editor: Any) -> None:
    """Leave one for each unpublished record that was public once, and for each record that was deleted while public."""
    database = schema_editor.connection.alias
    tombstone, agreement, step, removal = (
        apps.get_model("agreements", name)
        for name in ("Tombstone", "Agreement", "PublicationStep", "Removal")
    )
    version = apps.get_model("reversion", "Version")
    rows = tombstone.objects.using(database)
    last = step.objects.filter(agreement=models.OuterRef("pk"), verb="withdraw").order_by("-id")
    withdrawn = (
        agreement.objects.using(database)
        .exclude(publication="published")
        .annotate(last=models.Subquery(last.values("at")[:1]))
        .filter(models.Q(published_at__isnull=False) | models.Q(last__isnull=False))
        .values_list("ref", "last", "updated_at")
    )
    waiting = []
    for ref, at, updated_at in withdrawn.iterator(_TOGETHER):
        waiting.append(tombstone(ref=ref, withdrawn_at=at or updated_at))
        if len(waiting) == _TOGETHER:
            rows.bulk_create(waiting, ignore_conflicts=True)
            waiting = []
    rows.bulk_create(waiting, ignore_conflicts=True)
    there = agreement.objects.using(database)
    removals = removal.objects.using(database).filter(
        record="agreements.agreement", restored_at__isnull=True
    )
    for version_id, at in removals.values_list("version_id", "at").iterator(_TOGETHER):
        stored = version.objects.using(database).filter(pk=version_id)
        values = json.loads(stored.values_list("serialized_data", flat=True).get())["values"]
        was_public = values.get("publication") == "published" or values.get("published_at")
        if was_public and not there.filter(ref=values["ref"]).exists():
            rows.bulk_create([tombstone(ref=values["ref"], withdrawn_at=at)], ignore_conflicts=True)


def grant(apps: Any, schema_editor: Any) -> None:
    """Let administrators erase names."""
    grant_roles(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0030_public_facts"),
        ("reversion", "0002_add_index_on_version_for_content_type_and_db"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.CharField(max_length=24, unique=True, verbose_name="reference")),
                (
                    "title",
                    agreements.models.columns.LongText(
                        blank=True, max_length=2000, verbose_name="title"
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(db_index=True, verbose_name="withdrawn")),
                (
                    "reason",
                    agreements.models.columns.LongText(
                        blank=True, max_length=1000, verbose_name="reason for the public"
                    ),
                ),
            ],
            options={
                "verbose_name": "withdrawn record",
                "verbose_name_plural": "withdrawn records",
                "ordering": ("-withdrawn_at", "-ref"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="erased")),
                (
                    "reason",
                    agreements.models.columns.LongText(max_length=100000, verbose_name="reason"),
                ),
                (
                    "replacement",
                    agreements.models.columns.Line(max_length=60, verbose_name="replaced by"),
                ),
                ("places", models.PositiveIntegerField(verbose_name="places")),
                ("touched", models.JSONField(default=list, verbose_name="what was touched")),
                (
                    "import_files",
                    models.PositiveIntegerField(default=0, verbose_name="import files removed"),
                ),
                (
                    "documents_removed",
                    models.PositiveIntegerField(default=0, verbose_name="documents removed"),
                ),
                (
                    "documents_kept",
                    models.PositiveIntegerField(default=0, verbose_name="documents kept"),
                ),
                ("digest", models.CharField(max_length=64)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure of a name",
                "verbose_name_plural": "erasures of names",
                "ordering": ("-id",),
                "default_permissions": (),
                "permissions": [("erase_name", "Can erase people's names")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="erasure_says_why",
                        violation_error_message="Say why the name is erased.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("replacement", ""), _negated=True),
                        name="erasure_says_what_instead",
                        violation_error_message="Say what stands in place of the name.",
                    ),
                ],
            },
        ),
        migrations.RunPython(leave_tombstones, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
