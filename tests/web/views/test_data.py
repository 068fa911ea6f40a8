"""The data page explains every parameter, column and code."""

import re

import pytest
from django.test import Client

from agreements.domain.data_dictionary import VOCABULARIES, Vocabulary
from agreements.exchange.exporting.csv import COLUMNS
from agreements.selection.declarations import PARAMETERS
from tests.web.views.conftest import words_in


@pytest.fixture
def page(client: Client) -> str:
    response = client.get("/data/")
    assert response.status_code == 200
    return response.content.decode()


def test_every_column_of_the_file_is_explained(page: str) -> None:
    words = words_in(page)

    for column in COLUMNS:
        assert f"{column.name} {column.dictionary_meaning}" in words


def test_every_parameter_has_an_example_to_follow(page: str) -> None:
    for parameter in PARAMETERS:
        path = "/agreements.csv" if parameter.is_for_files else "/agreements/"
        assert f'href="{path}?{parameter.example}"'.replace("&", "&amp;") in page


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.slug)
def test_every_code_stands_with_its_label(page: str, vocabulary: Vocabulary) -> None:
    section = page.partition(f'id="{vocabulary.slug}"')[2].partition("</section>")[0]

    assert re.findall(r"<code>([^<]+)</code>", section) == list(vocabulary.codes_of.values)
    for label in vocabulary.codes_of.labels:
        assert str(label) in section


def test_licence_says_what_it_covers(page: str) -> None:
    words = words_in(page)

    assert "Creative Commons Attribution 4.0" in words
    assert "belong to their publishers and keep their own terms" in words


def test_examples_for_scripts_name_this_site(page: str) -> None:
    assert 'curl "http://testserver/agreements.csv?' in page
