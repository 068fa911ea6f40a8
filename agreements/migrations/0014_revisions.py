"""The tables of the revision of the public register.

The triggers that move it are made after each `migrate`. Were they made here, SQLite could not rebuild a table that they
name in a migration of the same run.
"""

from django.db import migrations, models

from agreements.counting.register_version.triggers import uninstall


def drop_triggers(apps, schema_editor):
    uninstall(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0013_imports'),
    ]

    operations = [
        migrations.CreateModel(
            name='RevisionShard',
            fields=[
                ('shard', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(default=0)),
                ('nonce', models.BigIntegerField(default=0)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='TouchedAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shard', models.PositiveSmallIntegerField()),
                ('number', models.BigIntegerField()),
                ('agreement', models.BigIntegerField()),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('shard', 'number', 'agreement'), name='touched_once_by_a_change')],
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, drop_triggers),
    ]
