"""How facts are written on the pages."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.translation import override

from agreements.domain.choices import Status
from agreements.domain.fact_words import term_in_words
from agreements.domain.partial_dates import PartialDate
from agreements.templatetags import register
from tests.factories import AgreementFactory, ParticipationFactory, PartyFactory


@pytest.mark.parametrize(
    ("edtf", "html"),
    [
        pytest.param("2022-05-25", '<time datetime="2022-05-25">25 May 2022</time>', id="day"),
        pytest.param("2023-08", '<time datetime="2023-08">August 2023</time>', id="month"),
        pytest.param("2018", '<time datetime="2018">2018</time>', id="year"),
        pytest.param(
            "2023-10~", '<time datetime="2023-10">about October 2023</time>', id="approximate"
        ),
        pytest.param("2020/2021", "2020 to 2021", id="interval has no machine-readable form"),
    ],
)
def test_partial_date_is_written_in_words(edtf: str, html: str) -> None:
    assert register.partial_date(PartialDate.parse(edtf)) == html


def test_unknown_date_is_written_as_nothing() -> None:
    assert register.partial_date(None) == ""


def test_day_is_written_like_the_dates_of_agreements() -> None:
    assert register.day(date(2026, 11, 1)) == '<time datetime="2026-11-01">1 November 2026</time>'


def test_moment_is_written_as_its_day_where_the_register_is_kept() -> None:
    with timezone.override("Asia/Baku"):
        assert "2 November 2026" in register.day(datetime(2026, 11, 1, 21, 30, tzinfo=UTC))


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_badge(status: Status) -> None:
    html = Template("{% load register %}{% status_badge code %}").render(
        Context({"code": status.value})
    )

    assert html.strip() == f'<span class="status status-{status.value}">{status.label}</span>'


@pytest.mark.parametrize(
    ("language", "written"), [("en", "8,131"), ("az", "8\xa0131"), ("ru", "8\xa0131")]
)
def test_numbers_follow_the_language(language: str, written: str) -> None:
    with override(language):
        assert register.number(8131) == written


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("term", "words"),
    [
        pytest.param({"term_kind": "fixed", "term_months": 36}, "3 years", id="years"),
        pytest.param({"term_kind": "fixed", "term_months": 12}, "1 year", id="one year"),
        pytest.param({"term_kind": "fixed", "term_months": 18}, "18 months", id="months"),
        pytest.param({"term_kind": "fixed", "term": "P120D"}, "120 days", id="days"),
        pytest.param({"term_kind": "fixed"}, "fixed; its length is not known", id="no length"),
        pytest.param({"term_kind": "indefinite"}, "indefinite", id="indefinite"),
        pytest.param(
            {"term_kind": "automatic_renewal", "term_months": 24},
            "renewed automatically, for 2 years each time",
            id="renewal",
        ),
        pytest.param(
            {"term_kind": "automatic_renewal", "term": "P3Y", "renewal": "P1Y"},
            "3-year term, then renewed for 1 year at a time",
            id="unlike renewals",
        ),
        pytest.param(
            {"term_kind": "automatic_renewal", "term": "P120D", "renewal": "P30D"},
            "120-day term, then renewed for 30 days at a time",
            id="renewals in days",
        ),
        pytest.param(
            {"term_kind": "automatic_renewal", "renewal": "P1Y"},
            "renewed automatically, for 1 year each time",
            id="first term unknown",
        ),
        pytest.param(
            {"term_kind": "indefinite", "minimum_term": "P5Y"},
            "indefinite; at least 5 years",
            id="minimum term",
        ),
        pytest.param({"minimum_term": "P18M"}, "at least 18 months", id="only a minimum term"),
        pytest.param(
            {"term_kind": "automatic_renewal"}, "renewed automatically", id="renewal, no length"
        ),
        pytest.param({"term_kind": "unknown"}, "", id="unknown"),
    ],
)
def test_term_is_written_in_words(term: dict[str, object], words: str) -> None:
    assert term_in_words(AgreementFactory(**term)) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("taking_part", "shown", "more"),
    [(0, 0, 0), (2, 2, 0), (4, 4, 0), (5, 5, 0), (6, 4, 2), (290, 4, 286)],
)
def test_a_row_names_the_first_parties_and_counts_the_rest(
    taking_part: int, shown: int, more: int
) -> None:
    agreement = AgreementFactory(parties=PartyFactory.create_batch(taking_part))

    row = register.parties_in_brief(agreement)

    assert (len(row["parties"]), row["more"]) == (shown, more)


@pytest.mark.django_db
def test_a_row_names_no_depositary_as_a_party() -> None:
    agreement = AgreementFactory()
    ParticipationFactory(agreement=agreement, role="depositary")

    assert register.parties_in_brief(agreement) == {"parties": [], "more": 0}


@pytest.mark.parametrize(
    ("code", "name"), [("az", "Azerbaijani"), ("uz", "Uzbek"), ("tlh", "tlh"), ("?", "?")]
)
def test_language_is_named_where_it_is_known(code: str, name: str) -> None:
    assert register.language_name(code) == name


@pytest.mark.parametrize(
    ("code", "tag"),
    [("az", "az"), ("az-Cyrl", "az-Cyrl"), ("english", ""), ('a" onx="', ""), ("", "")],
)
def test_only_a_language_tag_gets_into_a_lang_attribute(code: str, tag: str) -> None:
    assert register.language_tag(code) == tag
