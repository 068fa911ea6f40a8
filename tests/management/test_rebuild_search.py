"""manage.py rebuild_search: what was written without the application can be found afterwards."""

import io

import pytest
from django.core.management import call_command
from django.db import connection

from agreements.counting.register_version import current
from agreements.models import Agreement, SearchEntry, SearchWord
from agreements.search import refreshing
from tests.factories import AgreementFactory
from tests.search.registers import assert_current

pytestmark = pytest.mark.django_db


def rebuild(**options) -> tuple[str, str]:
    """What the command prints, and its progress."""
    out, progress = io.StringIO(), io.StringIO()
    call_command("rebuild_search", stdout=out, stderr=progress, no_color=True, **options)
    return out.getvalue(), progress.getvalue()


@pytest.fixture
def stale():
    """Three entries, of which one is correct, one outdated and one missing; and a word that is no longer used."""
    AgreementFactory(title="Right")
    Agreement.objects.filter(pk=AgreementFactory(title="Before").pk).update(title="After")
    missing = AgreementFactory(title="Missing")
    SearchEntry.objects.filter(pk=missing.pk).delete()


@pytest.mark.usefixtures("stale")
def test_it_brings_the_index_up_to_date_and_counts():
    printed, progress = rebuild()

    assert printed == (
        "Entries: 1 created, 1 changed, 1 unchanged. Spellings and sort keys: 1 changed. "
        "Words: 1 added, 1 dropped.\n"
    )
    assert progress == "\r3 of 3 agreements\n"
    assert_current()
    assert [row.title for row in Agreement.objects.in_order("title")] == [
        "After",
        "Missing",
        "Right",
    ]
    assert sorted(SearchWord.objects.values_list("word", flat=True)) == [
        "after",
        "missing",
        "right",
    ]


@pytest.mark.usefixtures("stale")
def test_second_run_changes_nothing():
    rebuild()

    assert rebuild()[0] == (
        "Entries: 0 created, 0 changed, 3 unchanged. Spellings and sort keys: 0 changed. "
        "Words: 0 added, 0 dropped.\n"
    )


@pytest.mark.usefixtures("stale")
def test_dry_run_counts_and_writes_nothing():
    before = list(SearchEntry.objects.values_list()), list(SearchWord.objects.values_list())

    printed, _progress = rebuild(dry_run=True)

    assert printed == (
        "Entries: 1 created, 1 changed, 1 unchanged. Spellings and sort keys: 1 changed "
        "(dry run: nothing was written).\n"
    )
    assert before == (
        list(SearchEntry.objects.values_list()),
        list(SearchWord.objects.values_list()),
    )


def test_progress_is_shown_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr(refreshing, "CHUNK", 2)
    for _n in range(5):
        AgreementFactory()

    _printed, progress = rebuild()

    assert progress == "".join(f"\r{n} of 5 agreements" for n in (2, 4, 5)) + "\n"


def test_empty_register_has_nothing_to_say():
    assert rebuild() == (
        (
            "Entries: 0 created, 0 changed, 0 unchanged. Spellings and sort keys: 0 changed. "
            "Words: 0 added, 0 dropped.\n"
        ),
        "",
    )


def test_lost_vocabulary_is_gathered_again():
    AgreementFactory(title="Rehabilitation", summary="of the 3rd kind")
    SearchWord.objects.all().delete()

    printed, _progress = rebuild()

    assert "2 added, 0 dropped" in printed
    assert sorted(SearchWord.objects.values_list("word", flat=True)) == ["kind", "rehabilitation"]


@pytest.mark.sqlite
def test_full_text_table_is_made_again():
    AgreementFactory(title="Care")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agreements_searchentry_fts(agreements_searchentry_fts) VALUES ('delete-all')"
        )
    assert not Agreement.objects.containing("care").exists()

    rebuild()

    assert Agreement.objects.containing("care").exists()
    assert_current()


@pytest.mark.usefixtures("stale")
def test_answers_kept_from_before_it_count_as_old():
    before = current()
    rebuild(dry_run=True)
    assert current().key == before.key

    rebuild()

    assert current().key != before.key
    assert not current().follows(before)
