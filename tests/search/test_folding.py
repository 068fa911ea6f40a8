"""One spelling for the many ways in which a name is written and typed."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.search import LONGEST_WORD, fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("Azərbaycan Respublikası", "azerbaycan respublikasi", id="Azerbaijani"),
        pytest.param("İSTANBUL ILGIN ığdır", "istanbul ilgin igdir", id="dotted and dotless i"),
        pytest.param("Şəki, Çin, Ağdam, Gömrük, Özbəkistan", "seki cin agdam gomruk ozbekistan", id="marks"),
        pytest.param("Oʻzbekiston O'zbekiston O’zbekiston O`zbekiston", "ozbekiston " * 3 + "ozbekiston", id="apostrophes"),
        pytest.param("People's Republic", "peoples republic", id="genitive"),
        pytest.param("Groß Ærø Łódź Þór Đakovo", "gross aero lodz thor dakovo", id="European letters"),
        pytest.param("Азәрбајҹан", "azerbaycan", id="Azerbaijani Cyrillic"),
        pytest.param("Ўзбекистон Қарши Ғиждувон Ҳамид", "ozbekiston qarshi gizhduvon hamid", id="Uzbek Cyrillic"),
        pytest.param("Ελλάδα Παπανδρέου ΟΔΟΣ", "ellada papandreou odos", id="Greek"),
        pytest.param("საქართველო", "sakartvelo", id="Georgian"),
        pytest.param("Հայաստան", "hayastan", id="Armenian"),
        pytest.param("日本 한국", f"日本 {unicodedata.normalize('NFKD', '한국')}", id="no Latin for it"),
        pytest.param("AGR-0001", "agr 0001", id="reference"),
        pytest.param("٢٠٢٣ ２０２３ Ⅷ", "2023 2023 viii", id="digits of all kinds"),
        pytest.param("ﬁnance ½", "finance 1 2", id="ligature and fraction"),
        pytest.param("a\u0301gua и\u0306од", "agua yod", id="letters and marks apart"),
        pytest.param("co\u00adop\u200deration", "cooperation", id="soft hyphen and joiner"),
        pytest.param("under_score/slash.dot\u00a0blank\nline", "under score slash dot blank line", id="separators"),
        pytest.param("\x00 \ud800 \ufffd … — “”", "", id="nothing to read"),
        pytest.param("", "", id="empty"),
    ],
)  # fmt: skip
def test_text_is_folded_to_plain_small_latin(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("russian", "usual"),
    [
        ("Алиев", "Aliyev"),
        ("Бабаев", "Babayev"),
        ("Шавкат Мирзиёев", "Shavkat Mirziyoyev"),
        ("Оллоёров", "Olloyorov"),
        ("Сергей Лавров", "Sergey Lavrov"),
        ("Дмитрий Медведев", "Dmitry Medvedev"),
        ("Юрий", "Yury"),
        ("Хрущёв", "Khrushchev"),
        ("Горбачёв", "Gorbachev"),
        ("Фёдор", "Fyodor"),
        ("Ельцин", "Yeltsin"),
        ("Соловьёв", "Solovyov"),
        ("Васильев", "Vasilyev"),
        ("Зеленський", "Zelensky"),
        ("Ташкент, Бухара, Астрахань", "Tashkent, Bukhara, Astrakhan"),
        ("Жуков Щербаков Цой Чехов Эльдар", "Zhukov Shcherbakov Tsoy Chekhov Eldar"),
    ],
)
def test_russian_name_folds_like_its_usual_latin_spelling(russian, usual):
    assert fold(russian) == fold(usual)
    assert fold(unicodedata.normalize("NFD", russian)) == fold(usual)


def test_every_character_folds_to_letters_and_digits_that_fold_to_themselves():
    """Queries of both databases contain the words in quotation marks: no character may end the quotation."""
    wrong = []
    for character in map(chr, range(sys.maxunicode + 1)):
        folded = fold(character)
        safe = all(unicodedata.category(part)[0] in "LN" for part in folded.replace(" ", ""))
        if not safe or fold(folded) != folded or folded != folded.casefold():
            wrong.append(f"U+{ord(character):04X} {folded!r}")

    assert not wrong


@given(st.text())
def test_folded_text_stays_as_it_is(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_stand_in_order_inside_of_the_text(text):
    found = list(words(text))

    assert " ".join(word.folded for word in found) == fold(text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert [word.start for word in found] == sorted(word.start for word in found)


@given(st.text(), st.text())
def test_words_of_two_texts_are_the_words_of_both(first, second):
    assert fold(f"{first} {second}").split() == [*fold(first).split(), *fold(second).split()]


def test_endless_word_is_compared_by_its_beginning():
    assert fold("ə" * 5_000) == "e" * LONGEST_WORD
    assert len(fold("щ" * 5_000)) == LONGEST_WORD
