"""Counts the different names that the search takes for one another: `python -m benchmarks.false_friends`.

The names are made by rule (stems and endings of surnames in six languages), taken from the countries in twelve languages,
and are the words of the seeded register and of the documentation. Each has an identity, so that a pair of different
identities that meets is a false friend, or one name in two spellings, which a reader tells apart. "Before" compares the
first key of every word, which only drops marks and changes the alphabet; "after" compares all keys.
"""

import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations, product
from pathlib import Path

from agreements.search.folding import fold, spellings

ROOT = Path(__file__).resolve().parent.parent
_WORD = re.compile(r"[^\W\d_]{3,}")

Identity = tuple[str, str]
Named = tuple[str, Identity]

LANGUAGES = ("az", "ru", "en", "tr", "uk", "de", "da", "sv", "kk", "uz", "pl", "fr")

# For each language: stems, endings.
_RULES = {
    "az": (
        """
        Əli Məmməd Həsən Hüseyn Qulu Cəfər Əhməd İbrahim Rəhim Kərim Səfər Heydər Vəli Qasım Axund
        Ağa Şükür Nəbi Xəlil Hacı Mirzə Tağı Baba Bağır Quliyar Süleyman Yusif Zeynal Orucov Novruz
        Bayram Ramazan Şaban Abbas Əsgər Nəcəf Nəsir Rüstəm Səməd Şirin Teymur Vahid Zülfüqar
        Xudaverdi Allahverdi Tanrıverdi Eyvaz Fərhad Fətəli Cavad
        """,
        "ov ova yev yeva li lı zadə oğlu bəyli bəyov qızı",
    ),
    "ru": (
        """
        Алекс Андре Бори Васил Григор Дмитр Евген Его Захар Иван Кирил Корол Лавр Медвед Никола Орл
        Петр Роман Серге Соловь Тимофе Фёдор Фомин Хрущ Шувал Юр Яковл Щербак Цветк Чех Жук Зу Ермол
        Елисе Матве Лебед Белоус Ковал Семён Артём
        """,
        "ов ова ев ева ёв ёва ин ина ский ская енко ович евич",
    ),
    "uk": (
        """
        Бойч Гнат Григ Євг Зах Іван Кіндр Лис Мель Нич Ост Павл Рев Сав Тим Ющ Яр Ґал Їж Хар Шевч
        Щерб Дніпр Київ Олекс Богд
        """,
        "енко чук ук ський ська ець ів ій ко ян",
    ),
    "tr": (
        """
        Öz Türk Gül Çelik Şahin Yıldız Doğan Kılıç Aydın Güneş Işık Koç Yüksel Demir Arslan Çetin
        Kurt Özgür Ünal Taş Ak Kara Sarı Erdoğ Böl Köy Göl Çağ Işın Uç
        """,
        " oğlu er man lı soy türk kaya taş gül demir",
    ),
    "de": (
        """
        Müll Schröd Kön Köhl Böhm Jäg Bäck Grün Schäf Vög Hüb Kruse Bauer Samuel Manuel Koch Krüg
        Möll Weiß Groß Schmid Frön Röm Löw Bühl Mühl Stein Gärtn Zöll Häus
        """,
        "er mann ig bach stein hof feld berg ",
    ),
    "nordic": (
        """
        Sør Bjørk Ås Åker Øst Møll Kjær Dæm Hå Lø Näs Öst Ström Sjö Björ Lång Mår Nør Grå Blå
        """,
        "ensen sson strand berg dal vik lund by ",
    ),
}


def names() -> Iterator[Named]:
    """Yield every name with its identity: of a country its code, of a surname its spelling."""
    for language, (stems, endings) in _RULES.items():
        for stem, ending in product(stems.split(), re.split(" ", endings)):
            # ё and е are one letter to most who write Russian
            yield f"{stem}{ending}", (language, f"{stem}{ending}".replace("ё", "е"))
    yield from _countries()
    yield from _ordinary_words()


def _countries() -> Iterator[Named]:
    from django.utils import translation
    from django_countries import countries

    for language in LANGUAGES:
        with translation.override(language):
            for code, name in countries:
                yield str(name), ("country", code)


def _ordinary_words() -> Iterator[Named]:
    """Yield the words of the register's fixtures and of the documentation; those that fold alike are one."""
    for path in sorted([*ROOT.glob("fixtures/**/*.json"), *ROOT.glob("docs/*.md")]):
        for word in sorted(set(_WORD.findall(path.read_text(encoding="utf-8")))):
            yield word, ("word", fold(word))


def false_friends(
    named: list[Named], keys_of: Callable[[str], tuple[str, ...]]
) -> dict[tuple[Identity, Identity], tuple[str, str]]:
    """Return the pairs of different identities that have a key in common, each with an example."""
    by_key: dict[str, dict[Identity, str]] = defaultdict(dict)
    for name, identity in named:
        for key in keys_of(name):
            by_key[key].setdefault(identity, name)
    found = {}
    for meeting in by_key.values():
        for (one, first), (other, second) in combinations(sorted(meeting.items()), 2):
            found[one, other] = (first, second)
    return found


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    named = list(dict.fromkeys(names()))
    before = false_friends(named, lambda name: (fold(name),))
    after = false_friends(named, spellings)
    pairs = len({identity for _name, identity in named})
    everything = pairs * (pairs - 1) // 2
    _say(f"Names: {len(named)}, of {pairs} identities, {everything} pairs.")
    for when, found in (("before", before), ("after", after)):
        _say(f"Different names that meet {when}: {len(found)} ({len(found) / everything:.6%}).")
    for first, second in sorted(pair for key, pair in after.items() if key not in before):
        _say(f"  {first} = {second}")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mou_tracker.settings")
    django.setup()
    main()
