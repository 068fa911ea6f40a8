"""The page on which staff say what the unknown names of a file mean, and what becomes of their answers."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from agreements.admin import import_parties
from agreements.admin.import_parties import asked_about
from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import alike
from agreements.exchange.importing.alike import groups_of
from agreements.models import Agreement, Import, Party
from tests.admin.test_imports import address, page_of, upload
from tests.colleagues import colleague
from tests.factories import PartyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


def uploaded(client: Client, *parties: str) -> Import:
    rows = "".join(f'Title {n},"{name}"\r\n' for n, name in enumerate(parties, 1))
    upload(client, f"title,parties\r\n{rows}")
    return Import.objects.get()


def say(client: Client, run: Import, **answers: dict[str, str]) -> Any:
    """Send these answers, by the name with underscores for blanks; all other names stay unanswered."""
    run.refresh_from_db()
    data: dict[str, str] = {}
    for one in asked_about(run):
        given = answers.get(one.name.replace(" ", "_"))
        if given is not None:
            data |= {f"{one.prefix}-choice": ""}
            data |= {f"{one.prefix}-{field}": value for field, value in given.items()}
    return client.post(address(run, "parties"), data, follow=True)


def parties_of(title: str) -> list[str]:
    return [str(row) for row in Agreement.objects.get(title=title).participations.all()]


def test_page_names_each_unknown_party_with_its_rows_and_what_is_close(editor: Client) -> None:
    PartyFactory(name="Uzbekistan", country="UZ", state=True)
    run = uploaded(editor, "Uzbekistann", "Atlantis", "ATLANTIS")

    page = editor.get(address(run, "parties")).content.decode()

    assert re.search(r"<legend[^>]*>Atlantis</legend>\s*<p[^>]*>\s*2 times, in rows 3, 4", page)
    assert 'also written <q dir="auto">ATLANTIS</q>' in page
    close = re.search(r"Uzbekistann</legend>.*?</fieldset>", page, re.DOTALL)
    assert close
    # offered before every other answer but none
    labels = re.findall(r"<label for=\"[^\"]*choice[^>]*>([^<]*)</label>", close[0])
    assert labels[:3] == ["Not answered", "Uzbekistan", "Another party of the register"]
    brief = page_of(editor, run)
    assert "The register does not know 2 names." in brief
    assert address(run, "parties") in brief


def test_answers_of_every_kind_are_imported_as_given(editor: Client) -> None:
    japan = PartyFactory(name="Japan", country="JP", state=True)
    labour = PartyFactory(name="Ministry of Labour", country="AZ")
    run = uploaded(editor, "Japann", "MLSPP", "Atlantis", "Foo and Bar", "to be named; Japan")

    say(
        editor,
        run,
        Japann={"choice": str(japan.pk)},
        MLSPP={"choice": "other", "other": "ministry of LABOUR"},
        Atlantis={
            "choice": "make",
            "name": "Atlantis Office",
            "kind": "agency",
            "country": "Japan",
        },
        Foo_and_Bar={"choice": "several", "parts": "Japan\nMinistry of Labour"},
        to_be_named={"choice": "nothing"},
    )
    page = editor.post(address(run, "apply"), follow=True).content.decode()

    assert "5 records were imported" in page
    assert parties_of("Title 1") == ["Japan"]
    assert parties_of("Title 2") == ["Ministry of Labour"]
    assert parties_of("Title 3") == ["Atlantis Office"]
    assert parties_of("Title 4") == ["Japan", "Ministry of Labour"]
    assert parties_of("Title 5") == ["Japan"]
    new = Party.objects.get(name="Atlantis Office")
    assert (new.kind, new.country, new.names.get().name) == ("agency", "JP", "Atlantis")
    assert [japan.names.get().name, labour.names.get().name] == ["Japann", "MLSPP"]


def test_answers_that_are_remembered_need_no_second_answer(editor: Client) -> None:
    japan = PartyFactory(name="Japan", country="JP", state=True)
    run = uploaded(editor, "Japann")
    say(editor, run, Japann={"choice": str(japan.pk)})
    editor.post(address(run, "apply"))

    upload(editor, "title,parties\r\nAnother,Japann\r\n")

    assert Import.objects.first().unknown_parties == []  # type: ignore[union-attr]


def test_party_is_chosen_by_its_number(editor: Client) -> None:
    party = PartyFactory(name="Ministry of Labour", country="AZ")
    run = uploaded(editor, "MLSPP", "ASAN")

    say(editor, run, MLSPP={"choice": "other", "other": f"Anything [{party.pk}]"},
        ASAN={"choice": "", "other": str(party.pk)})  # fmt: skip

    run.refresh_from_db()
    assert run.answers == {"mlspp": party.pk, "asan": party.pk}


def test_unclear_name_is_refused_with_what_tells_them_apart(editor: Client) -> None:
    first, second = (PartyFactory(name="Ministry of Labour", country=code) for code in ("AZ", "UZ"))
    run = uploaded(editor, "MLSPP", "ASAN")

    page = say(editor, run, MLSPP={"choice": "other", "other": "Ministry of Labour"},
               ASAN={"choice": "other", "other": "Nowhere"}).content.decode()  # fmt: skip

    assert (
        f"Ministry of Labour (Azerbaijan) [{first.pk}], Ministry of Labour (Uzbekistan) [{second.pk}]"
        in page
    )
    assert "No party has the name “Nowhere”. Correct it, or choose “A new party”." in page
    # what was typed is still there
    assert 'value="Nowhere"' in page
    run.refresh_from_db()
    assert run.answers == {}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "", "kind": "ngo"}, "Type the name of the new party."),
        ({"name": "X", "kind": ""}, "Choose the kind of the new party."),
        ({"name": "X", "kind": "state"}, "A state needs its country."),
        ({"name": "X", "kind": "ngo", "country": "Mordor"}, "“Mordor” is not a country."),
        ({"name": "X; Y", "kind": "ngo"}, "cannot contain a semicolon"),
        ({"name": "x" * 256, "kind": "ngo"}, "at most 255 characters"),
        ({"name": "JAPAN", "kind": "state", "country": "JP"}, "The register already has “Japan”"),
    ],
    ids=["no name", "no kind", "state", "country", "semicolon", "too long", "known"],
)
def test_new_party_that_cannot_be_is_refused_with_the_remedy(
    editor: Client, said: dict[str, str], why: str
) -> None:
    PartyFactory(name="Japan", country="JP", state=True)
    run = uploaded(editor, "Atlantis")

    page = say(editor, run, Atlantis={"choice": "make", **said}).content.decode()

    assert why in page
    run.refresh_from_db()
    assert run.answers == {}


def test_split_is_offered_where_a_name_looks_joined_and_needs_two_names(editor: Client) -> None:
    run = uploaded(editor, "Atlantis and Mu", "Lemuria\nThule")

    page = editor.get(address(run, "parties")).content.decode()
    assert re.search(r"<textarea[^>]*>\s*Atlantis\nMu</textarea>", page)
    assert re.search(r"<textarea[^>]*>\s*Lemuria\nThule</textarea>", page)
    refused = say(editor, run, Atlantis_and_Mu={"choice": "several", "parts": "Atlantis"})
    assert "Write each party on a line of its own, from two to 20" in refused.content.decode()


def test_names_like_each_other_stand_together_and_mean_the_same(editor: Client) -> None:
    run = uploaded(editor, "Atlantis Institute", "Mu", "Atlantis Institut")

    assert [one.name for one in asked_about(run)] == [
        "Atlantis Institute",
        "Atlantis Institut",
        "Mu",
    ]
    refused = say(editor, run, Atlantis_Institut={"choice": "same"}).content.decode()
    assert "Answer “Atlantis Institute” first." in refused
    say(
        editor,
        run,
        Atlantis_Institute={"choice": "make", "name": "Atlantis Institute", "kind": "ngo"},
        Atlantis_Institut={"choice": "same"},
        Mu={"choice": "nothing"},
    )
    editor.post(address(run, "apply"))

    assert [(party.name, party.kind) for party in Party.objects.all()] == [
        ("Atlantis Institute", "ngo")
    ]
    assert parties_of("Title 1") == parties_of("Title 3") == ["Atlantis Institute"]


def test_comparing_names_with_each_other_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "MOST_COMPARED", 2)

    assert list(groups_of(["atlantis", "mu", "atlantis 1"])) == [
        ("atlantis", ""),
        ("mu", ""),
        ("atlantis 1", ""),
    ]


def test_all_that_are_left_become_new_parties_at_once(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_parties, "NAMES_A_PAGE", 2)
    run = uploaded(editor, "Mu", "Thule", "Lemuria", "Peru", "Korea", "Congo")
    asked = asked_about(run)
    data = {f"{asked[0].prefix}-choice": "nothing", f"{asked[1].prefix}-choice": "", "all": "1"}

    page = editor.post(address(run, "parties"), {**data, "all_kind": "ngo"}, follow=True)

    told = page.content.decode()
    assert (
        "2 names cannot be new parties as they are: “Korea”, “Congo”. Answer them one by one."
        in told
    )
    editor.post(address(run, "answer"), {"is_partial": "on"})
    editor.post(address(run, "apply"), {"is_partial": "on"})
    made = Party.objects.order_by("name").values_list("name", "kind", "country")
    assert list(made) == [("Lemuria", "ngo", ""), ("Peru", "state", "PE"), ("Thule", "ngo", "")]
    assert parties_of("Title 1") == []


def test_answers_on_other_pages_stay(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_parties, "NAMES_A_PAGE", 1)
    run = uploaded(editor, "Mu", "Thule")

    say(editor, run, Mu={"choice": "nothing"})
    say(editor, run, Thule={"choice": "nothing"})
    run.refresh_from_db()
    assert run.answers == {"mu": {"nothing": True}, "thule": {"nothing": True}}

    say(editor, run, Mu={"choice": ""})
    run.refresh_from_db()
    assert run.answers == {"thule": {"nothing": True}}


def test_answers_can_be_looked_at_and_changed(editor: Client) -> None:
    PartyFactory(name="Japan", country="JP", state=True)
    run = uploaded(editor, "Nippon Co", "Mu")
    say(editor, run, Nippon_Co={"choice": "other", "other": "Japan"},
        Mu={"choice": "make", "name": "Mu Office", "kind": "agency"})  # fmt: skip

    assert "2 names have been answered." in page_of(editor, run)
    page = editor.get(address(run, "parties")).content.decode()

    assert re.search(r'value="Japan \[\d+\]"', page)
    assert 'value="Mu Office"' in page


def test_those_who_may_not_create_parties_are_not_offered_it(client: Client) -> None:
    user = colleague(StaffRole.EDITOR)
    permission = Permission.objects.get(codename="add_party")
    for group in user.groups.all():
        group.permissions.remove(permission)
    client.force_login(user)
    run = uploaded(client, "Mu")

    page = client.get(address(run, "parties")).content.decode()
    assert "A new party" not in page
    assert "Create all that are left" not in page
    refused = say(client, run, Mu={"choice": "make", "name": "Mu", "kind": "ngo"}).content.decode()
    assert "is not one of the available choices" in refused
    client.post(address(run, "parties"), {"all": "1", "all_kind": "ngo"})
    run.refresh_from_db()
    assert run.answers == {}


def test_readers_do_not_answer_and_applied_imports_are_not_asked_about(editor: Client) -> None:
    run = uploaded(editor, "Mu")
    say(editor, run, Mu={"choice": "nothing"})
    editor.post(address(run, "apply"))

    assert editor.get(address(run, "parties")).status_code == 302
    editor.force_login(colleague(StaffRole.READER))
    assert editor.get(address(run, "parties")).status_code == 403
    assert editor.post(address(run, "parties")).status_code == 403


def test_page_of_names_takes_few_queries(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    japan = PartyFactory(name="Japan", country="JP", state=True)
    names = [f"Body {n} {chr(65 + n) * 9}" for n in range(20)]
    run = uploaded(editor, *names)
    say(
        editor,
        run,
        **{name.replace(" ", "_"): {"choice": "other", "other": str(japan.pk)} for name in names},
    )

    with django_assert_max_num_queries(12):
        editor.get(address(run, "parties"))


def test_name_left_alone_in_an_older_window_keeps_its_answer(editor: Client) -> None:
    run = uploaded(editor, "Atlantis", "Xanadu")
    first, second = asked_about(run)
    window = {f"{one.prefix}-{field}": "" for one in (first, second) for field in ("choice", "was")}

    editor.post(address(run, "parties"), {**window, f"{first.prefix}-choice": "nothing"})
    editor.post(address(run, "parties"), {**window, f"{second.prefix}-choice": "nothing"})
    run.refresh_from_db()
    assert run.answers == {first.key: {"nothing": True}, second.key: {"nothing": True}}

    page = editor.get(address(run, "parties")).content.decode()
    assert page.count('value="nothing"') >= 4  # the choice, and the choice that was shown
    editor.post(
        address(run, "parties"),
        {f"{first.prefix}-was": "nothing", f"{first.prefix}-choice": ""},
    )
    run.refresh_from_db()
    assert run.answers == {second.key: {"nothing": True}}
