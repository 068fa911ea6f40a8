"""Changes that editors propose to published records, and who wants no e-mails about reviews."""

import agreements.models.columns
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0035_publishing_runs'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReviewMailsOff',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='review_mails_off', serialize=False, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'e-mails about reviews turned off',
                'verbose_name_plural': 'e-mails about reviews turned off',
                'default_permissions': (),
            },
        ),
        migrations.AlterField(
            model_name='outgoingmail',
            name='kind',
            field=models.CharField(choices=[('password_link', 'Password reset link'), ('account_notice', 'Account notice'), ('review', 'News of reviews')], max_length=20, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('why', agreements.models.columns.LongText(max_length=100000, verbose_name='reason')),
                ('edit_token', models.CharField(editable=False, max_length=32)),
                ('sent', models.JSONField(verbose_name='form as sent')),
                ('result', models.JSONField(verbose_name='record with the change')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('taken', 'Taken over'), ('returned', 'Returned to the editors'), ('recalled', 'Taken back')], default='waiting', max_length=20, verbose_name='state')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('answer', agreements.models.columns.LongText(blank=True, max_length=1000, verbose_name='answer')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='agreements.agreement', verbose_name='agreement')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
            ],
            options={
                'verbose_name': 'proposed change',
                'verbose_name_plural': 'proposed changes',
                'ordering': ('id',),
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['at'], name='proposal_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='proposal_returned_says_why', violation_error_message='Say why, for the next person who works on this record.')],
            },
        ),
    ]
