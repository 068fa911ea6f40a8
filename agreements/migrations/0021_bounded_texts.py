"""Every text that people type has a limit that the database enforces.

SQLite rebuilds each table; PostgreSQL reads it once per column. Nothing is cut: if a text is too long, the migration
stops before it has changed anything and says which text it is.
"""

from collections.abc import Iterator

import agreements.models.columns
import agreements.models.parties
from django.core.management import CommandError
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models.functions import Length

_MOST_NAMED = 20

LIMITED = [
    migrations.AlterField(
        model_name='agreement',
        name='internal_notes',
        field=agreements.models.columns.LongText(blank=True, help_text='For staff only; never on a public page, in a file or a feed.', max_length=100000, verbose_name='internal notes'),
    ),
    migrations.AlterField(
        model_name='agreement',
        name='parties_note',
        field=agreements.models.columns.Line(blank=True, help_text='Only if two parties cannot be named, for example “The other party is not named in the source.” Shown to the public.', max_length=500, verbose_name='why fewer than two parties'),
    ),
    migrations.AlterField(
        model_name='agreement',
        name='place',
        field=agreements.models.columns.Line(blank=True, help_text='Leave empty if it is not stated.', max_length=200, verbose_name='place of signature'),
    ),
    migrations.AlterField(
        model_name='agreement',
        name='public_notes',
        field=agreements.models.columns.LongText(blank=True, help_text="Shown on the agreement's page.", max_length=100000, verbose_name='public notes'),
    ),
    migrations.AlterField(
        model_name='agreement',
        name='responsible_unit',
        field=agreements.models.columns.Line(blank=True, help_text='The department in charge of it. Shown to the public.', max_length=200, verbose_name='responsible unit'),
    ),
    migrations.AlterField(
        model_name='agreement',
        name='summary',
        field=agreements.models.columns.LongText(blank=True, help_text='What was agreed, in two or three sentences of your own. Shown to the public.', max_length=100000, verbose_name='summary'),
    ),
    migrations.AlterField(
        model_name='agreement',
        name='title',
        field=agreements.models.columns.LongText(help_text='The official title if it is known, otherwise a neutral description in your own words.', max_length=2000, verbose_name='title'),
    ),
    migrations.AlterField(
        model_name='area',
        name='description',
        field=agreements.models.columns.LongText(blank=True, help_text='What belongs here and what does not, in one sentence.', max_length=100000, verbose_name='description'),
    ),
    migrations.AlterField(
        model_name='area',
        name='name',
        field=agreements.models.columns.Line(max_length=120, verbose_name='name'),
    ),
    migrations.AlterField(
        model_name='commitment',
        name='note',
        field=agreements.models.columns.LongText(blank=True, max_length=100000, verbose_name='note'),
    ),
    migrations.AlterField(
        model_name='commitment',
        name='text',
        field=agreements.models.columns.LongText(help_text='What was promised, in your own words.', max_length=100000, verbose_name='commitment'),
    ),
    migrations.AlterField(
        model_name='document',
        name='language',
        field=agreements.models.columns.Line(blank=True, help_text='ISO 639 code, such as en or az.', max_length=10, verbose_name='language'),
    ),
    migrations.AlterField(
        model_name='document',
        name='title',
        field=agreements.models.columns.Line(max_length=255, verbose_name='title'),
    ),
    migrations.AlterField(
        model_name='event',
        name='note',
        field=agreements.models.columns.LongText(blank=True, help_text='What happened and who took part, in your own words.', max_length=100000, verbose_name='note'),
    ),
    migrations.AlterField(
        model_name='event',
        name='place',
        field=agreements.models.columns.Line(blank=True, max_length=200, verbose_name='place'),
    ),
    migrations.AlterField(
        model_name='evidence',
        name='locator',
        field=agreements.models.columns.Line(blank=True, help_text='Paragraph, page or article, such as “paragraph 9”.', max_length=200, verbose_name='place in the source'),
    ),
    migrations.AlterField(
        model_name='evidence',
        name='note',
        field=agreements.models.columns.LongText(blank=True, help_text='Shown to the public in the footnote.', max_length=100000, verbose_name='note'),
    ),
    migrations.AlterField(
        model_name='externalidentifier',
        name='value',
        field=agreements.models.columns.Line(max_length=200, verbose_name='identifier there'),
    ),
    migrations.AlterField(
        model_name='party',
        name='name',
        field=agreements.models.columns.Line(help_text='The English name that the body itself uses. Enter other spellings below.', max_length=255, validators=[agreements.models.parties.refuse_separator], verbose_name='name'),
    ),
    migrations.AlterField(
        model_name='party',
        name='short_name',
        field=agreements.models.columns.Line(blank=True, max_length=60, validators=[agreements.models.parties.refuse_separator], verbose_name='short name'),
    ),
    migrations.AlterField(
        model_name='partymerge',
        name='why',
        field=agreements.models.columns.Line(blank=True, max_length=500, verbose_name='reason'),
    ),
    migrations.AlterField(
        model_name='partyname',
        name='language',
        field=agreements.models.columns.Line(blank=True, help_text='ISO 639 code, such as az, ru or uz.', max_length=10, verbose_name='language'),
    ),
    migrations.AlterField(
        model_name='partyname',
        name='name',
        field=agreements.models.columns.Line(max_length=255, verbose_name='name'),
    ),
    migrations.AlterField(
        model_name='partyname',
        name='note',
        field=agreements.models.columns.Line(blank=True, help_text='Where or when this name was used.', max_length=255, verbose_name='note'),
    ),
    migrations.AlterField(
        model_name='publicationstep',
        name='reason',
        field=agreements.models.columns.LongText(blank=True, max_length=100000, verbose_name='reason'),
    ),
    migrations.AlterField(
        model_name='relation',
        name='note',
        field=agreements.models.columns.Line(blank=True, max_length=500, verbose_name='note'),
    ),
    migrations.AlterField(
        model_name='removal',
        name='why',
        field=agreements.models.columns.LongText(blank=True, max_length=100000, verbose_name='reason'),
    ),
    migrations.AlterField(
        model_name='signatory',
        name='as_published',
        field=agreements.models.columns.Line(blank=True, help_text='Another spelling that the source uses.', max_length=200, verbose_name='as published'),
    ),
    migrations.AlterField(
        model_name='signatory',
        name='name',
        field=agreements.models.columns.Line(max_length=200, validators=[agreements.models.parties.refuse_separator], verbose_name='name'),
    ),
    migrations.AlterField(
        model_name='signatory',
        name='title',
        field=agreements.models.columns.Line(blank=True, help_text='The position held at the time, such as Minister.', max_length=200, verbose_name='position held'),
    ),
    migrations.AlterField(
        model_name='source',
        name='author',
        field=agreements.models.columns.Line(blank=True, max_length=200, verbose_name='author'),
    ),
    migrations.AlterField(
        model_name='source',
        name='language',
        field=agreements.models.columns.Line(blank=True, help_text='ISO 639 code, such as en or az.', max_length=10, verbose_name='language'),
    ),
    migrations.AlterField(
        model_name='source',
        name='note',
        field=agreements.models.columns.LongText(blank=True, help_text='For example, that the page is a syndicated copy.', max_length=100000, verbose_name='note'),
    ),
    migrations.AlterField(
        model_name='source',
        name='publisher',
        field=agreements.models.columns.Line(help_text='The newspaper, ministry or register. Two publishers corroborate a fact.', max_length=200, verbose_name='publisher'),
    ),
    migrations.AlterField(
        model_name='source',
        name='title',
        field=agreements.models.columns.Line(blank=True, max_length=500, verbose_name='title'),
    ),
]


def refuse_longer_texts(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Raise CommandError, naming the first records, if a text is longer than its new limit."""
    found: list[str] = []
    for change in LIMITED:
        model, limit = apps.get_model("agreements", change.model_name), change.field.max_length
        rows = model._base_manager.annotate(characters=Length(change.name)).order_by("pk")
        longer = rows.filter(characters__gt=limit)[: _MOST_NAMED - len(found)]
        found += [
            f"{model._meta.verbose_name} {getattr(row, 'ref', row.pk)}: {change.name} has "
            f"{row.characters:,} characters, the limit is {limit:,}"
            for row in longer
        ]
    if found:
        raise CommandError(
            "These texts are too long. Shorten them with the previous release, then migrate again; "
            "nothing has been changed.\n" + "\n".join(found)
        )


def _checks(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> Iterator[tuple[str, str, str]]:
    """Yield table, constraint and condition: when a field's class changes, only SQLite gets the check from Django."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for change in LIMITED:
        if isinstance(change.field, agreements.models.columns.LongText):
            table = apps.get_model("agreements", change.model_name)._meta.db_table
            condition = f"length({change.name}) <= {change.field.max_length}"
            yield table, f"{table}_{change.name}_length", condition


def add_checks(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let PostgreSQL enforce the limits of long texts; those of lines are in the type of their columns."""
    for table, name, condition in _checks(apps, schema_editor):
        schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})")


def drop_checks(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, name, _condition in _checks(apps, schema_editor):
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


class Migration(migrations.Migration):
    dependencies = [("agreements", "0020_outbox")]

    operations = [
        migrations.RunPython(refuse_longer_texts, migrations.RunPython.noop),
        *LIMITED,
        migrations.RunPython(add_checks, drop_checks),
    ]
