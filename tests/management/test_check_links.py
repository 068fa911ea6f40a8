"""manage.py check_links: checks what is due, prints the results, and writes nothing in a dry run."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agreements.models import LinkCheck
from agreements.upkeep import link_checking
from tests.factories import DocumentFactory, SourceFactory
from tests.web_server import Site, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Site]:
    monkeypatch.setattr(link_checking, "PAUSE_SECONDS", 0.0)
    settings.LINK_CHECKS_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    with serving() as site:
        SourceFactory(url=site.answers("/good", 200))
        SourceFactory(url=site.url("/gone"))
        DocumentFactory(address=site.answers("/text.pdf", 200))
        yield site


def check(**options: Any) -> str:
    out = io.StringIO()
    call_command("check_links", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_every_url_is_checked_and_counted(site: Site) -> None:
    assert check() == (
        "URLs: 3 new, 0 no longer used, 3 due.\n"
        "Checked: 2 work, 0 work again, 1 broke, 0 still broken, 0 refuse us.\n"
    )
    assert LinkCheck.objects.dead().get().url == site.url("/gone")


def test_second_run_changes_nothing_but_the_times(site: Site) -> None:
    check()
    before = list(LinkCheck.objects.order_by("pk").values_list("url", "link_problem"))

    said = check()

    assert said == (
        "URLs: 0 new, 0 no longer used, 3 due.\n"
        "Checked: 2 work, 0 work again, 0 broke, 1 still broken, 0 refuse us.\n"
    )
    assert list(LinkCheck.objects.order_by("pk").values_list("url", "link_problem")) == before


def test_page_that_works_again_is_counted(site: Site) -> None:
    check()
    site.answers("/gone", 200)

    assert "Checked: 2 work, 1 work again, 0 broke, 0 still broken, 0 refuse us." in check()


def test_what_was_checked_within_the_days_is_skipped(site: Site) -> None:
    check()
    asked = len(site.asked)

    assert "0 due" in check(older_than=7)
    assert len(site.asked) == asked

    LinkCheck.objects.update(link_checked_at=timezone.now() - timedelta(days=8))
    assert "3 due" in check(older_than=7)


def test_limit_leaves_the_rest_for_the_next_run(site: Site) -> None:
    check(limit=2)
    assert LinkCheck.objects.exclude(link_checked_at=None).count() == 2

    check(limit=1)
    assert LinkCheck.objects.exclude(link_checked_at=None).count() == 3


def test_dry_run_checks_and_writes_nothing(site: Site) -> None:
    assert check(dry_run=True, limit=2) == (
        "URLs: 3 new, 0 no longer used, 3 due; 2 would be checked (dry run: nothing was written).\n"
    )
    assert site.asked == []
    assert not LinkCheck.objects.exists()


def test_register_without_urls_has_nothing_to_check() -> None:
    assert check() == (
        "URLs: 0 new, 0 no longer used, 0 due.\n"
        "Checked: 0 work, 0 work again, 0 broke, 0 still broken, 0 refuse us.\n"
    )


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": -1}, {"older_than": -1}])
def test_nonsense_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(CommandError, match="--limit takes 1 or more"):
        check(**options)


def test_machine_that_is_offline_fails_and_records_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    silence = link_checking.Answer("The server cannot be reached.", is_silence=True)
    monkeypatch.setattr(link_checking, "ask", lambda url: silence)
    for number in range(6):
        SourceFactory(url=f"https://{number}.example/")

    with pytest.raises(CommandError, match="Is this machine online"):
        check()

    assert not LinkCheck.objects.dead().exists()
