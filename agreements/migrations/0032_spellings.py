"""Columns in all spellings for lists and pickers, the alphabetical order of titles, and the search index in all spellings.

Every row is read and the index is composed again: about two minutes for a hundred thousand agreements.
"""

from typing import Any

from django.db import migrations, models

from agreements.models.derived import SortKeyField, SpellingsField, derived_fields, refresh_rows
from agreements.models.querysets import SortTitle
from agreements.search import refresh

SEARCHED = {
    "area": ("name", "description"),
    "commitment": ("text", "note"),
    "document": ("title", "file_name"),
    "event": ("place", "note"),
    "evidence": ("note",),
    "party": ("name", "short_name"),
    "partymerge": ("other_name", "kept_name"),
    "partyname": ("name",),
    "person": ("name",),
    "personname": ("name",),
    "signatory": ("name", "as_published", "title"),
    "source": ("publisher", "title", "author"),
}


def fill_columns(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    for name in ("agreement", *SEARCHED):
        model = apps.get_model("agreements", name)
        refresh_rows(model._base_manager.using(alias), derived_fields(model))


def compose_index(apps: Any, schema_editor: Any) -> None:
    agreements = apps.get_model("agreements", "Agreement").objects
    for _chunk in refresh(agreements.using(schema_editor.connection.alias)):
        pass


class Migration(migrations.Migration):
    dependencies = [("agreements", "0031_tombstones_and_erasures")]

    operations = [
        migrations.RemoveIndex(model_name="agreement", name="agreement_by_title"),
        migrations.AddField(
            model_name="agreement", name="title_sort", field=SortKeyField(of=("title",))
        ),
        *(
            migrations.AddField(model_name=name, name="searched", field=SpellingsField(of=columns))
            for name, columns in SEARCHED.items()
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(
                models.F("publication"),
                SortTitle("title_sort"),
                models.F("ref"),
                name="agreement_by_title",
            ),
        ),
        migrations.RunPython(fill_columns, migrations.RunPython.noop),
        migrations.RunPython(compose_index, migrations.RunPython.noop),
    ]
