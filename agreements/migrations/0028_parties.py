"""Parties over time, memberships and people.

On PostgreSQL the table of participations is written again twice, for its two generated columns; nobody reads it
meanwhile. On SQLite every new column would copy the table, so all of them are added in one copy.
"""

import datetime
from collections.abc import Callable
from typing import Any

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

import agreements.domain.partial_dates.fields
import agreements.models.columns
import agreements.models.edit_tokens
import agreements.models.parties


class InOneCopy(migrations.SeparateDatabaseAndState):
    """Operations on one model, which SQLite carries out together by copying its table once."""

    def __init__(self, model_name: str, operations: list[Any]) -> None:
        super().__init__(database_operations=operations, state_operations=operations)
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name, self.database_operations], {}

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._change(super().database_forwards, app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._change(super().database_backwards, app_label, schema_editor, from_state, to_state)

    def _change(
        self,
        one_by_one: Callable[..., None],
        app_label: str,
        schema_editor: Any,
        from_state: Any,
        to_state: Any,
    ) -> None:
        if schema_editor.connection.vendor != "sqlite":
            one_by_one(app_label, schema_editor, from_state, to_state)
            return
        before, after = (
            state.apps.get_model(app_label, self.model_name) for state in (from_state, to_state)
        )
        table = schema_editor.quote_name(after._meta.db_table)
        kept = schema_editor.quote_name(f"old__{after._meta.db_table}")
        there = {column.column for column in before._meta.local_concrete_fields}
        columns = [column for column in after._meta.local_concrete_fields if not column.generated]
        values = [
            schema_editor.quote_name(column.column)
            if column.column in there
            else "NULL"
            if column.null
            else "''"
            for column in columns
        ]
        names = ", ".join(schema_editor.quote_name(column.column) for column in columns)
        schema_editor.execute(f"CREATE TABLE {kept} AS SELECT * FROM {table}")
        schema_editor.delete_model(before)
        schema_editor.create_model(after)
        schema_editor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {kept} ORDER BY id"
        )
        schema_editor.execute(f"DROP TABLE {kept}")


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0027_status_and_periods"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerPersonSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
            ],
            options={
                "verbose_name": "former slug of a person",
                "verbose_name_plural": "former slugs of people",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "since",
                    agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True, has_day_columns=True, max_length=23, verbose_name="member since"
                    ),
                ),
                (
                    "until",
                    agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="The last day. Leave empty for a present member.",
                        max_length=23,
                        verbose_name="member until",
                    ),
                ),
                (
                    "since_earliest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
                (
                    "since_latest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
                (
                    "until_earliest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
                (
                    "until_latest",
                    agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, db_index=True, editable=False, null=True, serialize=False
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "members of this organisation",
                "ordering": ("since_earliest", "id"),
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edit_token",
                    models.CharField(
                        default=agreements.models.edit_tokens.new_edit_token,
                        editable=False,
                        max_length=32,
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="Used in URLs; do not change it once published.",
                        max_length=120,
                        unique=True,
                        verbose_name="slug",
                    ),
                ),
                (
                    "name",
                    agreements.models.columns.Line(
                        help_text="As the person or their office writes it. Enter other spellings below.",
                        max_length=200,
                        validators=[agreements.models.parties.refuse_separator],
                        verbose_name="name",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "ordering": ("name", "slug"),
                "permissions": [("merge_person", "Can merge people")],
            },
        ),
        migrations.CreateModel(
            name="PersonName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", agreements.models.columns.Line(max_length=200, verbose_name="name")),
                (
                    "language",
                    agreements.models.columns.Line(
                        blank=True,
                        help_text="ISO 639 code, such as az, ru or uz.",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "note",
                    agreements.models.columns.Line(
                        blank=True,
                        help_text="Where or when this name was used.",
                        max_length=255,
                        verbose_name="note",
                    ),
                ),
            ],
            options={
                "verbose_name": "other spelling",
                "verbose_name_plural": "other spellings",
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="signatory",
            name="second_party",
            field=models.ForeignKey(
                blank=True,
                help_text="If one person signed for two parties.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures_as_second",
                to="agreements.party",
                verbose_name="also signed for",
            ),
        ),
        migrations.AddField(
            model_name="signatory",
            name="third_party",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures_as_third",
                to="agreements.party",
                verbose_name="and for",
            ),
        ),
        migrations.AddField(
            model_name="party",
            name="binds_members",
            field=models.BooleanField(
                default=False,
                help_text="Only for an organisation whose own agreements bind its member states, as those of the European Union do.",
                verbose_name="its agreements bind its members",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="member_of",
                to="agreements.party",
                verbose_name="member",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="agreements.party",
                verbose_name="organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name"], name="agreements__name_882529_idx"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True),
                name="person_has_name",
                violation_error_message="A person needs a name.",
            ),
        ),
        migrations.AddField(
            model_name="formerpersonslug",
            name="row",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_slugs",
                to="agreements.person",
            ),
        ),
        migrations.AddField(
            model_name="signatory",
            name="person",
            field=models.ForeignKey(
                blank=True,
                help_text="Who this is, if they have a page here. The name above stays as it was signed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures",
                to="agreements.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="personname",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="names",
                to="agreements.person",
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("since", ""),
                        ("since_earliest__isnull", True),
                        ("since_latest__isnull", True),
                    ),
                    models.Q(
                        models.Q(("since", ""), _negated=True),
                        ("since_earliest__isnull", False),
                        ("since_latest__isnull", False),
                        ("since_earliest__lte", models.F("since_latest")),
                    ),
                    _connector="OR",
                ),
                name="agreements_membership_since_days",
                violation_error_message="The stored days do not match the date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("until", ""),
                        ("until_earliest__isnull", True),
                        ("until_latest__isnull", True),
                    ),
                    models.Q(
                        models.Q(("until", ""), _negated=True),
                        ("until_earliest__isnull", False),
                        ("until_latest__isnull", False),
                        ("until_earliest__lte", models.F("until_latest")),
                    ),
                    _connector="OR",
                ),
                name="agreements_membership_until_days",
                violation_error_message="The stored days do not match the date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("organisation", "member", "since"),
                name="membership_once",
                violation_error_message="This member is entered twice with the same beginning. Remove one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("organisation", models.F("member")), _negated=True),
                name="membership_of_another",
                violation_error_message="An organisation cannot be its own member. Choose another party.",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("since", ""),
                    ("until", ""),
                    ("since_earliest__lte", models.F("until_latest")),
                    _connector="OR",
                ),
                name="membership_in_order",
                violation_error_message="The membership ends before it begins. Correct one of the two dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="personname",
            constraint=models.UniqueConstraint(
                fields=("person", "name"),
                name="person_name_once",
                violation_error_message="This person already has that name.",
            ),
        ),
        InOneCopy(
            "participation",
            [
                migrations.AddField(
                    model_name="participation",
                    name="consent",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "Signed, not yet consented to be bound"),
                            ("definitive_signature", "Definitive signature"),
                            ("exchange", "Exchange of instruments"),
                            ("notification", "Notification that its procedures are complete"),
                            ("ratification", "Ratification"),
                            ("acceptance", "Acceptance"),
                            ("approval", "Approval"),
                            ("accession", "Accession"),
                            ("succession", "Succession"),
                        ],
                        default="",
                        help_text="How it consented to be bound, or that it has only signed.",
                        max_length=24,
                        verbose_name="consent to be bound",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="consent_withdrawn",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="If it took back its consent before entry into force and remains a signatory.",
                        max_length=23,
                        verbose_name="consent withdrawn",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="consent_withdrawn_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="consent_withdrawn_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="consented",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="Such as the deposit of its instrument.",
                        max_length=23,
                        verbose_name="date of consent",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="consented_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="consented_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="ended_by",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("withdrawal", "Withdrawal or denunciation"),
                            ("not_prolonged", "Not prolonged for this party"),
                            ("signature_withdrawn", "Signature withdrawn"),
                            ("excluded", "Excluded by the other parties"),
                            ("ceased_to_exist", "The party ceased to exist"),
                            ("succeeded", "Another party took its place"),
                        ],
                        default="",
                        max_length=24,
                        verbose_name="why it ended",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="in_force_from_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="provisional_from_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="signed",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="If it signed on another day than the agreement's.",
                        max_length=23,
                        verbose_name="signed by it",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="signed_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="in_force_from",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="If later than for the others.",
                        max_length=23,
                        verbose_name="in force for it from",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="in_force_from_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="in_force_until",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="The last day on which it was a party, or a signatory.",
                        max_length=23,
                        verbose_name="last day",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="in_force_until_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="in_force_until_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="provisional_until_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="name_as_signed",
                    field=agreements.models.columns.Line(
                        blank=True,
                        help_text="Only if the party signed under another name.",
                        max_length=255,
                        verbose_name="name as signed",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="provisional_from",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        max_length=23,
                        verbose_name="provisionally applied from",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="provisional_from_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="provisional_until",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        help_text="The last day.",
                        max_length=23,
                        verbose_name="provisionally applied until",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="provisional_until_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="reservations",
                    field=agreements.models.columns.LongText(
                        blank=True, max_length=100000, verbose_name="reservations and declarations"
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="signed_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="withdrawal_notified",
                    field=agreements.domain.partial_dates.fields.PartialDateField(
                        blank=True,
                        has_day_columns=True,
                        max_length=23,
                        verbose_name="notice of withdrawal",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="withdrawal_notified_earliest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="withdrawal_notified_latest",
                    field=agreements.domain.partial_dates.fields.DayColumn(
                        blank=True, editable=False, null=True, serialize=False
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("signed", ""),
                                ("signed_earliest__isnull", True),
                                ("signed_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("signed", ""), _negated=True),
                                ("signed_earliest__isnull", False),
                                ("signed_latest__isnull", False),
                                ("signed_earliest__lte", models.F("signed_latest")),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_signed_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("consented", ""),
                                ("consented_earliest__isnull", True),
                                ("consented_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("consented", ""), _negated=True),
                                ("consented_earliest__isnull", False),
                                ("consented_latest__isnull", False),
                                ("consented_earliest__lte", models.F("consented_latest")),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_consented_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("consent_withdrawn", ""),
                                ("consent_withdrawn_earliest__isnull", True),
                                ("consent_withdrawn_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("consent_withdrawn", ""), _negated=True),
                                ("consent_withdrawn_earliest__isnull", False),
                                ("consent_withdrawn_latest__isnull", False),
                                (
                                    "consent_withdrawn_earliest__lte",
                                    models.F("consent_withdrawn_latest"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_consent_withdrawn_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("in_force_from", ""),
                                ("in_force_from_earliest__isnull", True),
                                ("in_force_from_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("in_force_from", ""), _negated=True),
                                ("in_force_from_earliest__isnull", False),
                                ("in_force_from_latest__isnull", False),
                                ("in_force_from_earliest__lte", models.F("in_force_from_latest")),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_in_force_from_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("in_force_until", ""),
                                ("in_force_until_earliest__isnull", True),
                                ("in_force_until_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("in_force_until", ""), _negated=True),
                                ("in_force_until_earliest__isnull", False),
                                ("in_force_until_latest__isnull", False),
                                ("in_force_until_earliest__lte", models.F("in_force_until_latest")),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_in_force_until_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawal_notified", ""),
                                ("withdrawal_notified_earliest__isnull", True),
                                ("withdrawal_notified_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("withdrawal_notified", ""), _negated=True),
                                ("withdrawal_notified_earliest__isnull", False),
                                ("withdrawal_notified_latest__isnull", False),
                                (
                                    "withdrawal_notified_earliest__lte",
                                    models.F("withdrawal_notified_latest"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_withdrawal_notified_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("provisional_from", ""),
                                ("provisional_from_earliest__isnull", True),
                                ("provisional_from_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("provisional_from", ""), _negated=True),
                                ("provisional_from_earliest__isnull", False),
                                ("provisional_from_latest__isnull", False),
                                (
                                    "provisional_from_earliest__lte",
                                    models.F("provisional_from_latest"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_provisional_from_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("provisional_until", ""),
                                ("provisional_until_earliest__isnull", True),
                                ("provisional_until_latest__isnull", True),
                            ),
                            models.Q(
                                models.Q(("provisional_until", ""), _negated=True),
                                ("provisional_until_earliest__isnull", False),
                                ("provisional_until_latest__isnull", False),
                                (
                                    "provisional_until_earliest__lte",
                                    models.F("provisional_until_latest"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="agreements_participation_provisional_until_days",
                        violation_error_message="The stored days do not match the date.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("in_force_from", ""),
                            ("in_force_until", ""),
                            ("in_force_from_earliest__lte", models.F("in_force_until_latest")),
                            _connector="OR",
                        ),
                        name="participation_ends_after_it_began",
                        violation_error_message="The last day is before the entry into force for this party. Correct one of the two.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("provisional_from", ""),
                            ("provisional_until", ""),
                            (
                                "provisional_from_earliest__lte",
                                models.F("provisional_until_latest"),
                            ),
                            _connector="OR",
                        ),
                        name="participation_provisional_in_order",
                        violation_error_message="The provisional application ends before it begins. Correct one of the two dates.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="participation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", ""),
                            models.Q(("in_force_until", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="participation_end_has_a_day",
                        violation_error_message="Enter the last day as well, as precisely as it is known: without it, the party still counts as one.",
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="first_day",
                    field=models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(
                                    (
                                        "consent__in",
                                        (
                                            "pending",
                                            "ratification",
                                            "acceptance",
                                            "approval",
                                            "notification",
                                        ),
                                    ),
                                    ("signed", ""),
                                ),
                                then=None,
                            ),
                            default=django.db.models.functions.comparison.NullIf(
                                django.db.models.functions.comparison.Least(
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("signed_earliest"),
                                        models.Value(
                                            datetime.date(9999, 12, 31),
                                            output_field=models.DateField(),
                                        ),
                                    ),
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("consented_earliest"),
                                        models.Value(
                                            datetime.date(9999, 12, 31),
                                            output_field=models.DateField(),
                                        ),
                                    ),
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("provisional_from_earliest"),
                                        models.Value(
                                            datetime.date(9999, 12, 31),
                                            output_field=models.DateField(),
                                        ),
                                    ),
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("in_force_from_earliest"),
                                        models.Value(
                                            datetime.date(9999, 12, 31),
                                            output_field=models.DateField(),
                                        ),
                                    ),
                                ),
                                models.Value(
                                    datetime.date(9999, 12, 31), output_field=models.DateField()
                                ),
                            ),
                        ),
                        output_field=models.DateField(),
                        serialize=False,
                    ),
                ),
                migrations.AddField(
                    model_name="participation",
                    name="last_day",
                    field=models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("in_force_until_latest"),
                            models.Case(
                                models.When(
                                    models.Q(
                                        ("consent", ""),
                                        ("consented", ""),
                                        ("in_force_from", ""),
                                        ("signed", ""),
                                    ),
                                    then=models.F("provisional_until_latest"),
                                ),
                                default=None,
                            ),
                        ),
                        output_field=models.DateField(),
                        serialize=False,
                    ),
                ),
            ],
        ),
    ]
