import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agreements', '0019_superseded_on_a_known_day'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='InitialPassword',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'initial password',
                'verbose_name_plural': 'initial passwords',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('password_link', 'Password reset link'), ('account_notice', 'Account notice')], max_length=20, verbose_name='kind')),
                ('to', models.EmailField(max_length=254, verbose_name='to')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('due_at', models.DateTimeField(db_index=True, verbose_name='due')),
                ('useless_after', models.DateTimeField(verbose_name='useless after')),
                ('claimed_at', models.DateTimeField(null=True, verbose_name='claimed')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('problem', models.TextField(blank=True, verbose_name='problem')),
            ],
            options={
                'verbose_name': 'outgoing e-mail',
                'verbose_name_plural': 'outgoing e-mails',
                'ordering': ('due_at', 'id'),
                'default_permissions': (),
            },
        ),
    ]
