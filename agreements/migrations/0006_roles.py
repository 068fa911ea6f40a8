"""The four roles of the staff, as groups."""

from typing import Any

from django.db import migrations

from agreements.domain.permissions import grant_roles


def make_roles(apps: Any, schema_editor: Any) -> None:
    grant_roles(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0005_publication_steps"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Going back leaves the groups: people are in them.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
