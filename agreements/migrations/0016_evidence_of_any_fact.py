"""The facts that evidence is given for come from their declarations, so that a new one needs no migration of this column."""

from django.db import migrations, models

from agreements.domain import facts


class Migration(migrations.Migration):
    dependencies = [("agreements", "0015_orders")]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="fact",
            field=models.CharField(
                choices=facts.evidence_choices, max_length=20, verbose_name="fact"
            ),
        ),
    ]
