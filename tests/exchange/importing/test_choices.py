"""What a clerk chose for the columns of a file, as the table of a profile and back."""

from typing import Any

import pytest

from agreements.exchange.importing.mapping.choices import (
    Choices,
    ColumnChoice,
    as_table,
    choices_of,
    name_of,
)
from agreements.exchange.importing.profiles import content_of, find, from_table, table_of

HEADINGS = [
    "Type",
    "Partner",
    "Country",
    "Signed",
    "Until",
    "Duration",
    "Remarks",
    "Contact",
    "No",
    "Link",
]


def chosen(**more: Any) -> Choices:
    targets = [
        "kind", "party", "country", "signed", "expires_stated", "duration", "internal_notes", "internal_notes",
        "identifier", "source_url",
    ]  # fmt: skip
    columns = {
        heading: ColumnChoice(target=target)
        for heading, target in zip(HEADINGS, targets, strict=True)
    }
    columns["Partner"].kind = "university"
    columns["Duration"].unit = "years"
    given = {
        "values": {"kind": {"MoU": "mou", "-": ""}, "areas": {}},
        "own_party": "Ministry of Labour",
        "title_pattern": "{Type} with {Partner}",
        "stage": "concluded",
        "order": "month-first",
        "two_digit_years": 2049,
        "publisher": "Ministry",
        "source_title": "List of agreements",
    }
    return Choices(columns, **(given | more))


def test_choices_become_the_table_of_a_profile() -> None:
    table = as_table(chosen(), HEADINGS, {})

    assert table["fields"] == {
        "title": {"pattern": "{Type} with {Partner}"},
        "kind": {"columns": ["Type"], "values": {"MoU": "mou", "-": ""}},
        "stage": {"always": "concluded"},
        "signed": {"columns": ["Signed"], "until": "expires_stated"},
        "expires_stated": {"columns": ["Until"]},
        "duration": {"columns": ["Duration"], "unit": "years"},
        "internal_notes": {"columns": ["Remarks", "Contact"], "labelled": True},
    }
    assert [each.get("always") or each["column"] for each in table["parties"]] == [
        "Ministry of Labour", "Partner",
    ]  # fmt: skip
    assert table["parties"][1]["country"] == "Country"
    assert table["parties"][1]["kind"] == "university"
    assert table["rows"] == {"filled": ["Partner"]}
    assert table["identifier"]["column"] == "No"
    assert table["dates"] == {"order": "month-first", "two_digit_years": 2049}
    assert table["source"]["url"] == {"columns": ["Link"]}


def test_table_gives_the_choices_back() -> None:
    table = as_table(chosen(), HEADINGS, {})

    assert choices_of(table, HEADINGS) == chosen()
    assert as_table(choices_of(table, HEADINGS), HEADINGS, table) == table


def test_what_the_wizard_has_no_control_for_stays() -> None:
    kept = {
        "events": [{"kind": "ratified", "date": "Ratified"}],
        "rows": {"only": {"Status": ["signed"]}},
        "parties": {"column": "Partner", "known": {"Hayti": "Haiti"}},
        "dates": {"formats": ["%d/%m/%Y"]},
    }

    table = as_table(chosen(), HEADINGS, kept)

    assert table["events"] == kept["events"]
    assert table["rows"]["only"] == {"Status": ["signed"]}
    assert table["parties"][1]["known"] == {"Hayti": "Haiti"}
    assert table["dates"]["formats"] == ["%d/%m/%Y"]


def test_column_that_is_no_longer_chosen_is_no_longer_read() -> None:
    table = as_table(chosen(), HEADINGS, {})
    fewer = chosen()
    for heading in ("Duration", "No", "Link", "Country"):
        fewer.columns[heading].target = ""

    again = as_table(fewer, HEADINGS, table)

    assert "duration" not in again["fields"]
    assert "identifier" not in again
    assert "country" not in again["parties"][1]
    assert "url" not in again["source"]


def test_country_belongs_to_the_party_before_it() -> None:
    columns = {
        "First": ColumnChoice("party"),
        "First country": ColumnChoice("country"),
        "Second": ColumnChoice("party"),
        "Second country": ColumnChoice("country"),
    }

    parties = as_table(Choices(columns), list(columns), {})["parties"]

    assert [each["country"] for each in parties] == ["First country", "Second country"]


def test_files_with_the_same_columns_share_a_name() -> None:
    assert name_of(["Partner", "Type"]) == name_of(["TYPE", "partner"])
    assert name_of(["Partner", "Type"]) != name_of(["Partner", "Kind"])


def test_title_gives_the_kind_too_and_the_status_is_noted() -> None:
    columns = {
        "Name": ColumnChoice("title"),
        "State": ColumnChoice("status"),
        "Memo": ColumnChoice("internal_notes"),
    }
    choices = Choices(columns, kind="mou", kind_of_title=True, notes_status=True)

    table = as_table(choices, list(columns), {})

    kind = table["fields"]["kind"]
    assert (kind["columns"], kind["otherwise"]) == (["Name"], "mou")
    assert kind["beginning"]["protocol "] == "protocol"
    assert table["fields"]["internal_notes"] == {"columns": ["Memo", "State"], "labelled": True}
    read = choices_of(table, columns)
    assert (read.columns, read.kind, read.kind_of_title, read.notes_status) == (
        columns,
        "mou",
        True,
        True,
    )
    assert as_table(read, list(columns), table) == table


def test_links_of_a_column_that_becomes_something_else_lead_to_the_source() -> None:
    columns = {"Name": ColumnChoice("title"), "Partner": ColumnChoice("party")}
    choices = Choices(columns, publisher="Ministry", links_from="Partner")

    table = as_table(choices, list(columns), {})

    assert table["source"]["url"] == {"columns": ["Partner"]}
    read = choices_of(table, columns)
    assert (read.columns["Partner"].target, read.links_from) == ("party", "Partner")


def test_profile_of_more_than_the_wizard_shows_is_kept_as_it_is() -> None:
    titled = {"columns": ["Name"], "beginning": {"pact ": "treaty"}, "otherwise": "other"}
    table = {
        "recognised_by": ["Name"],
        "remembered_as": name_of(["Name"]),
        "rows": {"filled": ["Name"]},
        "fields": {"title": {"columns": ["Name"]}, "kind": titled},
    }

    assert as_table(choices_of(table, ["Name"]), ["Name"], table) == table


# More than the wizard shows

MINISTRY = """
title = "Agreements of the Ministry"
recognised_by = ["No", "Partner"]

[file]
head = 2

[rows]
only = { Status = ["signed", "Signed"] }
group_by = ["No"]

[identifier]
scheme = "ministry"
column = "No"
before = "M-"

[[identifiers]]
scheme = "celex"
column = "CELEX"

[dates]
formats = ["%d/%m/%Y", "%Y"]
two_digit_years = 2049

[fields]
title = { column = "Long title", replace = { "MoU" = "Memorandum" } }
summary = { column = "Long title" }
signed = { column = "Period", take = "earliest" }
in_force = { column = "Period", until = "expires_stated" }
duration = { column = "Duration", unit = "weeks" }
place = { always = "Baku" }
legal_nature = { column = "Type", values = { "Treaty" = "binding" }, otherwise = "not_assessed" }

[fields.kind]
column = "Type"
values = { "Memorandum" = "mou", "Rare" = "treaty" }
beginning = { "Pact" = "treaty" }

[[parties]]
always = "Ministry of Labour"
kind = "ministry"
country = { always = "AZ" }

[[parties]]
always = "State Fund"

[[parties]]
column = "Partner"
separators = [" ; "]
country = { column = "Country", values = { "UK" = "GB" } }
known = { "Hayti" = "Haiti" }

[[parties]]
like = "c*"
kind = "state"

[areas]
column = "Subject"
otherwise = "health"
values = { "HEALTH" = "health", "-" = "" }

[[events]]
kind = "ratified"
date = "Ratified on"
party = "Partner"

[source]
publisher = { column = "Publisher" }
title = { column = "No", before = "List, no. " }
url = "Address"
basis = "inferred"
inferred = ["kind"]
"""
OF_MINISTRY = [
    "No", "Partner", "Country", "Long title", "Status", "Type", "Period", "Duration", "CELEX", "c1", "c2", "Subject",
    "Ratified on", "Publisher", "Address",
]  # fmt: skip


def of_ministry() -> dict[str, Any]:
    return table_of(MINISTRY.encode(), "ministry")


def test_profile_that_is_looked_at_and_saved_stays_as_it_is() -> None:
    kept = {"remembered_as": "ministry", **of_ministry()}
    from_table("ministry", kept).check_headings(OF_MINISTRY)

    table = as_table(choices_of(kept, OF_MINISTRY), OF_MINISTRY, kept)

    assert table == kept


@pytest.mark.parametrize("name", ["uk-treaties", "wipo-treaties"])
def test_shipped_profile_that_is_looked_at_and_saved_stays_as_it_is(name: str) -> None:
    kept = {"remembered_as": name, **content_of(name)}
    headings = list(dict.fromkeys([*find(name).columns, *find(name).recognised_by]))

    assert as_table(choices_of(kept, headings), headings, kept) == kept


def test_one_change_leaves_the_rest_of_a_profile_alone() -> None:
    kept = of_ministry()
    choices = choices_of(kept, OF_MINISTRY)
    choices.own_party = "Ministry of Health"
    choices.columns["Period"].target = "expires_stated"
    choices.columns["Address"].target = ""

    table = as_table(choices, OF_MINISTRY, kept)

    assert table["parties"][0] == {"always": "Ministry of Health", "kind": ""}
    assert table["parties"][1:] == [kept["parties"][2], kept["parties"][1], kept["parties"][3]]
    assert table["fields"]["expires_stated"] == {"columns": ["Period"]}
    assert not {"signed", "in_force"} & table["fields"].keys()
    assert {name: table["fields"][name] for name in ("title", "summary", "kind", "place")} == {
        name: kept["fields"][name] for name in ("title", "summary", "kind", "place")
    }
    assert table["source"] == {
        name: entry for name, entry in kept["source"].items() if name != "url"
    }
