"""Language tags in their usual writing, and the names of languages."""

import pytest
from django.utils.translation import override

from agreements.domain.languages import language_in_words, language_tag


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("az", "az"),
        (" AZ ", "az"),
        ("SR-latn-rs", "sr-Latn-RS"),
        ("sr_Latn", "sr-Latn"),
        ("zh-hant", "zh-Hant"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("tlh", "tlh"),
        ("", ""),
        ("a", ""),
        ("English", ""),
        ("en-", ""),
        ("en us", ""),
        ('en"><script>', ""),
        ("аз", ""),
    ],
)
def test_tags_have_one_writing(typed: str, tag: str) -> None:
    assert language_tag(typed) == tag
    assert language_tag(tag) == tag


def test_languages_are_named_in_the_language_of_the_page() -> None:
    with override("en"):
        assert language_in_words("az") == "Azerbaijani"
        assert language_in_words("sr-Cyrl") == "Serbian (Cyrl)"
        assert language_in_words("zh") == "Chinese"
        assert language_in_words("tlh") == "tlh"
        assert language_in_words("") == ""
