"""The search index: entries and words, what each database needs beside them, and an entry for every agreement.

Django knows nothing of the full-text table and the generated columns, and need not: it writes the entries alone.
"""

import django.db.models.deletion
from django.db import migrations, models

from agreements.search import refresh

# The words are folded already: the ASCII tokenizer takes every letter beyond ASCII as it is and cuts at blanks. The entries
# are the content, so that no text is stored twice. A short beginning (the first letters typed) has an index of its own.
# `migrate` makes the triggers of this table and fills it when it has run all migrations.
SQLITE = (
    """
    CREATE VIRTUAL TABLE agreements_searchentry_fts USING fts5(
        title, body, content='agreements_searchentry', content_rowid='agreement_id',
        tokenize='ascii', prefix='1 2 3', columnsize=0
    )
    """,
    "CREATE VIRTUAL TABLE agreements_searchentry_terms USING fts5vocab(agreements_searchentry_fts, row)",
)
SQLITE_BACK = (
    "DROP TABLE agreements_searchentry_terms",
    "DROP TABLE agreements_searchentry_fts",
    # the triggers go with the table of entries
)

# Not to_tsvector, whose parser takes words with digits apart by rules of its own: 1e5a becomes 1e5 and a. The words stand
# between blanks already.
POSTGRESQL = (
    """
    ALTER TABLE agreements_searchentry
        ADD COLUMN title_words tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(title, ' '))) STORED,
        ADD COLUMN words tsvector GENERATED ALWAYS AS
            (array_to_tsvector(string_to_array(btrim(title || ' ' || body), ' '))) STORED
    """,
    # In the row itself: a common word has every row looked at, and what lies beside a row is fetched and unpacked each time.
    """
    ALTER TABLE agreements_searchentry
        ALTER COLUMN title_words SET STORAGE MAIN,
        ALTER COLUMN words SET STORAGE MAIN
    """,
    "CREATE INDEX agreements_searchentry_title_words ON agreements_searchentry USING gin (title_words)",
    "CREATE INDEX agreements_searchentry_words ON agreements_searchentry USING gin (words)",
    """
    CREATE VIEW agreements_searchentry_terms AS
        SELECT word AS term FROM ts_stat('SELECT words FROM agreements_searchentry')
    """,
)
POSTGRESQL_BACK = ("DROP VIEW agreements_searchentry_terms",)

FORWARDS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
BACKWARDS = {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}


def make_index(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop_index(apps, schema_editor):
    for statement in BACKWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def fill_index(apps, schema_editor):
    agreements = apps.get_model("agreements", "Agreement").objects
    for _chunk in refresh(agreements.using(schema_editor.connection.alias)):
        pass


class Migration(migrations.Migration):

    dependencies = [("agreements", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="agreements.agreement",
                    ),
                ),
                ("title", models.TextField()),
                ("body", models.TextField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(db_index=True, max_length=64)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(fill_index, migrations.RunPython.noop),
    ]
