"""A small register of confusingly similar records for tests of the search: few words, in many spellings and places."""

from random import Random
from typing import Any

from django.db import connection

from agreements.models import Agreement, SearchEntry
from agreements.search import spellings
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    PartyFactory,
    PartyNameFactory,
    SignatoryFactory,
)

# Spellings that fold alike, beginnings of one another, and texts that the two databases would split differently.
WORDS = (
    "Şəki", "seki", "ШЕКИ", "sekil", "Oʻzbek", "o'zbek", "ozbekiston", "İnkişaf", "inkisaf", "İn", "in", "an", "a",
    "AGR-0001", "e-mail", "user@example.org", "1.5", "1", "15", "1e5", "1e5a", "0x1f", "00012", "12abc", "½", "日本", "日本国",
    "http://a.example/x?y=1", "social", "protection", "and", "or", "not", "near", "the", "C++", "R&D", "¶", "x_y", "Straße",
    "Əliyev", "Aliyev", "Müller", "Mueller", "Алиев", "re\u0301sume\u0301", "résumé", "हिन्दी", "العربية", "٢٠٢٣", "2023", "Ⅷ", "ﬁn", "fin",
)  # fmt: skip


def some_words(random: Random, most: int) -> str:
    return " ".join(random.choice(WORDS) for _n in range(random.randint(0, most)))


def make_register(random: Random, agreements: int) -> list[Agreement]:
    states = [PartyFactory(name=some_words(random, 2) or "state") for _n in range(3)]
    bodies = [
        PartyFactory(name=some_words(random, 3) or "body", parent=random.choice(states))
        for _n in range(4)
    ]
    for party in states + bodies:
        PartyNameFactory(party=party, name=some_words(random, 2) or "other")
    fields = [AreaFactory(name=some_words(random, 2) or "field") for _n in range(2)]
    areas = [*fields, AreaFactory(name=some_words(random, 2), parent=fields[0])]
    made = []
    for _n in range(agreements):
        made.append(
            AgreementFactory(
                title=some_words(random, 5) or "title",
                summary=some_words(random, 6),
                place=some_words(random, 1),
                parties=random.sample(states + bodies, random.randint(0, 2)),
                areas=random.sample(areas, random.randint(0, 2)),
                publication=random.choice(["published", "published", "draft"]),
            )
        )
        if random.random() < 0.5:
            SignatoryFactory(
                agreement=made[-1], name=some_words(random, 2), as_published=some_words(random, 2)
            )
    return made


def searched_texts(agreement: Agreement) -> dict[str, list[str]]:
    """The searchable texts of an agreement in all spellings, each by itself, collected through the models one row at a time."""
    parties = [row.party for row in agreement.participations.all()]
    nodes = {node for party in parties for node in [party, *party.ancestors()]}
    areas = {node for area in agreement.areas.all() for node in [area, *area.ancestors()]}
    people = {row.person for row in agreement.signatories.all() if row.person}
    names: list[Any] = [
        *(name for node in nodes for name in (node.name, node.short_name)),
        *(name.name for node in nodes for name in node.names.all()),
        *(area.name for area in areas),
        *(name for row in agreement.signatories.all() for name in (row.name, row.as_published)),
        *(person.name for person in people),
        *(name.name for person in people for name in person.names.all()),
    ]
    return {
        "title": _spelled([agreement.title, agreement.ref]),
        "beside": _spelled([*names, agreement.place, agreement.summary]),
    }


def _spelled(texts: list[str]) -> list[str]:
    return [spelling for text in texts for spelling in spellings(text)]


def assert_current() -> None:
    """Check that every agreement has the right entry for its rows, and that SQLite's full-text table matches."""
    wanted = {row.pk: _as_parts(**searched_texts(row)) for row in Agreement.objects.all()}
    stored = {
        entry.pk: _as_parts(entry.title.split(" ¶ "), entry.body.split(" ¶ "))
        for entry in SearchEntry.objects.all()
    }
    assert stored == wanted
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO agreements_searchentry_fts(agreements_searchentry_fts, rank) "
                "VALUES ('integrity-check', 1)"
            )


def _as_parts(title: list[str], beside: list[str]) -> tuple[set[str], set[str]]:
    return set(title) - {""}, set(beside) - {""}
