"""What sources say: whether an agreement is bilateral or multilateral, and its subject in their own words."""

import agreements.models.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0038_import_cells'),
    ]

    operations = [
        migrations.AddField(
            model_name='agreement',
            name='plurality_stated',
            field=models.CharField(blank=True, choices=[('bilateral', 'Bilateral'), ('multilateral', 'Multilateral')], default='', help_text='Only if a source says so. Otherwise it follows from the number of parties.', max_length=20, verbose_name='bilateral or multilateral'),
        ),
        migrations.AddField(
            model_name='agreement',
            name='subject',
            field=agreements.models.columns.Line(blank=True, help_text='What the source files it under, in its own words. The cooperation areas are ours.', max_length=200, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='agreement',
            name='kind',
            field=models.CharField(choices=[('mou', 'Memorandum of understanding'), ('agreement', 'Agreement'), ('treaty', 'Treaty'), ('convention', 'Convention'), ('protocol', 'Protocol'), ('exchange_of_notes', 'Exchange of notes'), ('joint_declaration', 'Joint declaration'), ('letter_of_intent', 'Letter of intent'), ('programme', 'Programme of cooperation'), ('agreed_minutes', 'Agreed minutes'), ('arrangement', 'Arrangement'), ('other', 'Other'), ('unknown', 'Unknown')], default='mou', help_text='What the parties themselves call it.', max_length=30, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('discussed', 'Discussed'), ('negotiation_round', 'Negotiation round'), ('handed_over', 'Handed over'), ('initialled', 'Initialled'), ('adopted', 'Adopted'), ('approved', 'Approved'), ('signed_by_party', 'Signed by a party'), ('ratified', 'Ratified'), ('entered_into_force', 'Entered into force'), ('amended', 'Amended'), ('renewed', 'Renewed'), ('suspended', 'Suspended'), ('resumed', 'Resumed'), ('terminated', 'Terminated'), ('meeting', 'Meeting'), ('activity', 'Activity')], max_length=20, verbose_name='kind'),
        ),
    ]
