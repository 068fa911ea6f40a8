"""Indexes for the orders in which lists are read, so that a page of them needs no sorting."""

from django.conf import settings
from django.db import migrations, models


class SortTitle(models.Func):
    """The beginning of a title; 0090 sorts by a column instead."""

    template = "LOWER(SUBSTR(%(expressions)s, 1, 200))"
    output_field = models.TextField()


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0014_revisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(models.F('publication'), SortTitle('title'), models.F('ref'), name='agreement_by_title'),
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['publication', 'published_at', 'ref'], name='agreements__publica_5da2f0_idx'),
        ),
        migrations.AddIndex(
            model_name='agreement',
            index=models.Index(fields=['publication', '-updated_at', 'ref'], name='agreements__publica_0d2ddb_idx'),
        ),
    ]
