"""Language versions, the availability of the text, public and internal commitments, documents as evidence.

Commitments that exist stay public, as they are today; new ones are internal until somebody marks them public. On SQLite
the table of evidence is rebuilt, on PostgreSQL it is read once: about a second for each million rows.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower

import agreements.models.columns
import agreements.models.languages
from agreements.domain.permissions import grant_roles


def grant(apps, schema_editor):
    grant_roles(apps, schema_editor.connection.alias)


LANGUAGE_VERSIONS = migrations.CreateModel(
    name="LanguageVersion",
    fields=[
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        (
            "agreement",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="languages",
                to="agreements.agreement",
                verbose_name="agreement",
            ),
        ),
        (
            "language",
            models.CharField(
                help_text="Language tag (BCP 47), such as az, en, ru or sr-Latn.",
                max_length=35,
                validators=[agreements.models.languages.refuse_unknown_form],
                verbose_name="language",
            ),
        ),
        (
            "status",
            models.CharField(
                choices=[
                    ("authentic", "Authentic text"),
                    ("translation", "Translation"),
                    ("unknown", "Not known whether authentic"),
                ],
                default="unknown",
                help_text="Authentic: the parties agreed on it, and the final clauses name its language.",
                max_length=20,
                verbose_name="status of this text",
            ),
        ),
        (
            "prevails",
            models.BooleanField(
                default=False,
                help_text="The agreement says that this text decides if the authentic texts differ.",
                verbose_name="prevails",
            ),
        ),
        (
            "title",
            agreements.models.columns.LongText(
                blank=True,
                help_text="Shown to the public.",
                max_length=2000,
                verbose_name="title in this language",
            ),
        ),
        (
            "summary",
            agreements.models.columns.LongText(
                blank=True,
                help_text="Shown to the public.",
                max_length=100000,
                verbose_name="summary in this language",
            ),
        ),
    ],
    options={
        "verbose_name": "language version",
        "verbose_name_plural": "language versions",
        "ordering": ("-prevails", "status", "language"),
        "constraints": [
            models.UniqueConstraint(
                fields=("agreement", "language"),
                name="language_version_once",
                violation_error_message="This language is entered twice. Remove one of the two.",
            ),
            models.CheckConstraint(
                condition=~Q(language=""),
                name="language_version_has_language",
                violation_error_message="A language version needs its language.",
            ),
            models.CheckConstraint(
                condition=Q(prevails=False) | ~Q(status="translation"),
                name="language_version_prevails_if_authentic",
                violation_error_message="A translation cannot prevail. Choose “Authentic text”, or untick “prevails”.",
            ),
        ],
    },
)

TEXT_AVAILABILITY = migrations.AddField(
    model_name="agreement",
    name="text_availability",
    field=models.CharField(
        choices=[
            ("public", "Public"),
            ("confidential", "Confidential"),
            ("not_found", "Looked for, but not found"),
            ("unknown", "Not recorded"),
        ],
        default="unknown",
        help_text="“Confidential” only if it is known that the parties keep the text to themselves. Shown to the public.",
        max_length=20,
        verbose_name="availability of the text",
    ),
)


def _commitment_is_public(default):
    return models.BooleanField(
        default=default,
        help_text="Shown on the agreement's page and in files once the record is published.",
        verbose_name="public",
    )


COMMITMENTS = [
    migrations.AddField("commitment", "is_public", _commitment_is_public(True)),
    migrations.AlterField("commitment", "is_public", _commitment_is_public(False)),
]

EVIDENCE = [
    migrations.AlterField(
        model_name="evidence",
        name="source",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="evidence",
            to="agreements.source",
            verbose_name="source",
        ),
    ),
    migrations.AddField(
        model_name="evidence",
        name="document",
        field=models.ForeignKey(
            blank=True,
            help_text=(
                "One of this agreement's documents, instead of a source. Of one that is not public, the footnote says "
                "only “a document held by the register”."
            ),
            null=True,
            on_delete=django.db.models.deletion.RESTRICT,
            related_name="evidence",
            to="agreements.document",
            verbose_name="or document",
        ),
    ),
    migrations.AddConstraint(
        model_name="evidence",
        constraint=models.UniqueConstraint(
            fields=("agreement", "fact", "document", "locator"),
            name="evidence_of_document_once",
            violation_error_message="This place in this document is already entered for the same fact.",
        ),
    ),
    migrations.AddConstraint(
        model_name="evidence",
        constraint=models.CheckConstraint(
            condition=Q(source__isnull=False, document__isnull=True)
            | Q(source__isnull=True, document__isnull=False),
            name="evidence_rests_on_one",
            violation_error_message="Choose either a source or one of the agreement's documents.",
        ),
    ),
]

IDENTIFIERS = [
    migrations.AlterField(
        model_name="externalidentifier",
        name="scheme",
        field=models.SlugField(
            db_index=False,
            help_text=(
                "Choose one from the list, or type another: small letters and hyphens, such as un-registration."
            ),
            max_length=60,
            verbose_name="scheme",
        ),
    ),
    migrations.AlterField(
        model_name="externalidentifier",
        name="value",
        field=agreements.models.columns.Line(
            help_text="As the other register writes it. Shown to the public.",
            max_length=200,
            verbose_name="identifier",
        ),
    ),
    migrations.AddIndex(
        model_name="externalidentifier",
        index=models.Index(Lower("value"), name="identifier_by_value"),
    ),
]

RELATIONS = migrations.AlterField(
    model_name="relation",
    name="kind",
    field=models.CharField(
        choices=[
            ("amends", "Amends"),
            ("supplements", "Supplements"),
            ("implements", "Implements"),
            ("supersedes", "Supersedes"),
            ("renews", "Renews"),
            ("under", "Concluded under"),
            ("terminates", "Terminates"),
            ("supersedes_in_part", "Supersedes in part"),
            ("corrects", "Corrects"),
        ],
        max_length=20,
        verbose_name="relation",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0029_people")]

    operations = [
        LANGUAGE_VERSIONS,
        TEXT_AVAILABILITY,
        *COMMITMENTS,
        *EVIDENCE,
        *IDENTIFIERS,
        RELATIONS,
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
