"""Every text of the database is looked into, or has a reason why not."""

import pytest
from django.apps import apps
from django.db import connection, models

from agreements.curation.erasure.columns import EXEMPT, HANDLED, tables, texts_of, why_exempt

# Tables without a model: what they hold follows from others, or is no text of people.
WITHOUT_MODEL = {
    "django_migrations": "the names of migrations",
    "agreements_searchentry_fts": "kept in step with the search entries by triggers",
    "agreements_searchentry_terms": "a view of the full-text table",
    "sqlite_sequence": "counters",
    "sqlite_stat1": "numbers about indexes",
    "sqlite_stat4": "samples of indexes, which an erasure deletes",
}
NUMBERS = (
    "int",
    "bool",
    "date",
    "time",
    "decimal",
    "numeric",
    "smallint",
    "bigint",
    "real",
    "timestamp",
)


def models_by_table() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


@pytest.mark.django_db
def test_every_table_has_a_model_or_a_reason() -> None:
    found = set(connection.introspection.table_names())
    shadows = {name for name in found if name.startswith("agreements_searchentry_fts")}

    unknown = found - shadows - models_by_table().keys() - WITHOUT_MODEL.keys()

    # Say in WITHOUT_MODEL what these hold, and erase names from them.
    assert unknown == set()


@pytest.mark.django_db
def test_every_column_that_may_hold_text_is_a_text_of_its_model() -> None:
    for table, model in models_by_table().items():
        texts = {column.column for column in texts_of(model)}
        others = {c.column: c.db_type(connection) or "" for c in model._meta.concrete_fields}
        for name, kind in others.items():
            is_number = any(kind.lower().startswith(each) for each in NUMBERS)
            assert name in texts or is_number, f"{table}.{name} is {kind}: is it text?"


def test_every_text_is_covered_or_exempt_for_a_reason() -> None:
    covered = {(table.label, c.name) for table in tables() for c in table.columns}
    for model in apps.get_models(include_auto_created=True):
        for column in texts_of(model):
            is_covered = (model._meta.label, column.name) in covered
            reason = HANDLED.get(model._meta.label) or why_exempt(column)
            assert is_covered != bool(reason), f"{model._meta.label}.{column.name}"


def test_every_exemption_names_something_that_there_is() -> None:
    labels = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    for name in [*EXEMPT, *HANDLED]:
        app, model, *column = name.split(".")
        fields = {each.name for each in labels[f"{app}.{model}"]._meta.concrete_fields}
        assert set(column) <= fields, name


def test_texts_that_people_type_are_covered() -> None:
    covered = {f"{table.label}.{c.name}" for table in tables() for c in table.columns}

    assert covered >= {
        "agreements.Agreement.title",
        "agreements.Signatory.name",
        "agreements.Event.note",
        "agreements.Import.answers",
        "agreements.ImportedRecord.before",
        "agreements.Party.name",
        "agreements.Person.name",
        "agreements.Source.author",
        "agreements.PublicationStep.reason",
        "agreements.Removal.name",
        "agreements.Tombstone.title",
        "admin.LogEntry.change_message",
        "reversion.Revision.comment",
        "reversion.Version.serialized_data",
    }
