"""Lengths of time in months or days instead of months for terms and days for notice; and Old Style dates.

Every length is kept: 36 months become P3Y, 18 months P18M, 30 days of notice P30D. Dates stay as they are. The status
on the last day of a term changes from expired to in force without any change of data, as it is computed. Days on which
a source was read or a commitment reviewed lie in the years that the register has dates for.
"""

from django.db import migrations, models
from django.db.models import F

import agreements.domain.durations.fields
import agreements.domain.partial_dates.fields
import agreements.models.columns


def write_lengths(apps, schema_editor):
    """Two statements, about a second for 100,000 agreements. Months are stored as they were, days as negative numbers."""
    agreements = _agreements(apps, schema_editor)
    agreements.filter(term_months__isnull=False).update(term=F("term_months"))
    agreements.filter(notice_days__isnull=False).update(notice=F("notice_days") * -1)


def read_lengths(apps, schema_editor):
    """Return to months of term and days of notice; other lengths have no place there and are left out."""
    agreements = _agreements(apps, schema_editor)
    agreements.filter(term__gt=0).update(term_months=F("term"))
    agreements.filter(notice__lte=0).update(notice_days=F("notice") * -1)


def _agreements(apps, schema_editor):
    return apps.get_model("agreements", "Agreement").objects.using(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0024_nothing_typed_is_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="signed_old_style",
            field=agreements.models.columns.Line(
                blank=True,
                default="",
                help_text="Only if documents of the time use the Julian calendar: 12 October 1813 where the date of signature is 24 October 1813.",
                max_length=60,
                verbose_name="Old Style date",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="agreement",
            name="minimum_term",
            field=agreements.domain.durations.fields.DurationField(
                blank=True,
                help_text="How long it lasts at least, whatever notice is given. Leave empty if not stated.",
                null=True,
                verbose_name="minimum term",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="notice",
            field=agreements.domain.durations.fields.DurationField(
                blank=True,
                help_text="How long before the end notice must be given, such as 6 months or 30 days. Leave empty if not known.",
                null=True,
                verbose_name="notice",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="renewal",
            field=agreements.domain.durations.fields.DurationField(
                blank=True,
                help_text="Only if renewals are not as long as the first term, such as 1 year.",
                null=True,
                verbose_name="each renewal",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="term",
            field=agreements.domain.durations.fields.DurationField(
                blank=True,
                help_text="How long the term lasts, or the first one if it is renewed: 3 years, 18 months or 120 days.",
                null=True,
                verbose_name="length",
            ),
        ),
        migrations.RunPython(write_lengths, read_lengths),
        migrations.RemoveConstraint(
            model_name="agreement",
            name="agreement_term_length_possible",
        ),
        migrations.RemoveConstraint(
            model_name="agreement",
            name="agreement_length_only_of_a_term",
        ),
        migrations.RemoveField(
            model_name="agreement",
            name="notice_days",
        ),
        migrations.RemoveField(
            model_name="agreement",
            name="term_months",
        ),
        migrations.AlterField(
            model_name="agreement",
            name="expires_stated",
            field=agreements.domain.partial_dates.fields.PartialDateField(
                blank=True,
                has_day_columns=True,
                help_text="The last day in force, only if the document names it. Otherwise it is computed from the entry into force and the length.",
                max_length=23,
                verbose_name="end named by the document",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("term__isnull", True),
                        models.Q(
                            ("term__gte", -73200),
                            ("term__lte", 2400),
                            models.Q(("term", 0), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("renewal__isnull", True),
                        models.Q(
                            ("renewal__gte", -73200),
                            ("renewal__lte", 2400),
                            models.Q(("renewal", 0), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("minimum_term__isnull", True),
                        models.Q(
                            ("minimum_term__gte", -73200),
                            ("minimum_term__lte", 2400),
                            models.Q(("minimum_term", 0), _negated=True),
                        ),
                        _connector="OR",
                    ),
                ),
                name="agreement_term_length_possible",
                violation_error_message="A term lasts from 1 day to 200 years. Correct its length, or leave it empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("notice__isnull", True),
                    models.Q(("notice__gte", -73200), ("notice__lte", 2400)),
                    _connector="OR",
                ),
                name="agreement_notice_possible",
                violation_error_message="Notice is given at most 200 years ahead. Correct the length, or leave it empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("term__isnull", True),
                    ("term_kind__in", ["fixed", "automatic_renewal"]),
                    _connector="OR",
                ),
                name="agreement_length_only_of_a_term",
                violation_error_message="A length goes with a fixed term or an automatic renewal. Choose one of these, or leave the length empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("renewal__isnull", True), ("term_kind", "automatic_renewal"), _connector="OR"
                ),
                name="agreement_renewal_only_if_renewed",
                violation_error_message="Only an agreement that is renewed automatically has a length of each renewal. Choose automatic renewal, or leave it empty.",
            ),
        ),
        migrations.AlterField(
            model_name="commitment",
            name="reviewed",
            field=models.DateField(
                blank=True,
                null=True,
                validators=[agreements.models.columns.supported_day],
                verbose_name="last reviewed",
            ),
        ),
        migrations.AlterField(
            model_name="source",
            name="retrieved",
            field=models.DateField(
                blank=True,
                help_text="The day on which somebody last read it.",
                null=True,
                validators=[agreements.models.columns.supported_day],
                verbose_name="retrieved",
            ),
        ),
    ]
