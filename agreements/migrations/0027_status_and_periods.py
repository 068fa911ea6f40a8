"""The day on which a stage was reported, the end of the own term beside the end that renewals move, and periods."""

from typing import Any

import agreements.domain.partial_dates.fields
import agreements.models.agreements
import agreements.models.columns
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.state import StateApps
from django.db.models import F

from agreements.domain.permissions import grant_roles


def keep_ends(apps: StateApps, schema_editor: Any) -> None:
    """Without periods, every agreement ends with its own term. A million rows take about a minute."""
    agreements = apps.get_model("agreements", "Agreement").objects.using(
        schema_editor.connection.alias
    )
    agreements.exclude(expires="").update(
        term_end=F("expires"),
        term_end_earliest=F("expires_earliest"),
        term_end_latest=F("expires_latest"),
    )


def grant_to_roles(apps: StateApps, schema_editor: Any) -> None:
    grant_roles(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0026_states"),
    ]

    operations = [
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("renewal", "Renewal"),
                            ("extension", "Extension"),
                            ("suspension", "Suspension"),
                            ("provisional_application", "Provisional application"),
                        ],
                        help_text="An extension may also be an amendment that brings the end forward.",
                        max_length=30,
                        verbose_name="kind",
                    ),
                ),
                (
                    "first",
                    agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="Leave it empty only if an extension continues the term without a gap.",
                        max_length=23,
                        verbose_name="first day",
                    ),
                ),
                (
                    "last",
                    agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="The last day of the period. Leave empty if not known.",
                        max_length=23,
                        verbose_name="last day",
                    ),
                ),
                (
                    "note",
                    agreements.models.columns.Line(
                        blank=True,
                        help_text="Who decided it, for example. Shown to the public.",
                        max_length=500,
                        verbose_name="note",
                    ),
                ),
                (
                    "is_public",
                    models.BooleanField(default=True, editable=False, verbose_name="counts"),
                ),
                (
                    "first_earliest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
                (
                    "first_latest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
                (
                    "last_earliest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
                (
                    "last_latest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
            ],
            options={
                "verbose_name": "period",
                "verbose_name_plural": "periods",
                "ordering": (
                    models.OrderBy(models.F("first_earliest"), nulls_first=True),
                    "last_latest",
                    "id",
                ),
            },
        ),
        migrations.AddField(
            model_name="agreement",
            name="stage_reported",
            field=agreements.domain.partial_dates.fields.PartialDateField(
                blank=True,
                has_day_columns=True,
                help_text="The day on which a source reported this stage. For earlier days the register then does not claim it. Leave empty if not known.",
                max_length=23,
                verbose_name="stage reported",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="stage_reported_earliest",
            field=agreements.domain.partial_dates.fields.DayColumn(
                blank=True, db_index=True, editable=False, null=True, serialize=False
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="stage_reported_latest",
            field=agreements.domain.partial_dates.fields.DayColumn(
                blank=True, db_index=True, editable=False, null=True, serialize=False
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="term_end",
            field=agreements.models.agreements.EndField(
                blank=True,
                editable=False,
                has_day_columns=True,
                max_length=23,
                verbose_name="end of the first term",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="term_end_earliest",
            field=agreements.domain.partial_dates.fields.DayColumn(
                blank=True, db_index=True, editable=False, null=True, serialize=False
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="term_end_latest",
            field=agreements.domain.partial_dates.fields.DayColumn(
                blank=True, db_index=True, editable=False, null=True, serialize=False
            ),
        ),
        migrations.AlterField(
            model_name="agreement",
            name="expires",
            field=agreements.models.agreements.ProlongedEndField(
                blank=True, editable=False, has_day_columns=True, max_length=23, verbose_name="ends"
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("discussed", "Discussed"),
                    ("negotiation_round", "Negotiation round"),
                    ("initialled", "Initialled"),
                    ("approved", "Approved"),
                    ("signed_by_party", "Signed by a party"),
                    ("ratified", "Ratified"),
                    ("entered_into_force", "Entered into force"),
                    ("amended", "Amended"),
                    ("renewed", "Renewed"),
                    ("suspended", "Suspended"),
                    ("resumed", "Resumed"),
                    ("terminated", "Terminated"),
                    ("meeting", "Meeting"),
                    ("activity", "Activity"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("stage_reported", ""),
                        ("stage_reported_earliest__isnull", True),
                        ("stage_reported_latest__isnull", True),
                    ),
                    models.Q(
                        models.Q(("stage_reported", ""), _negated=True),
                        ("stage_reported_earliest__isnull", False),
                        ("stage_reported_latest__isnull", False),
                        ("stage_reported_earliest__lte", models.F("stage_reported_latest")),
                    ),
                    _connector="OR",
                ),
                name="agreements_agreement_stage_reported_days",
                violation_error_message="The stored days do not match the date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("term_end", ""),
                        ("term_end_earliest__isnull", True),
                        ("term_end_latest__isnull", True),
                    ),
                    models.Q(
                        models.Q(("term_end", ""), _negated=True),
                        ("term_end_earliest__isnull", False),
                        ("term_end_latest__isnull", False),
                        ("term_end_earliest__lte", models.F("term_end_latest")),
                    ),
                    _connector="OR",
                ),
                name="agreements_agreement_term_end_days",
                violation_error_message="The stored days do not match the date.",
            ),
        ),
        migrations.AddField(
            model_name="period",
            name="agreement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="periods",
                to="agreements.agreement",
                verbose_name="agreement",
            ),
        ),
        migrations.AddField(
            model_name="period",
            name="by",
            field=models.ForeignKey(
                blank=True,
                help_text="The amendment or renewing agreement in this register, if there is one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="periods_decided",
                to="agreements.agreement",
                verbose_name="by agreement",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("first", ""),
                        ("first_earliest__isnull", True),
                        ("first_latest__isnull", True),
                    ),
                    models.Q(
                        models.Q(("first", ""), _negated=True),
                        ("first_earliest__isnull", False),
                        ("first_latest__isnull", False),
                        ("first_earliest__lte", models.F("first_latest")),
                    ),
                    _connector="OR",
                ),
                name="agreements_period_first_days",
                violation_error_message="The stored days do not match the date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("last", ""), ("last_earliest__isnull", True), ("last_latest__isnull", True)
                    ),
                    models.Q(
                        models.Q(("last", ""), _negated=True),
                        ("last_earliest__isnull", False),
                        ("last_latest__isnull", False),
                        ("last_earliest__lte", models.F("last_latest")),
                    ),
                    _connector="OR",
                ),
                name="agreements_period_last_days",
                violation_error_message="The stored days do not match the date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first", ""), _negated=True),
                    models.Q(
                        ("kind__in", ["renewal", "extension"]),
                        models.Q(("last", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="period_is_dated",
                violation_error_message="Give the first day of the period; for a renewal or an extension, at least the last day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first", ""),
                    ("last", ""),
                    ("last_latest__gte", models.F("first_earliest")),
                    _connector="OR",
                ),
                name="period_ends_after_it_begins",
                violation_error_message="The last day of a period cannot be before the first. Check both days.",
            ),
        ),
        migrations.RunPython(keep_ends, migrations.RunPython.noop),
        migrations.RunPython(grant_to_roles, migrations.RunPython.noop),
    ]
