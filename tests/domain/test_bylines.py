"""Reading pasted bylines: dates in four languages, times with zones, authors, URLs; and what must stay empty."""

from datetime import datetime
from typing import Any

import pytest

from agreements.domain.bylines import LONGEST, Byline, read_byline

URL = "https://www.azernews.az/nation/231904.html"


@pytest.mark.parametrize(
    ("text", "published", "moment"),
    [
        ("20 May 2022 15:25 (UTC+04:00)", "2022-05-20", "2022-05-20T15:25:00+04:00"),
        ("Wednesday, July 3, 2019", "2019-07-03", None),
        ("04.11.2025 [15:18]", "2025-11-04", "2025-11-04T15:18:00"),
        ("2025-11-04T15:18:00Z", "2025-11-04", "2025-11-04T15:18:00+00:00"),
        ("2025-11-04 09:00 GMT-3", "2025-11-04", "2025-11-04T09:00:00-03:00"),
        ("Nov. 4, 2025 at 3:18 pm", "2025-11-04", "2025-11-04T15:18:00"),
        ("Nov 4, 2025, 12:05 AM +0400", "2025-11-04", "2025-11-04T00:05:00+04:00"),
        ("15:18, 4 noyabr 2025-ci il", "2025-11-04", "2025-11-04T15:18:00"),
        ("3 июля 2019 г., 10:00", "2019-07-03", "2019-07-03T10:00:00"),
        ("3 Temmuz 2019, Çarşamba", "2019-07-03", None),
        ("21st of June 2024", "2024-06-21", None),
        ("1/2/2023", "2023-02-01", None),
        ("10 iyun 2024 18.30", "2024-06-10", "2024-06-10T18:30:00"),
        # the one with a time, or the one called the day of publication
        (
            "On 10 November 2026 both sides met. 12 November 2026 18:05",
            "2026-11-12",
            "2026-11-12T18:05:00",
        ),
        ("Published: 12.11.2026 Updated: 13.11.2026", "2026-11-12", None),
        # left open rather than guessed
        ("10 November 2026 or 12 November 2026", None, None),
        ("11/25/2025", None, None),
        ("31 February 2022", None, None),
        ("12 Smarch 2026", None, None),
        ("0 May 2022", None, None),
        ("May 2022", None, None),
        ("15:25", None, None),
        ("", None, None),
    ],
)
def test_date_of_publication(text: str, published: str | None, moment: str | None) -> None:
    read = read_byline(text)

    assert (str(read.published) if read.published else None) == published
    assert read.moment == (datetime.fromisoformat(moment) if moment else None)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            f"By Nigar Abbasova  12 November 2026 18:05 (UTC+04:00) Azernews\n{URL}",
            {"url": URL, "author": "Nigar Abbasova", "language": "en", "rest": ("Azernews",)},
        ),
        (
            "Moldova, Azerbaijan sign memorandum\nBy Nigar Abbasova, Azernews",
            {
                "author": "Nigar Abbasova",
                "language": "en",
                "rest": ("Moldova, Azerbaijan sign memorandum", "Azernews"),
            },
        ),
        (
            "(https://azertag.az/ru/xeber/1).",
            {"url": "https://azertag.az/ru/xeber/1", "language": "ru"},
        ),
        ("By Ayla Khan 26 May 2022", {"author": "Ayla Khan", "language": "en"}),
        ("https://en.trend.az/a?b=(c)", {"url": "https://en.trend.az/a?b=(c)", "language": "en"}),
        ("https://a.example/x?lang=tr", {"url": "https://a.example/x?lang=tr", "language": "tr"}),
        ("Müəllif: Aysel Əliyeva", {"author": "Aysel Əliyeva", "language": "az"}),
        ("Автор: Иван Петров", {"author": "Иван Петров", "language": "ru"}),
        ("Bakıda memorandum imzalandı, iyul ərzində", {"language": "az"}),
        ("By the way, nothing", {"author": "", "rest": ("By the way, nothing",)}),
        ("By 2030 all will be well", {"author": "", "rest": ("By 2030 all will be well",)}),
        ("http://[broken", {"url": "", "author": ""}),
        ("javascript:alert(1)", {"url": "", "rest": ("javascript:alert(1)",)}),
        ("5 mart 2024", {"language": ""}),
        ("5 May 2024", {"language": ""}),
    ],
)
def test_url_author_language_and_the_rest(text: str, read: dict[str, Any]) -> None:
    found = read_byline(text)

    assert {name: getattr(found, name) for name in read} == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # where an author stands
        ("By Vardanews\n3 March 2021", {"author": "", "named": ("Vardanews",), "language": "en"}),
        ("By Staff\n3 March 2021", {"author": "", "named": ()}),
        # alone on a line
        ("The Valley Times\nTowns are twinned", {"named": ("The Valley Times",)}),
        ("ORBINFORM\n3 March 2021", {"named": ("ORBINFORM",)}),
        ("News.Az\n3 March 2021", {"named": ("News.Az",)}),
        ("WIRENET0906ID1109", {"named": ()}),
        ("Share\nNews\nLatest News\nRead More", {"named": ()}),
        ("The Valley Times, 3 March 2021", {"named": ()}),
        # in a dateline, whose sentence is not the headline
        (
            "Lipkovo, 4 June 2018 (VNA) - Two towns became partners on Monday",
            {"named": ("VNA",), "published": "2018-06-04", "rest": ()},
        ),
        (
            "(WIRENET - City Press) Doha, Qatar, 9 June 2024: A college of nurses has a partner abroad.",
            {"named": ("WIRENET",), "published": "2024-06-09", "rest": ()},
        ),
        (
            " date 2018-10-05\n\nALMA-ATA. ORBINFORM Two offices will work together on safety, it was said",
            {
                "named": ("ORBINFORM",),
                "published": "2018-10-05",
                "language": "en",
                "rest": ("date",),
            },
        ),
        (
            "date 2018-10-05 Town gets a partner\nGREEN HILLS, Oct 4: Pupils of both schools will meet every year.",
            {"published": "2018-10-05", "rest": ("date", "Town gets a partner")},
        ),
        # running text is no headline; a headline may look a little like either
        (
            "Towns are twinned\nThe mayors of both towns met. They signed a paper, it was said.",
            {"rest": ("Towns are twinned",), "language": "en"},
        ),
        (
            "Vesnia, Orlia sign treaty - Valley",
            {"rest": ("Vesnia, Orlia sign treaty", "Valley"), "named": ()},
        ),
        ("Mayors sign a treaty on Tuesday", {"rest": ("Mayors sign a treaty on Tuesday",)}),
        ("By Ana Orlova 3 March 2021 - Valley", {"author": "Ana Orlova", "rest": ("Valley",)}),
        ("date 2018-10-05", {"language": "en"}),
        ("Дата: 05.10.2018", {"language": "ru"}),
        ("Tarih: 05.10.2018", {"language": "tr"}),
        ("Tarix: 05.10.2018", {"language": "az"}),
    ],
)
def test_newspapers_agencies_and_headlines(text: str, read: dict[str, Any]) -> None:
    found = read_byline(text)

    held = {name: getattr(found, name) for name in read}
    assert {**held, **({"published": str(found.published)} if "published" in read else {})} == read


def test_host_is_that_of_the_site() -> None:
    assert read_byline(URL).host == "azernews.az"
    assert Byline().host == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "1" * 100_000,
        "1.1." * 30_000,
        "a " * 50_000,
        "By " * 40_000,
        "12:12" * 20_000,
        "\x00\n|" * 40_000,
        "Aa " * 40_000,
        "Aa, (" * 40_000,
        "A-'" * 40_000,
    ],
)
def test_huge_text_is_read_as_far_as_its_beginning(hostile: str) -> None:
    assert read_byline(hostile) == read_byline(hostile[:LONGEST])
