"""What an agreement is about, from its title; where that is in doubt, the whole title."""

import time

import pytest

from agreements.domain.subjects import subject_of

CUT = {
    "Memorandum of understanding between Pakistan and Azerbaijan on labour, employment and social protection": (
        "Labour, employment and social protection"
    ),
    "Agreement on mutual social security between Serbia and Azerbaijan": "Mutual social security",
    "Agreement on cooperation between Azerbaijan and Georgia in the field of labour migration": (
        "Cooperation in the field of labour migration"
    ),
    "Proposed memorandum of understanding on medical and social rehabilitation": (
        "Medical and social rehabilitation"
    ),
    "Memorandum of understanding “On cooperation in the field of social protection”": (
        "On cooperation in the field of social protection"
    ),
    "Convention between Finland and Italy for the Avoidance of Double Taxation with respect to Taxes on Income": (
        "Avoidance of Double Taxation with respect to Taxes on Income"
    ),
    "Memorandum of Understanding between the Ministry of Labour of Azerbaijan and the Ministry of Family, Labour and "
    "Social Services of Hungary in the field of employment": "Employment",
    "Memorandum of understanding between the State Employment Agency and the Federal Ministry for Family Affairs of "
    "Germany on youth exchange": "Youth exchange",
    "Protocol between A-land and B-land amending the Agreement on pensions of 1999": (
        "Amending the Agreement on pensions of 1999"
    ),
    "Protocol amending the Agreement between A-land and B-land on pensions": (
        "Amending the Agreement between A-land and B-land on pensions"
    ),
    "Exchange of Notes between Canada and Uruguay further prolonging the Agreement concerning Trade of 1936": (
        "Further prolonging the Agreement concerning Trade of 1936"
    ),
    "Air Services Agreement between the United Kingdom and Turkey": "Air Services Agreement",
    "Exchange of Letters between Iraq and Turkey on Financial Arrangements [with map]": (
        "Financial Arrangements"
    ),
    "Treaty between Iraq and Turkey regarding Extradition (with Protocol)": "Extradition",
    "Agreement between Austria on the one hand and Italy on the other concerning  railways": (
        "Railways"
    ),
    "Convention between His Majesty in respect of the United Kingdom and the King of the Belgians to facilitate the "
    "conduct of legal proceedings": "To facilitate the conduct of legal proceedings",
}
WHOLE = [
    "",
    "on",
    "between and",
    "Memorandum of understanding",
    "Memorandum of understanding between the labour ministries of Germany and Azerbaijan",
    "Stockholm Convention on Persistent Organic Pollutants",
    "Treaty Series 051/1946",
    "Additional Article to the Treaty between Great Britain and the United States of May 8, 1871",
    "Memorandum of understanding between Women for Peace of A-land and Men for Health of B-land on migration",
    "Notes between Great Britain and Bulgaria referred to in the Treaty of Saint-Germain",
    "Agreement between A-land and B-land on 3 May 2020",
    "Протокол между Азербайджаном и Грузией о труде",
    "Azərbaycan və Gürcüstan arasında əmək miqrasiyası haqqında Saziş",
]


@pytest.mark.parametrize(("title", "subject"), CUT.items())
def test_names_the_subject_without_kind_and_parties(title: str, subject: str) -> None:
    assert subject_of(title) == subject


@pytest.mark.parametrize("title", WHOLE)
def test_keeps_the_whole_title_where_a_cut_would_be_a_guess(title: str) -> None:
    assert subject_of(title) == title


@pytest.mark.parametrize("part", ["between and ", "on ", "“", "(with ", "Memorandum ", "for the "])
def test_reads_a_hostile_title_in_no_time(part: str) -> None:
    start = time.perf_counter()

    subject_of(part * (4_000 // len(part)))

    assert time.perf_counter() - start < 1
