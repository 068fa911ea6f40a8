"""The schemes of identifiers: their examples fit, their URLs are safe, and what people copy along is left out."""

import re

import pytest

from agreements.domain.identifiers import SCHEMES, Scheme, code_of, label_of, url_of

every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


@every_scheme
def test_scheme_is_complete(scheme: Scheme) -> None:
    assert re.fullmatch(r"[a-z][a-z-]{1,59}", scheme.code)
    assert scheme.label
    assert scheme.fits(scheme.example)
    assert scheme.tidied(scheme.example) == scheme.example
    assert bool(url_of(scheme.code, scheme.example)) == bool(scheme.url)
    assert all(prefix == prefix.casefold() for prefix in scheme.prefixes)


@pytest.mark.parametrize(
    ("scheme", "value", "url"),
    [
        ("celex", "32016R0679", "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32016R0679"),
        (
            "celex",
            "22021A0430(01)",
            "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:22021A0430(01)",
        ),
        ("doi", "10.1000/182", "https://doi.org/10.1000/182"),
        ("doi", "10.1000/<a>#b?c", "https://doi.org/10.1000/%3Ca%3E%23b%3Fc"),
        ("e-qanun", "46816", "https://e-qanun.az/framework/46816"),
        ("un-registration", "I-54669", ""),
        ("celex", "javascript:alert(1)", ""),
        ("celex", "32016R0679\n", ""),
        ("celex", "٣2016R0679", ""),
        ("doi", "", ""),
        ("of-our-own", "10.1000/182", ""),
    ],
)  # fmt: skip
def test_values_lead_to_the_other_register(scheme: str, value: str, url: str) -> None:
    assert url_of(scheme, value) == url


@pytest.mark.parametrize(
    ("scheme", "typed", "value"),
    [
        ("doi", "https://doi.org/10.1000/182", "10.1000/182"),
        ("doi", "DOI: 10.1000/182", "10.1000/182"),
        ("celex", "CELEX:32016R0679", "32016R0679"),
        ("celex", "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32016R0679", "32016R0679"),
        ("e-qanun", "https://e-qanun.az/framework/46816", "46816"),
        ("doi", "10.1000/182", "10.1000/182"),
    ],
)  # fmt: skip
def test_what_people_copy_along_is_left_out(scheme: str, typed: str, value: str) -> None:
    assert SCHEMES[scheme].tidied(typed) == value


def test_schemes_are_found_by_code_and_label_and_others_stay_as_typed() -> None:
    assert code_of(" CELEX ") == code_of("celex number") == "celex"
    assert code_of("Our-Files") == "Our-Files"
    assert label_of("doi") == "DOI"
    assert label_of("Our-Files") == "Our-Files"
