"""What was typed with a wrong password is deleted: earlier releases kept it, passwords and recovery codes included."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_what_was_typed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    attempts = apps.get_model("axes", "AccessAttempt").objects.using(schema_editor.connection.alias)
    attempts.update(get_data="", post_data="")


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0023_sign_on"),
        ("axes", "0008_accessfailurelog"),
    ]

    operations = [
        migrations.RunPython(forget_what_was_typed, migrations.RunPython.noop),
        migrations.AddField(
            model_name="outgoingmail",
            name="done",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="done"),
        ),
    ]
