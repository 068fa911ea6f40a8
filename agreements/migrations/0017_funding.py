from django.core.validators import MinValueValidator
from django.db import migrations, models
from django.db.models import Q

from agreements.domain.currencies import currency_choices


class Migration(migrations.Migration):
    dependencies = [("agreements", "0016_evidence_of_any_fact")]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="funding_amount",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="How much money was agreed on in all, such as 1250000.50. Leave empty if not stated.",
                max_digits=15,
                null=True,
                validators=[MinValueValidator(0)],
                verbose_name="funding",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="funding_currency",
            field=models.CharField(
                blank=True,
                choices=currency_choices,
                help_text="Only with an amount.",
                max_length=3,
                verbose_name="currency of the funding",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=Q(funding_amount__isnull=True, funding_currency="")
                | (Q(funding_amount__isnull=False, funding_amount__gte=0) & ~Q(funding_currency="")),
                name="agreement_funding_has_currency",
                violation_error_message="Give both an amount and its currency, or neither.",
            ),
        ),
    ]
