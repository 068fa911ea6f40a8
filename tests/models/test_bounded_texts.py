"""Every text that people type has a limit: in the form, in imports and in the database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.state import StateApps
from django.db.utils import DataError
from django.test import Client

from agreements.models import Agreement
from agreements.models.columns import LONGEST_TEXT, LONGEST_TITLE, Line, LongText
from agreements.models.derived import Derived
from tests.admin.sent import agreement_form
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory
from tests.management.test_import_agreements import run

# Texts that the register writes itself: the search index, the mail server's words, the name of a deleted record.
WRITTEN_BY_US = {
    *("searchentry.title", "searchentry.body", "reminder.problem", "outgoingmail.problem"),
    "removal.name",
}


@pytest.mark.parametrize(
    ("name", "longest"),
    [("title", LONGEST_TITLE), ("internal_notes", LONGEST_TEXT), ("place", 200)],
)
@pytest.mark.django_db
def test_database_takes_the_longest_text_and_nothing_longer(name: str, longest: int) -> None:
    agreement = AgreementFactory()
    rows = Agreement.objects.filter(pk=agreement.pk)

    rows.update(**{name: "ü" * longest})
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        rows.update(**{name: "ü" * (longest + 1)})

    assert getattr(rows.get(), name) == "ü" * longest


@pytest.mark.django_db
def test_form_names_the_limit_and_keeps_what_was_typed(admin_client: Client) -> None:
    title = "A" * (LONGEST_TITLE + 1)

    response = admin_client.post("/admin/agreements/agreement/add/", agreement_form(title=title))

    assert response.status_code == 200
    assert "at most 2000 characters (it has 2001)" in response.content.decode()
    assert title in response.content.decode()


@pytest.mark.django_db
def test_import_names_row_column_and_limit(tmp_path: Path) -> None:
    out, err, status = run(uk_file(tmp_path, {"title": "A" * 2001}), create_parties=True)

    assert status == 1
    assert "Refused: Row 2, title: " in err
    assert "at most 2000 characters (it has 2001)" in err
    assert out.endswith("1 refused (nothing was written).")


def test_every_text_of_the_register_has_a_limit() -> None:
    texts = [
        (f"{model._meta.model_name}.{field.name}", field)
        for model in apps.get_app_config("agreements").get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.TextField)
    ]

    # what is computed from texts has their limits
    unlimited = {name for name, field in texts if not isinstance(field, (LongText, Derived))}
    assert {
        name for name in unlimited if "session" not in name and "import" not in name
    } <= WRITTEN_BY_US


def test_model_refuses_what_the_database_would() -> None:
    for field in (LongText("notes", max_length=3), Line("line", max_length=3)):
        field.clean("abc", None)
        with pytest.raises(ValidationError, match="at most 3"):
            field.clean("abcd", None)


@pytest.mark.django_db(transaction=True)
def test_migration_stops_at_longer_texts_and_loses_nothing(
    migrate: Callable[[str], StateApps],
) -> None:
    old = migrate("0019_superseded_on_a_known_day")
    old.get_model("agreements", "Agreement").end_of_term = lambda agreement: agreement.expires
    model = old.get_model("agreements", "Agreement")
    row = model.objects.create(ref="AGR-0001", title="A" * 2001)

    with pytest.raises(
        CommandError, match="AGR-0001: title has 2,001 characters, the limit is 2,000"
    ):
        migrate("0021_bounded_texts")
    assert len(model.objects.get(pk=row.pk).title) == 2001

    model.objects.filter(pk=row.pk).update(title="A" * 2000)
    new = migrate("0021_bounded_texts")
    assert len(new.get_model("agreements", "Agreement").objects.get().title) == 2000
    assert connection.is_usable()
