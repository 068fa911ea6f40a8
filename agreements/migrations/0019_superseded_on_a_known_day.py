from datetime import date

from django.db import migrations
from django.db.migrations.state import StateApps


def forget_open_ends(apps: StateApps, schema_editor: object) -> None:
    """Empty `superseded_on` where the superseding agreement has no last possible day of taking effect."""
    Agreement = apps.get_model("agreements", "Agreement")
    Agreement.objects.filter(superseded_on=date.max).update(superseded_on=None)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0018_wording")]

    operations = [migrations.RunPython(forget_open_ends, migrations.RunPython.noop)]
