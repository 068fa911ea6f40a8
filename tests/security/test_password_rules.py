"""Which passwords are refused, and which are not."""

import warnings

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

USER = User(
    username="a.mammadova",
    first_name="Aygün",
    last_name="Məmmədova",
    email="aygun@ministry.example",
)


def reasons(password: str) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            validate_password(password, USER)
        except ValidationError as error:
            return [str(problem.code) for problem in error.error_list]
    return []


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "PASSWORD1234",
        "qwertyuiop12",
        "123456789012",
        "iloveyou1234",
        "012846RELOAD",
        "q1w2e3r4t5y6u7i8",
    ],
)
def test_common_ones_are_refused(password: str) -> None:
    assert "password_too_common" in reasons(password)


@pytest.mark.parametrize(
    "password",
    [
        "MoUTracker2026",
        "memorandum-understanding",
        "agreement agreement",
        "Register127001!",
        "Məmmədova-1979",
        "Aygün!Aygün!1",
        "ministry.example",
        "a.mammadova2026",
    ],
)
def test_words_of_the_site_and_own_names_are_refused(password: str) -> None:
    assert "password_of_own_words" in reasons(password)


@pytest.mark.parametrize(
    "password",
    [
        "kettle drum orbit",
        "834709125563",
        "________~~~~~~~~",
        "Ünïcødé pässphräse",
        "the register in the green attic",
        " leading and trailing ",
        "zxkq" * 1024,
        "(((((((((((((a+)+$",
    ],
    ids=lambda password: password[:12],
)
def test_others_are_allowed_whatever_their_characters(password: str) -> None:
    assert reasons(password) == []


def test_short_ones_are_refused_for_that() -> None:
    assert reasons("kx7-qLpVz2w") == ["password_too_short"]
