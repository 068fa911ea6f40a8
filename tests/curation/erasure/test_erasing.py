"""A name is erased everywhere: every table and every file is searched for it afterwards."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, models
from django.test import Client
from django.urls import reverse
from reversion.models import Version

from agreements.counting.register_version import current
from agreements.curation.erasure.columns import HANDLED, tables
from agreements.curation.erasure.erasing import ErasureRefusedError, erase, look
from agreements.curation.erasure.names import Name
from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.permissions import StaffRole
from agreements.models import (
    Agreement,
    Change,
    Document,
    DocumentVersion,
    Erasure,
    Import,
    ImportProfile,
    SearchEntry,
    SearchWord,
    Signatory,
    StaffSession,
)
from agreements.models.derived import Derived, SortKeyField, refresh_derived_columns
from agreements.search import fold
from agreements.security.sent_forms import FIELD, SALT
from agreements.security.sessions import SessionStore
from tests import office
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PartyNameFactory,
    PeriodFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
# Words that occur nowhere else, so that each can be looked for by itself.
NAME = "Zübeydə Quluzadə"
WORDS = ("zubeyde", "quluzade")
SPELLINGS = [NAME, "Quluzadə, Zübeydə", "Zubeyda Guluzada", "Зубейда Гулузаде"]
numbers = itertools.count(1)


@pytest.fixture
def stored_before() -> set[Path]:
    """The files that other tests have left."""
    return set(files_in(settings.DOCUMENTS_ROOT))


def name() -> Name:
    return Name(SPELLINGS, "[name erased]")


def run(**more: Any) -> Any:
    by = User.objects.filter(username="eraser").first()
    by = by or colleague(StaffRole.ADMINISTRATOR, username="eraser")
    return erase(name(), **{"by": by, "reason": "Request 7", "at": NOW, **more})


# Filling every text with the name


def row_of(model: type[models.Model]) -> models.Model:
    """Return a row of this model: the first there is, or one made of whatever its columns accept."""
    if there := model._base_manager.order_by("pk").first():
        return there
    values = {
        column.attname: value_of(column)
        for column in model._meta.concrete_fields
        if not (isinstance(column, models.AutoField) or column.null or column.has_default())
        or (column.is_relation and column.primary_key)
    }
    [made] = model._base_manager.bulk_create([model(**values)])
    return model._base_manager.order_by("pk").first() or made


SAMPLES: dict[type[models.Field], Any] = {
    models.URLField: lambda: f"https://example.org/{next(numbers)}",
    models.EmailField: lambda: f"{next(numbers)}@example.org",
    models.CharField: lambda: f"text-{next(numbers)}",
    models.TextField: lambda: f"text-{next(numbers)}",
    models.FileField: lambda: f"imports/{next(numbers)}.csv",
    models.JSONField: dict,
    models.DateTimeField: lambda: NOW,
    models.DateField: lambda: date(2026, 11, 30),
    models.BooleanField: bool,
    models.GenericIPAddressField: lambda: "192.0.2.1",
}


def value_of(column: models.Field) -> Any:
    if column.is_relation:
        return row_of(column.related_model).pk
    if column.choices:
        return "" if column.blank else next(code for code, _label in column.flatchoices if code)
    made = next((make for kind, make in SAMPLES.items() if isinstance(column, kind)), None)
    return made() if made else next(numbers)


def named(column: models.Field) -> Any:
    """Return a value with the name that this column accepts."""
    match column:
        case models.SlugField():
            return f"zubeyde-quluzade-{next(numbers)}"
        case models.URLField():
            return f"https://example.org/zubeyde-quluzade/{next(numbers)}"
        case models.JSONField():
            return {"said": [f"By {NAME}"], NAME: 1}
        case models.EmailField():
            return f"zubeyde.quluzade@{next(numbers)}.example"
    text = f"Said by {NAME} {next(numbers)}"
    return text if not column.max_length or column.max_length >= len(text) else None


def fill() -> set[str]:
    """Write the name into every column in which it is looked for; return those that are too short for it."""
    too_short = set()
    # rows of a document or party that others need, with the constraints that only their own forms can meet
    shown = AgreementFactory(
        parties=[PartyFactory(state=True), PartyFactory()], areas=[AreaFactory()]
    )
    for factory in (SignatoryFactory, EventFactory, CommitmentFactory, EvidenceFactory):
        factory(agreement=shown)
    RelationFactory(agreement=shown, target=AgreementFactory())
    PeriodFactory(agreement=shown, last="2030")
    DocumentFactory(agreement=shown)
    PartyNameFactory(party=shown.participations.first().party)
    SourceFactory(url="https://example.org/source")
    every = list(tables())
    for table in every:
        if table.label != "agreements.SearchEntry":
            row_of(table.model)
    for table in every:
        row = row_of(table.model)
        values = {column.attname: named(column) for column in table.columns}
        too_short |= {f"{table.label}.{key}" for key, value in values.items() if value is None}
        written = {key: value for key, value in values.items() if value is not None}
        table.model._base_manager.filter(pk=row.pk).update(**written)
    refresh_derived_columns()
    Agreement.objects.refresh_search()
    return too_short


# Searching everything for the name


def tables_with_the_name() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {quoted}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [
                    f"{table}.{column}"
                    for column, value in zip(columns, row, strict=True)
                    if has_the_name(value)
                ]
    return found + [
        f"session {session.pk}"
        for session in StaffSession.objects.all()
        if has_the_name(json.dumps(SessionStore().decode(session.session_data)))
    ]


def has_the_name(value: Any) -> bool:
    if isinstance(value, bytes | memoryview):
        value = bytes(value).decode("utf-8", "replace")
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    if "\\u" in text:
        text = text.encode().decode("unicode_escape")
    return any(word in fold(text) or word in text.lower() for word in WORDS)


def files_with_the_name(files: set[Path]) -> list[str]:
    texts = ((path, path.read_bytes().decode("utf-8", "replace")) for path in files)
    return [path.name for path, text in texts if any(word in fold(text) for word in WORDS)]


def files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def test_no_table_has_the_name_afterwards() -> None:
    too_short = fill()
    filled = {
        f"{table.model._meta.db_table}.{column.column}"
        for table in tables()
        for column in table.columns
        if f"{table.label}.{column.attname}" not in too_short
    } | {
        f"{model._meta.db_table}.{column.column}"
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        # a key for sorting is not readable
        if isinstance(column, Derived) and not isinstance(column, SortKeyField)
    }
    before = set(tables_with_the_name())

    done, found = run()

    assert filled <= before
    assert tables_with_the_name() == []
    assert refresh_derived_columns(dry_run=True) == 0
    assert look(name()).places == 0
    assert (
        done.places
        == found.places
        >= sum(len(table.columns) for table in tables()) - len(too_short)
    )
    assert {each["where"] for each in done.touched} >= {
        "agreements.Agreement.title",
        "agreements.SearchEntry",
        "agreements.SearchWord",
        "reversion.Version.serialized_data",
    }
    # what is too short for a name cannot hold one
    assert all(key.rpartition(".")[2] in {"language"} for key in too_short), too_short
    assert HANDLED.keys() == {
        "agreements.SearchEntry",
        "agreements.SearchWord",
        "agreements.StaffSession",
        "sessions.Session",
    }


@pytest.mark.sqlite
def test_deleted_text_is_overwritten_in_the_database_itself() -> None:
    fill()
    run()

    stored: bytes = connection.connection.serialize()

    assert b"quluzade" not in stored.lower()
    assert "Quluzadə".encode() not in stored


def test_record_versions_and_search_agree_and_nothing_is_told() -> None:
    with recorded(why=f"Typed by {NAME}"):
        agreement = AgreementFactory(title=f"Letter of {NAME}", ref="AGR-0007")
        SignatoryFactory(agreement=agreement, name=NAME, as_published="Зубейда Гулузаде")
    with recorded(why="Corrected"):
        agreement.summary = f"Signed by {NAME}"
        agreement.save()
    token, told = Agreement.objects.get().edit_token, Change.objects.count()
    versions = Version.objects.count()
    version = current()

    run()

    agreement.refresh_from_db()
    entries = entries_of(Agreement, agreement.pk)
    assert agreement.title == "Letter of [name erased]"
    assert Signatory.objects.get().name == Signatory.objects.get().as_published == "[name erased]"
    assert [entry.state.values["title"] for entry in entries] == ["Letter of [name erased]"] * 2
    assert entries[-1].why == "Typed by [name erased]"
    assert agreement.edit_token != token
    assert agreement.edit_token in entries[0].state.tokens
    assert (Version.objects.count(), Change.objects.count()) == (versions, told)
    assert "name erased" in SearchEntry.objects.get().title
    assert current() != version
    # the next change is compared with what there is now
    with recorded(why="Later"):
        agreement.place = "Baku"
        agreement.save()
    assert [change.label for change in entries_of(Agreement, agreement.pk)[0].changes.fields]  # type: ignore[union-attr]
    assert Version.objects.count() == versions + 1


def test_words_that_others_share_stay_in_the_vocabulary() -> None:
    AgreementFactory(title=f"Letter of {NAME}")
    AgreementFactory(title="Zübeydə park")

    run()

    words = set(SearchWord.objects.values_list("word", flat=True))
    assert "zubeyde" in words
    assert words.isdisjoint({"quluzade", "guluzada", "guluzade", "kuluzade"})


def test_two_rows_that_become_alike_are_numbered() -> None:
    agreement = AgreementFactory()
    for spelling in SPELLINGS[:3]:
        SignatoryFactory(agreement=agreement, name=spelling)

    run()

    names = list(Signatory.objects.order_by("name").values_list("name", flat=True))
    assert names == ["[name erased]", "[name erased] (2)", "[name erased] (3)"]


@pytest.mark.parametrize(
    ("reason", "why"), [(" ", "Say why"), (f"Asked by {NAME}", "contains the name itself")]
)
def test_refused_erasure_writes_nothing(reason: str, why: str) -> None:
    agreement = AgreementFactory(title=f"Letter of {NAME}")

    with pytest.raises(ErasureRefusedError, match=why):
        run(reason=reason)

    agreement.refresh_from_db()
    assert NAME in agreement.title
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("lacking", ["reason", "replacement"])
def test_database_refuses_an_erasure_that_says_less(lacking: str) -> None:
    whole = {"at": NOW, "reason": "Request 7", "replacement": "[name erased]", "places": 1}

    with pytest.raises(IntegrityError):
        Erasure.objects.create(**{**whole, lacking: ""})


def test_erasure_waits_for_a_running_import() -> None:
    Import.objects.create(
        file="imports/x.csv", file_name="x", sha256="", profile="", uploaded_at=NOW, work="apply"
    )

    with pytest.raises(ErasureRefusedError, match="An import is running"):
        run()


def test_failure_rolls_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    agreement = AgreementFactory(title=f"Letter of {NAME}")
    monkeypatch.setattr(
        "agreements.curation.erasure.erasing._erase_from_search", lambda *_args: 1 / 0
    )

    with pytest.raises(ZeroDivisionError):
        run()

    agreement.refresh_from_db()
    assert NAME in agreement.title


def test_second_erasure_finds_nothing_and_has_the_same_digest() -> None:
    AgreementFactory(title=f"Letter of {NAME}")

    (first, _found), (second, _none) = run(), run(by=None)

    assert (first.places > 0, second.places) == (True, 0)
    assert first.digest == second.digest
    assert not any(
        word in json.dumps(list(Erasure.objects.values()), default=str) for word in WORDS
    )


def test_name_of_an_import_profile_is_erased_with_its_imports() -> None:
    called = "list-of-zubeyde-quluzade"
    table = {"fields": {"title": NAME}, "remembered_as": called}
    kept = ImportProfile.objects.create(name=called, title="List", table=table, saved_at=NOW)
    used = stored_import(b"title\r\nLetter\r\n", profile=called, mapping=table)

    run()

    kept.refresh_from_db()
    used.refresh_from_db()
    assert not any(word in f"{kept.name} {kept.table}" for word in ("quluzade", NAME))
    assert (used.profile, used.mapping) == (kept.name, kept.table)


# Files


def stored_import(content: bytes, **more: Any) -> Import:
    values = {"file_name": "list.csv", "sha256": "", "profile": "register", "uploaded_at": NOW}
    made = Import(**{**values, "state": "applied", **more})
    made.file.save("list.csv", ContentFile(content), save=True)
    return made


def test_import_files_with_the_name_are_removed(
    stored_before: set[Path], django_capture_on_commit_callbacks: Any
) -> None:
    applied = stored_import(f"title\r\nLetter of {NAME}\r\n".encode())
    old = stored_import("title\r\nПисьмо Зубейда Гулузаде\r\n".encode("cp1251"))
    stored_import(json.dumps({"title": NAME}).encode(), state="previewed")
    other = stored_import(b"title\r\nLetter\r\n")

    with django_capture_on_commit_callbacks(execute=True):
        done, found = run()

    assert len(found.imports) == 3
    assert done.import_files == 3
    left = set(files_in(settings.DOCUMENTS_ROOT)) - stored_before
    assert files_with_the_name(left) == []
    assert [path.name for path in left] == [Path(other.file.name).name]
    assert set(Import.objects.values_list("pk", "file")) == {
        (applied.pk, ""),
        (old.pk, ""),
        (other.pk, other.file.name),
    }


def word_text(text: str) -> bytes:
    """A paragraph of Word that splits its last word among two runs."""
    head, tail = text[:-3], text[-3:]
    runs = f"<w:r><w:t>{head}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{tail}</w:t></w:r>"
    return f'<w:document xmlns:w="urn:w"><w:body><w:p>{runs}</w:p></w:body></w:document>'.encode()


def uploaded(agreement: Agreement, content: bytes, file_name: str) -> Document:
    file = ContentFile(content, name=file_name)
    return Document.objects.create(agreement=agreement, kind="other", title="Letter", file=file)


def test_documents_are_listed_and_only_those_chosen_are_removed(
    django_capture_on_commit_callbacks: Any,
) -> None:
    agreement = AgreementFactory(title=f"Letter of {NAME}")
    removed = uploaded(agreement, f"Signed: {NAME}".encode(), "a.txt")
    kept = uploaded(agreement, f"Copy: {NAME}".encode(), "b.txt")
    office_text = uploaded(
        AgreementFactory(),
        office.docx(**{"word/document.xml": word_text(f"Said by {NAME}")}),
        "c.docx",
    )
    uploaded(AgreementFactory(), b"Nothing", "d.txt")

    listed = {each.document: each for each in look(name()).documents}
    with django_capture_on_commit_callbacks(execute=True):
        done, _found = run(remove_documents=[listed[removed.pk].version])

    assert listed.keys() == {removed.pk, kept.pk, office_text.pk}
    assert all(each.is_readable for each in listed.values())
    assert (done.documents_removed, done.documents_kept) == (1, 2)
    assert set(Document.objects.values_list("pk", flat=True)) >= {kept.pk, office_text.pk}
    assert not Document.objects.filter(pk=removed.pk).exists()
    assert not DocumentVersion.objects.filter(document=removed.pk).exists()
    assert not Path(removed.file.path).exists()
    assert files_with_the_name({Path(kept.file.path)}) == [Path(kept.file.path).name]


def test_document_that_is_evidence_is_not_removed_from_under_it() -> None:
    agreement = AgreementFactory(title=f"Letter of {NAME}")
    document = uploaded(agreement, f"Signed: {NAME}".encode(), "a.txt")
    evidence = EvidenceFactory(agreement=agreement, source=None, document=document)
    [listed] = look(name()).documents

    with pytest.raises(ErasureRefusedError, match=f"of {agreement.ref} is evidence of a fact"):
        run(remove_documents=[listed.version])

    agreement.refresh_from_db()
    assert NAME in agreement.title
    assert Path(document.file.path).exists()

    evidence.delete()
    done, _found = run(remove_documents=[listed.version])

    assert done.documents_removed == 1


def test_pdf_is_listed_with_a_record_that_has_the_name_only() -> None:
    of_record = uploaded(AgreementFactory(title=f"Letter of {NAME}"), office.PDF, "a.pdf")
    uploaded(AgreementFactory(), office.PDF, "b.pdf")

    [listed] = look(name()).documents

    assert (listed.document, listed.is_readable) == (of_record.pk, False)


# What browsers and processes keep


def test_kept_forms_and_caches_are_emptied(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    typed = {"path": "/", "fields": [["title", f"Letter of {NAME}"]], "files": [], "typed_by": 1}
    session = client.session
    packed = signing.dumps(typed, salt=SALT, compress=True)
    unnamed = signing.dumps({**typed, "fields": [["title", "Letter"]]}, salt=SALT, compress=True)
    session[FIELD] = packed
    # carried through a login with a second factor, and with single sign-on
    session["halfway"] = {"target": "/", "typed": packed}
    session["_state_provider_1"] = {"data": {"started": {"typed": unnamed}}, "all": [packed]}
    session["other"] = f"Said by {NAME}"
    session.save()
    caches["default"].set("page", f"Letter of {NAME}")

    with django_capture_on_commit_callbacks(execute=True):
        run()

    data = SessionStore().decode(StaffSession.objects.get().session_data)
    assert data[FIELD] == ""
    assert data["halfway"] == {"target": "/", "typed": ""}
    assert data["_state_provider_1"] == {"data": {"started": {"typed": unnamed}}, "all": [""]}
    assert data["other"] == "Said by [name erased]"
    assert caches["default"].get("page") is None
    assert client.get(reverse("admin:index")).status_code == 200


def test_account_with_the_name_is_named_and_left_alone() -> None:
    account = User.objects.create_user("quluzade", first_name="Zübeydə", last_name="Quluzadə")

    _done, found = run()

    account.refresh_from_db()
    assert found.accounts == ["quluzade"]
    assert account.last_name == "Quluzadə"


def test_looking_reads_in_pieces(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(150):
        look(name())
