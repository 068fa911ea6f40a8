from django.db import migrations, models

import agreements.models.edit_tokens

# One token for all rows that are there: it only has to differ from the next one of the same record.
TOKEN = models.CharField(
    default=agreements.models.edit_tokens.new_edit_token, editable=False, max_length=32
)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0006_roles")]

    operations = [
        migrations.AddField(model_name=model, name="edit_token", field=TOKEN.clone())
        for model in ("agreement", "area", "party", "source")
    ]
