"""Two people edit one record: the second to save sees both versions and chooses, and nothing typed is lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.choices import EventKind, Publication
from agreements.domain.permissions import StaffRole
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Participation,
    Party,
    Signatory,
)
from tests.colleagues import colleague
from tests.factories import (
    PDF_BYTES,
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def url(record: Any, page: str = "change") -> str:
    return reverse(f"admin:agreements_{record._meta.model_name}_{page}", args=[record.pk])


def opened(client: Client, record: Any) -> dict[str, list[str]]:
    """Open a record's page and return what the browser would send of it."""
    return filled_in(client.get(url(record)), "edit_token")


def save(client: Client, record: Any, form: dict[str, Any], **changes: Any) -> Any:
    return client.post(url(record), form | changes | {"_continue": "1"})


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def sections(response: Any) -> dict[str, Any]:
    return {section.who.value: section for section in response.context["sections"]}


@pytest.fixture
def yours(client: Client) -> Client:
    client.force_login(colleague(StaffRole.PUBLISHER, username="you"))
    return client


@pytest.fixture
def theirs() -> Client:
    client = Client()
    client.force_login(colleague(StaffRole.PUBLISHER, username="they"))
    return client


@pytest.fixture
def agreement() -> Agreement:
    with recorded():
        made: Agreement = AgreementFactory(draft=True, title="Before", place="Baku")
    return made


def test_saving_over_a_newer_version_is_refused(
    yours: Client, theirs: Client, agreement: Agreement, caplog: pytest.LogCaptureFixture
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs", why="They know")

    response = save(yours, agreement, mine, title="Mine")

    page = text(response)
    assert response.status_code == 409
    assert Agreement.objects.get().title == "Theirs"
    assert "they, " in page
    assert "They know" in page
    assert '"event": "save_refused"' in caplog.text
    [choice] = sections(response)["both"].choices
    assert (choice.label, choice.base, choice.theirs, choice.yours) == (
        "Title",
        "Before",
        "Theirs",
        "Mine",
    )
    assert choice.answer == ""


@pytest.mark.parametrize(
    ("answer", "written", "title"),
    [("theirs", "Mine", "Theirs"), ("yours", "Mine", "Mine"), ("yours", "Retyped", "Retyped")],
    ids=["theirs", "yours", "retyped"],
)
def test_what_is_chosen_is_saved(
    yours: Client, theirs: Client, agreement: Agreement, answer: str, written: str, title: str
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs", summary="Their summary")
    page = save(yours, agreement, mine, title="Mine", place="Tashkent")

    response = save(
        yours,
        agreement,
        filled_in(page, "edit_token"),
        **{"take--title": answer, "title": written},
    )

    stored = Agreement.objects.get()
    assert response.status_code == 302
    # where only one of the two changed a value, that one was preselected
    assert (stored.title, stored.summary, stored.place) == (title, "Their summary", "Tashkent")


def test_what_was_typed_beside_theirs_is_never_lost(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")
    page = save(yours, agreement, mine, title="Mine")
    answered = filled_in(page, "edit_token") | {"take--title": "theirs", "title": "Retyped"}

    again = save(yours, agreement, answered)

    [choice] = sections(again)["both"].choices
    assert again.status_code == 409
    assert Agreement.objects.get().title == "Theirs"
    assert (choice.yours, choice.answer) == ("Retyped", "")
    assert "Title: you edited yours, but “Theirs” was ticked" in text(again)
    # ticked once more, the answer counts
    given_up = save(yours, agreement, filled_in(again, "edit_token") | {"take--title": "theirs"})
    assert given_up.status_code == 302
    assert Agreement.objects.get().title == "Theirs"


def test_a_removed_row_shows_what_it_was_and_what_changed_in_it(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    with recorded():
        SignatoryFactory(agreement=agreement, name="A. Person", title="Minister")
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, **{"signatories-0-DELETE": "on"})

    page = save(yours, agreement, mine, **{"signatories-0-name": "B. Person"})

    [row] = [row for section in sections(page).values() for row in section.rows]
    told = {value.label: (value.before, value.after) for value in row.values}
    assert told["Name"] == ("A. Person", "B. Person")
    assert told["Position held"] == ("", "Minister")


def test_a_question_left_open_is_asked_again_with_everything_kept(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs", place="Tashkent")
    page = save(yours, agreement, mine, title="Mine", summary="My summary")

    again = save(yours, agreement, filled_in(page, "edit_token") | {"take--place": "yours"})

    assert again.status_code == 409
    assert "Choose “Theirs” or “Yours”" in text(again)
    found = sections(again)
    assert found["both"].choices[0].yours == "Mine"
    assert found["they"].choices[0].answer == "yours"
    assert found["you"].choices[0].yours == "My summary"
    assert Agreement.objects.get().title == "Theirs"


def test_a_third_version_meanwhile_is_a_conflict_again(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")
    page = save(yours, agreement, mine, title="Mine")
    save(theirs, agreement, opened(theirs, agreement), title="Third")

    again = save(yours, agreement, filled_in(page, "edit_token"), **{"take--title": "yours"})

    [choice] = sections(again)["both"].choices
    assert again.status_code == 409
    assert (choice.base, choice.theirs, choice.yours) == ("Theirs", "Third", "Mine")


def test_what_nobody_touched_is_not_shown(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    EventFactory(agreement=agreement, note="Quiet")
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")

    response = save(yours, agreement, mine, title="Mine")

    labels = [choice.label for choice in sections(response)["both"].choices]
    assert labels == ["Title"]
    assert list(sections(response)) == ["both"]
    assert 'type="hidden" name="place" value="Baku"' in text(response)


def test_the_same_change_by_both_is_no_conflict(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Same")

    response = save(yours, agreement, mine, title="Same")

    assert response.status_code == 302


def test_a_save_without_a_change_is_nobodys_conflict(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other)

    response = save(yours, agreement, mine, title="Mine")

    assert response.status_code == 302
    assert Agreement.objects.get().title == "Mine"


@pytest.mark.parametrize("token", ["", "made-up-by-somebody", "' OR 1=1 --"])
def test_a_form_that_does_not_know_its_base_is_refused(
    yours: Client, agreement: Agreement, token: str
) -> None:
    response = save(yours, agreement, opened(yours, agreement), edit_token=token, title="Mine")

    assert response.status_code == 409
    assert "The version you started from was not kept" in text(response)
    assert [choice.label for choice in sections(response)["both"].choices] == ["Title"]
    assert Agreement.objects.get().title == "Before"


def test_a_record_without_history_has_a_base_as_well(yours: Client, theirs: Client) -> None:
    agreement = AgreementFactory(draft=True, title="Before")
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")

    response = save(yours, agreement, mine, title="Mine")

    assert sections(response)["both"].choices[0].base == "Before"


def test_what_cannot_be_read_is_kept_as_it_was_typed(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, signed="August 2023")

    response = save(yours, agreement, mine, signed="41 May <b>2022")

    [choice] = sections(response)["both"].choices
    assert (choice.theirs, choice.yours) == ("August 2023", "41 May <b>2022")
    assert "41 May &lt;b&gt;2022" in text(response)
    refused = save(yours, agreement, filled_in(response, "edit_token"), **{"take--signed": "yours"})
    assert refused.status_code == 200
    assert "41 May &lt;b&gt;2022" in text(refused)


def test_areas_and_other_choices_are_compared_by_name(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    labour, health = AreaFactory(name="Labour"), AreaFactory(name="Health")
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, areas=[labour.pk], kind="treaty")

    response = save(yours, agreement, mine, areas=[health.pk], kind="protocol")

    found = {choice.label: choice for choice in sections(response)["both"].choices}
    assert (found["Cooperation areas"].theirs, found["Cooperation areas"].yours) == (
        "Labour",
        "Health",
    )
    assert (found["Kind"].theirs, found["Kind"].yours) == ("Treaty", "Protocol")
    form = filled_in(response, "edit_token")
    save(yours, agreement, form, **{"take--areas": "theirs", "take--kind": "yours"})
    stored = Agreement.objects.get()
    assert ([area.name for area in stored.areas.all()], stored.kind) == (["Labour"], "protocol")


# Rows


@pytest.fixture
def signatory(agreement: Agreement) -> Signatory:
    with recorded():
        made: Signatory = SignatoryFactory(agreement=agreement, name="A. Person", title="Minister")
    return made


def row_of(response: Any, who: str) -> Any:
    [row] = sections(response)[who].rows
    return row


def test_a_row_that_both_changed_is_settled_field_by_field(
    yours: Client, theirs: Client, agreement: Agreement, signatory: Signatory
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, **{"signatories-0-name": "B. Person"})

    response = save(
        yours,
        agreement,
        mine,
        **{"signatories-0-name": "C. Person", "signatories-0-title": "Deputy Minister"},
    )

    row = row_of(response, "both")
    assert (row.what, row.said) == ("Signatory", "Changed")
    assert [(c.label, c.base, c.theirs, c.yours) for c in row.choices] == [
        ("Name", "A. Person", "B. Person", "C. Person"),
        ("Position held", "Minister", "Minister", "Deputy Minister"),
    ]
    form = filled_in(response, "edit_token")
    save(yours, agreement, form, **{"take--signatories-0-name": "theirs"})
    signatory.refresh_from_db()
    assert (signatory.name, signatory.title) == ("B. Person", "Deputy Minister")


def test_new_rows_of_both_are_kept(yours: Client, theirs: Client, agreement: Agreement) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    mine["events-TOTAL_FORMS"] = other["events-TOTAL_FORMS"] = ["1"]
    save(
        theirs, agreement, other, **{"events-0-kind": EventKind.MEETING, "events-0-note": "Theirs"}
    )

    response = save(
        yours, agreement, mine, **{"events-0-kind": EventKind.RATIFIED, "events-0-note": "Mine"}
    )

    assert row_of(response, "they").said == "Added by others"
    assert row_of(response, "you").said == "Added by you"
    save(yours, agreement, filled_in(response, "edit_token"))
    assert set(Event.objects.values_list("kind", "note")) == {
        ("meeting", "Theirs"),
        ("ratified", "Mine"),
    }


@pytest.mark.parametrize(("answer", "count"), [("keep", 2), ("remove", 1)])
def test_a_row_that_others_added_may_be_removed(
    yours: Client,
    theirs: Client,
    agreement: Agreement,
    signatory: Signatory,
    answer: str,
    count: int,
) -> None:
    mine = opened(yours, agreement)
    with recorded():
        SignatoryFactory(agreement=agreement, name="Added")

    response = save(yours, agreement, mine, title="Mine")
    row = row_of(response, "they")
    save(yours, agreement, filled_in(response, "edit_token"), **{f"take-row--{row.take}": answer})

    assert agreement.signatories.count() == count
    assert Agreement.objects.get().title == "Mine"


@pytest.mark.parametrize(("answer", "names"), [("drop", []), ("keep", ["C. Person"])])
def test_a_row_that_others_removed_can_be_entered_again(
    yours: Client,
    theirs: Client,
    agreement: Agreement,
    signatory: Signatory,
    answer: str,
    names: list[str],
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, **{"signatories-0-DELETE": "on"})

    response = save(yours, agreement, mine, **{"signatories-0-name": "C. Person"})
    row = row_of(response, "both")
    assert (row.said, row.answer) == ("Removed by others", "")
    done = save(
        yours, agreement, filled_in(response, "edit_token"), **{f"take-row--{row.take}": answer}
    )

    assert done.status_code == 302
    assert [row.name for row in agreement.signatories.all()] == names


def test_a_row_that_others_removed_and_you_left_alone_stays_removed(
    yours: Client, theirs: Client, agreement: Agreement, signatory: Signatory
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, **{"signatories-0-DELETE": "on"})

    response = save(yours, agreement, mine, title="Mine")
    assert row_of(response, "they").answer == "drop"
    save(yours, agreement, filled_in(response, "edit_token"))

    assert not agreement.signatories.exists()
    assert Agreement.objects.get().title == "Mine"


@pytest.mark.parametrize(("answer", "names"), [("keep", ["B. Person"]), ("remove", [])])
def test_a_row_that_you_removed_and_others_changed_is_asked_about(
    yours: Client,
    theirs: Client,
    agreement: Agreement,
    signatory: Signatory,
    answer: str,
    names: list[str],
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, **{"signatories-0-name": "B. Person"})

    response = save(yours, agreement, mine, **{"signatories-0-DELETE": "on"})
    row = row_of(response, "both")
    assert (row.said, row.answer) == ("Removed by you", "")
    save(yours, agreement, filled_in(response, "edit_token"), **{f"take-row--{row.take}": answer})

    assert [row.name for row in agreement.signatories.all()] == names


def ask_again(client: Client, agreement: Agreement, page: Any, **answers: str) -> Any:
    """Answer the page, but change a value while theirs is ticked, so that the page asks again."""
    typed_over = {"summary": "My summary", "take--summary": "theirs"}
    again = save(client, agreement, filled_in(page, "edit_token"), **typed_over, **answers)
    assert again.status_code == 409
    return again


@pytest.mark.parametrize(
    "changed", [{}, {"signatories-0-name": "B. Person"}], ids=["only by you", "changed by them"]
)
def test_a_row_that_you_removed_is_still_removed_after_another_round(
    yours: Client,
    theirs: Client,
    agreement: Agreement,
    signatory: Signatory,
    changed: dict[str, str],
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, summary="Their summary", **changed)
    page = save(yours, agreement, mine, **{"signatories-0-DELETE": "on"})

    again = ask_again(yours, agreement, page, **{"take-row--signatories-0": "remove"})

    assert [entry.by.username for entry in again.context["others"]] == ["they"]
    asked = [row for section in again.context["sections"] for row in section.rows]
    assert [(row.said, row.answer) for row in asked] == [("Removed by you", "remove")]
    done = save(yours, agreement, filled_in(again, "edit_token"), **{"take--summary": "yours"})
    assert done.status_code == 302
    assert not agreement.signatories.exists()
    assert Agreement.objects.get().summary == "My summary"


def test_a_row_that_you_removed_is_asked_about_until_it_is_answered(
    yours: Client, theirs: Client, agreement: Agreement, signatory: Signatory
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, **{"signatories-0-name": "B. Person"})
    page = save(yours, agreement, mine, **{"signatories-0-DELETE": "on"})

    again = save(yours, agreement, filled_in(page, "edit_token"))

    row = row_of(again, "both")
    assert again.status_code == 409
    assert (row.said, row.answer) == ("Removed by you", "")
    save(yours, agreement, filled_in(again, "edit_token"), **{"take-row--signatories-0": "remove"})
    assert not agreement.signatories.exists()


@pytest.mark.parametrize(("answer", "names"), [("remove", []), ("keep", ["Added"])])
def test_what_becomes_of_a_row_that_they_added_is_kept_for_another_round(
    yours: Client, theirs: Client, agreement: Agreement, answer: str, names: list[str]
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, summary="Their summary")
    with recorded():
        SignatoryFactory(agreement=agreement, name="Added")
    page = save(yours, agreement, mine, place="Sheki")

    again = ask_again(yours, agreement, page, **{"take-row--signatories-0": answer})
    save(yours, agreement, filled_in(again, "edit_token"), **{"take--summary": "yours"})

    assert [row.name for row in agreement.signatories.all()] == names
    assert Agreement.objects.get().place == "Sheki"


def test_an_answer_stays_with_its_row_though_others_removed_one_before_it(
    yours: Client, theirs: Client, agreement: Agreement, signatory: Signatory
) -> None:
    with recorded():
        SignatoryFactory(agreement=agreement, name="Wrong Person", position=2)
        SignatoryFactory(agreement=agreement, name="Right Person", position=3)
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(
        theirs,
        agreement,
        other,
        summary="Their summary",
        **{"signatories-1-title": "Deputy", "signatories-2-title": "Deputy"},
    )
    gone = {"signatories-1-DELETE": "on", "signatories-2-DELETE": "on"}
    page = save(yours, agreement, mine, **gone)
    with recorded():
        signatory.delete()

    answers = {"take-row--signatories-1": "remove", "take-row--signatories-2": "keep"}
    again = ask_again(yours, agreement, page, **answers)
    save(yours, agreement, filled_in(again, "edit_token"), **{"take--summary": "yours"})

    assert [row.name for row in agreement.signatories.all()] == ["Right Person"]


def test_a_row_that_both_removed_is_gone(
    yours: Client, theirs: Client, agreement: Agreement, signatory: Signatory
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    gone = {"signatories-0-DELETE": "on"}
    save(theirs, agreement, other, **gone)

    response = save(yours, agreement, mine, title="Mine", **gone)

    assert response.status_code == 302
    assert (Agreement.objects.get().title, Signatory.objects.count()) == ("Mine", 0)


def test_a_file_has_to_be_chosen_again_and_the_page_says_so(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")
    mine["documents-TOTAL_FORMS"] = ["1"]

    response = save(
        yours,
        agreement,
        mine,
        **{
            "documents-0-kind": "other",
            "documents-0-title": "Text",
            "documents-0-file": SimpleUploadedFile("scan.pdf", PDF_BYTES),
        },
    )

    page = text(response)
    assert "You had chosen the file “scan.pdf”" in page
    assert 'type="file" name="documents-0-file"' in page
    done = save(
        yours,
        agreement,
        filled_in(response, "edit_token"),
        **{"documents-0-file": SimpleUploadedFile("scan.pdf", PDF_BYTES)},
    )
    assert done.status_code == 302
    assert agreement.documents.get().title == "Text"


def text_file(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.txt", f"The text of {name}\n".encode())


def new_documents(first: int, *titles: str) -> dict[str, Any]:
    """Return what the page sends for new documents, each with a file named after it; an empty title means no file."""
    sent: dict[str, Any] = {"documents-TOTAL_FORMS": str(first + len(titles))}
    for place, title in enumerate(titles, start=first):
        sent[f"documents-{place}-title"] = title
        if title:
            sent[f"documents-{place}-kind"] = "other"
            sent[f"documents-{place}-file"] = text_file(title)
    return sent


def files_of(agreement: Agreement) -> dict[str, str]:
    found = Document.objects.filter(agreement=agreement).exclude(file="")
    return dict(found.values_list("title", "file_name"))


def test_files_stay_with_their_documents_when_one_is_left_out(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")
    sent = new_documents(0, "A", "B", "C")
    page = save(yours, agreement, mine, **sent)

    chosen_again = {
        name: value for name, value in new_documents(0, "A", "B", "C").items() if "file" in name
    }
    done = save(
        yours,
        agreement,
        filled_in(page, "edit_token"),
        **chosen_again,
        **{"take-row--documents-0": "drop"},
    )

    assert done.status_code == 302
    assert files_of(agreement) == {"B": "B.txt", "C": "C.txt"}


@pytest.mark.parametrize(
    "more", [{}, {"documents-1-DELETE": "on"}], ids=["an empty one", "one that was taken away"]
)
def test_files_stay_with_their_documents_where_nobody_has_to_choose(
    yours: Client, agreement: Agreement, more: dict[str, str]
) -> None:
    with recorded():
        DocumentFactory(agreement=agreement)
    mine = opened(yours, agreement)
    with recorded():
        # the form has no field for it, so there is nothing to settle
        Agreement.objects.get().save()
        stored = Agreement.objects.get()
        stored.publication = Publication.WITHDRAWN
        stored.save()

    done = save(yours, agreement, mine, **new_documents(1, "A" if more else "", "B", "C"), **more)

    assert done.status_code == 302
    assert files_of(agreement) == {"B": "B.txt", "C": "C.txt"}


def test_every_kind_of_row_goes_through_the_page_unharmed(yours: Client, theirs: Client) -> None:
    with recorded():
        agreement = AgreementFactory(
            draft=True, title="Before", parties=PartyFactory.create_batch(2), areas=[AreaFactory()]
        )
        for factory in (
            SignatoryFactory,
            EventFactory,
            CommitmentFactory,
            DocumentFactory,
            RelationFactory,
            EvidenceFactory,
        ):
            factory(agreement=agreement)
        DocumentFactory(agreement=agreement, uploaded=True)
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")
    before = entries_of(Agreement, agreement.pk)[0].state

    response = save(yours, agreement, mine, title="Mine")
    assert [section.who for section in response.context["sections"]] == ["both"]
    done = save(yours, agreement, filled_in(response, "edit_token"), **{"take--title": "theirs"})

    assert done.status_code == 302
    assert entries_of(Agreement, agreement.pk)[0].state == before


def test_what_is_typed_beside_the_fields_goes_along(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    source = SourceFactory()
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")

    beside = {"source": source.pk, "rests-kind": "inferred", "rests-kind-note": "So it seems"}
    response = save(yours, agreement, mine, why="My reason", **beside)
    assert "My reason" in text(response)
    save(yours, agreement, filled_in(response, "edit_token"))

    assert (agreement.evidence.get().source, agreement.evidence.get().fact) == (source, "kind")
    assert agreement.evidence.get().note == "So it seems"
    assert entries_of(Agreement, agreement.pk)[0].why == "My reason"


# Parties, areas, sources, and rows on their own screens


@pytest.mark.parametrize(
    ("factory", "field"), [(PartyFactory, "name"), (AreaFactory, "name"), (SourceFactory, "note")]
)
def test_other_records_are_guarded_as_well(
    yours: Client, factory: Any, field: str, admin_client: Client
) -> None:
    record = factory()
    mine, other = opened(admin_client, record), opened(admin_client, record)
    save(admin_client, record, other, **{field: "Theirs"})

    response = save(admin_client, record, mine, **{field: "Mine"})

    assert response.status_code == 409
    [choice] = sections(response)["both"].choices
    assert (choice.theirs, choice.yours) == ("Theirs", "Mine")
    form = filled_in(response, "edit_token")
    done = save(admin_client, record, form, **{f"take--{field}": "yours"})
    record.refresh_from_db()
    assert (done.status_code, getattr(record, field)) == (302, "Mine")


def test_names_of_a_party_are_rows_of_its_page(yours: Client, theirs: Client) -> None:
    party = PartyFactory(name="Ministry")
    mine = opened(yours, party)
    with recorded():
        PartyNameFactory(party=party, name="Labour Ministry")

    response = save(yours, party, mine, name="Mine")
    assert row_of(response, "they").name == "Labour Ministry"
    save(yours, party, filled_in(response, "edit_token"))

    assert Party.objects.get().names.count() == 1


def test_a_row_on_its_own_screen_carries_the_token_of_its_agreement(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    with recorded():
        event = EventFactory(agreement=agreement, note="Before")
    mine, other = opened(yours, event), opened(theirs, event)
    save(theirs, event, other, note="Theirs")

    response = save(yours, event, mine, note="Mine")

    assert response.status_code == 409
    [choice] = sections(response)["both"].choices
    assert (choice.base, choice.theirs, choice.yours) == ("Before", "Theirs", "Mine")


def test_a_row_that_nobody_else_touched_is_saved_although_its_agreement_changed(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    with recorded():
        event = EventFactory(agreement=agreement, note="Before")
    mine = opened(yours, event)
    save(theirs, agreement, opened(theirs, agreement), title="Theirs")

    response = save(yours, event, mine, note="Mine")

    event.refresh_from_db()
    assert (response.status_code, event.note) == (302, "Mine")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("typed", [{}, {"note": "Mine"}], ids=["untouched", "with another note"])
def test_a_row_that_others_moved_to_another_agreement_stays_there(
    yours: Client, theirs: Client, agreement: Agreement, typed: dict[str, str]
) -> None:
    with recorded():
        other = AgreementFactory(draft=True, title="Where it belongs")
        event = EventFactory(agreement=agreement, note="Before")
    mine, form = opened(yours, event), opened(theirs, event)
    save(theirs, event, form, agreement=other.pk, why="The wrong record")

    page = save(yours, event, mine, **typed)

    [choice] = sections(page)["they"].choices
    assert page.status_code == 409
    assert (choice.label, choice.base, choice.theirs, choice.answer) == (
        "Agreement",
        str(agreement),
        str(other),
        "theirs",
    )
    assert [entry.why for entry in page.context["others"]] == ["The wrong record"]
    assert page.context["has_base"]
    done = save(yours, event, filled_in(page, "edit_token"))
    event.refresh_from_db()
    assert done.status_code == 302
    assert (event.agreement, event.note) == (other, typed.get("note", "Before"))


def test_a_row_that_both_moved_is_asked_about(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    with recorded():
        one, two = AgreementFactory.create_batch(2, draft=True)
        event = EventFactory(agreement=agreement)
    mine, form = opened(yours, event), opened(theirs, event)
    save(theirs, event, form, agreement=one.pk)

    page = save(yours, event, mine, agreement=two.pk)

    [choice] = sections(page)["both"].choices
    assert (choice.theirs, choice.yours, choice.answer) == (str(one), str(two), "")
    save(yours, event, filled_in(page, "edit_token"), **{"take--agreement": "yours"})
    event.refresh_from_db()
    assert event.agreement == two


def test_a_row_is_moved_although_its_agreement_changed(yours: Client, agreement: Agreement) -> None:
    with recorded():
        other = AgreementFactory(draft=True)
        event = EventFactory(agreement=agreement)
    mine = opened(yours, event)
    save(yours, agreement, opened(yours, agreement), title="Theirs")

    done = save(yours, event, mine, agreement=other.pk)

    event.refresh_from_db()
    assert (done.status_code, event.agreement) == (302, other)


def test_a_moment_that_nobody_touched_is_nobodys_change(yours: Client, theirs: Client) -> None:
    with recorded():
        source = SourceFactory(published_at=datetime(2023, 10, 20, 13, 54, tzinfo=UTC))
    mine, other = opened(yours, source), opened(theirs, source)
    save(theirs, source, other, note="Theirs", published_at_1="18:00:00")

    page = save(yours, source, mine, title="Mine")

    found = sections(page)
    assert [choice.label for choice in found["you"].choices] == ["Title"]
    moment = {choice.label: choice for choice in found["they"].choices}["Moment of publication"]
    assert (moment.base, moment.theirs, moment.answer) == (
        "20 October 2023, 17:54",
        "20 October 2023, 18:00",
        "theirs",
    )


def test_the_page_of_the_agreement_sees_what_a_rows_own_screen_wrote(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    with recorded():
        commitment = CommitmentFactory(agreement=agreement, text="Before")
    mine = opened(yours, agreement)
    save(theirs, commitment, opened(theirs, commitment), text="Theirs")

    response = save(yours, agreement, mine, **{"commitments-0-text": "Mine"})

    [choice] = row_of(response, "both").choices
    assert (choice.theirs, choice.yours) == ("Theirs", "Mine")
    assert Commitment.objects.get().text == "Theirs"


# Deletions


def test_a_deletion_confirmed_on_an_old_view_is_refused_with_what_changed(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    confirmation = filled_in(yours.get(url(agreement, "delete")), "post")
    save(theirs, agreement, opened(theirs, agreement), title="Theirs")

    response = yours.post(url(agreement, "delete"), confirmation)

    page = text(response)
    assert response.status_code == 409
    assert '<del dir="auto">Before</del>' in page
    assert '<ins dir="auto">Theirs</ins>' in page
    assert Agreement.objects.exists()
    assert yours.post(url(agreement, "delete"), filled_in(response, "post")).status_code == 302
    assert not Agreement.objects.exists()


def test_a_deletion_without_a_token_is_refused(yours: Client, agreement: Agreement) -> None:
    assert yours.post(url(agreement, "delete"), {"post": "yes"}).status_code == 409
    assert Agreement.objects.exists()


def test_a_published_record_is_deleted_with_a_reason_only(yours: Client) -> None:
    agreement = AgreementFactory()
    form = filled_in(yours.get(url(agreement, "delete")), "post")

    refused = yours.post(url(agreement, "delete"), form)
    done = yours.post(url(agreement, "delete"), form | {"why": "Entered twice"})

    assert (refused.status_code, done.status_code) == (400, 302)
    assert "A reason is required to delete a record that the public sees" in text(refused)
    assert entries_of(Agreement, agreement.pk)[0].removal.why == "Entered twice"


def test_deleting_chosen_records_is_refused_as_a_whole_if_one_changed(
    yours: Client, theirs: Client
) -> None:
    first, second = AgreementFactory.create_batch(2, draft=True)
    chosen = {"action": "delete_selected", "_selected_action": [first.pk, second.pk], "index": "0"}
    list_url = reverse("admin:agreements_agreement_changelist")
    confirmation = filled_in(yours.post(list_url, chosen), "post")
    save(theirs, second, opened(theirs, second), title="Theirs")

    response = yours.post(list_url, confirmation)

    assert response.status_code == 409
    assert second.ref in text(response)
    assert Agreement.objects.count() == 2
    assert yours.post(list_url, filled_in(response, "post")).status_code == 302
    assert not Agreement.objects.exists()


def test_what_was_typed_into_a_deleted_record_can_be_entered_again(
    yours: Client, theirs: Client
) -> None:
    party = PartyFactory(name="Ministry of Labour")
    with recorded():
        agreement = AgreementFactory(draft=True, title="Before", parties=[party])
    mine = opened(yours, agreement)
    theirs.post(
        url(agreement, "delete"),
        filled_in(theirs.get(url(agreement, "delete")), "post") | {"why": "Entered twice"},
    )

    response = save(yours, agreement, mine, title="Mine", signed="August 2023")

    page = text(response)
    assert response.status_code == 409
    assert "was deleted by they" in page
    assert "Entered twice" in page
    form = filled_in(response, "title")
    done = yours.post(reverse("admin:agreements_agreement_add"), form | {"_continue": "1"})
    entered = Agreement.objects.get()
    assert done.status_code == 302
    assert entered.ref != agreement.ref
    assert (entered.title, str(entered.signed)) == ("Mine", "2023-08")
    assert [row.party for row in Participation.objects.all()] == [party]


def test_what_was_answered_before_the_record_was_deleted_is_not_answered_twice(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    with recorded():
        SignatoryFactory(agreement=agreement, name="One")
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")
    mine |= {
        "signatories-TOTAL_FORMS": ["3"],
        "signatories-1-name": ["Two"],
        "signatories-1-position": ["0"],
        "signatories-2-name": ["Three"],
        "signatories-2-position": ["0"],
    }
    page = save(yours, agreement, mine)
    with recorded():
        Agreement.objects.get().delete()

    lost = save(
        yours, agreement, filled_in(page, "edit_token"), **{"take-row--signatories-1": "drop"}
    )
    form = filled_in(lost, "why")
    yours.post(reverse("admin:agreements_agreement_add"), form | {"_continue": "1"})

    assert not [name for name in form if "--" in name]
    assert {row.name for row in Signatory.objects.all()} == {"One", "Three"}


def test_a_step_that_the_conflict_kept_from_being_taken_is_named(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    mine, other = opened(yours, agreement), opened(theirs, agreement)
    save(theirs, agreement, other, title="Theirs")

    page = yours.post(url(agreement), mine | {"step": "submit"})

    told = "You pressed “Save and submit for review”, but that step was not taken."
    assert told in text(page)
    assert told not in text(save(yours, agreement, mine))
    assert "step" not in filled_in(page, "edit_token")


def test_whoever_may_not_change_it_sees_no_conflict(
    yours: Client, theirs: Client, agreement: Agreement
) -> None:
    reader = Client()
    reader.force_login(colleague(StaffRole.READER, username="reader"))

    assert reader.post(url(agreement), {"title": "Mine"}).status_code == 403


def test_a_record_closed_meanwhile_keeps_what_was_typed(
    theirs: Client, agreement: Agreement
) -> None:
    editor = Client()
    editor.force_login(colleague(StaffRole.EDITOR, username="editor"))
    mine = opened(editor, agreement)
    with recorded():
        agreement.publication = Publication.PUBLISHED
        agreement.save()

    response = save(editor, agreement, mine, title="Mine")

    assert response.status_code == 200
    assert "what you typed is still here" in text(response)
    assert "Mine</textarea>" in text(response)


# Why


def test_a_published_record_is_changed_with_a_reason_only(yours: Client) -> None:
    agreement = AgreementFactory(title="Before", parties=PartyFactory.create_batch(2))
    EvidenceFactory(agreement=agreement)
    form = opened(yours, agreement)

    refused = save(yours, agreement, form, title="After")
    done = save(yours, agreement, form, title="After", why="The source was read again")

    assert refused.status_code == 200
    assert refused.context["adminform"].form.errors == {"why": ["Give a reason for the change."]}
    assert done.status_code == 302
    assert entries_of(Agreement, agreement.pk)[0].why == "The source was read again"


def test_a_row_of_a_published_agreement_asks_why_wherever_it_is_entered(yours: Client) -> None:
    agreement = AgreementFactory()
    sent = {"agreement": agreement.pk, "kind": EventKind.MEETING}
    add = reverse("admin:agreements_event_add")

    refused = yours.post(add, sent)
    done = yours.post(add, sent | {"why": "Read in the Gazette"})

    assert "is published. Give a reason for the change." in text(refused)
    assert done.status_code == 302
    assert entries_of(Agreement, agreement.pk)[0].why == "Read in the Gazette"


def test_a_draft_needs_no_reason(yours: Client, agreement: Agreement) -> None:
    assert save(yours, agreement, opened(yours, agreement), title="After").status_code == 302


def test_participants_of_hostile_names_are_shown_as_text(yours: Client, theirs: Client) -> None:
    agreement = AgreementFactory(draft=True)
    mine = opened(yours, agreement)
    with recorded():
        ParticipationFactory(
            agreement=agreement, party=PartyFactory(name="<script>alert(1)</script>")
        )

    response = save(yours, agreement, mine, title="Mine")

    assert "<script>alert" not in text(response)
    assert "&lt;script&gt;alert" in text(response)


@pytest.mark.parametrize("wrong", ["x", "-1", "²", "9" * 30, "' OR 1=1 --"])
def test_made_up_data_are_no_fault(yours: Client, agreement: Agreement, wrong: str) -> None:
    SignatoryFactory(agreement=agreement)
    form = opened(yours, agreement)
    made_up = {"signatories-0-id": wrong, "signatories-INITIAL_FORMS": wrong, "edit_token": wrong}
    answers = {f"take--{wrong}": "theirs", f"take-row--{wrong}": "drop", f"names--{wrong}": wrong}

    codes = [
        save(yours, agreement, form, **made_up).status_code,
        save(yours, agreement, form, **made_up, **answers, base_token=wrong).status_code,
        yours.post(
            url(agreement, "delete"), {"post": "yes", f"edit_token-{wrong}": wrong}
        ).status_code,
        yours.post(
            reverse("admin:agreements_agreement_changelist"),
            {"action": "delete_selected", "post": "yes", "_selected_action": [wrong]},
        ).status_code,
        yours.post(
            reverse("admin:agreements_commitment_changelist"),
            {"_save": "1", "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": wrong},
        ).status_code,
    ]

    assert all(code < 500 for code in codes), codes
    assert Agreement.objects.get().title == "Before"
