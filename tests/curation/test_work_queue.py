"""The questions of the staff home: each finds what plain Python finds, and its count is the number of rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from agreements.curation.history.past import versions_of
from agreements.curation.history.recording import recorded
from agreements.curation.quality_checks import findings_of
from agreements.curation.work_queue import QUESTIONS, SECTIONS, Asked, counts
from agreements.domain.choices import (
    Progress,
    Publication,
    PublicationVerb,
    Role,
    RowOutcome,
    Stage,
    Status,
    TermKind,
)
from agreements.domain.deadlines import notice_deadline
from agreements.domain.lifecycle import RUNNING
from agreements.domain.permissions import StaffRole
from agreements.models import (
    Agreement,
    Commitment,
    Import,
    ImportedRecord,
    LinkCheck,
    Party,
    PublicationStep,
)
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.properties import tried

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
DEAD = "https://gone.example/"
ALIVE = "https://there.example/"

# Findings about stage and dates, by their codes; the work queue counts only these.
DISAGREEING = {
    "signed_before_conclusion",
    "in_force_before_conclusion",
    "signed_in_the_future",
    "concluded_without_date",
    "in_force_before_signed",
    "terminated_before_signed",
    "end_before_start",
    "indefinite_with_end",
}

# Days on, next to and far from every boundary.
DAYS = [
    TODAY + timedelta(days=offset)
    for offset in (-4000, -800, -732, -731, -730, -729, -1, 0, 1, 29, 30, 31, 89, 90, 91, 180, 181)
]
DATES = st.one_of(
    st.none(),
    st.sampled_from([str(day) for day in DAYS]),
    st.sampled_from(["2024", "2024-11", "2026-11", "2026-11~", "2020/..", "../2026", "2027", "2019/2025"]),
)  # fmt: skip


@st.composite
def records(draw: Any) -> dict[str, Any]:
    """The contents of an agreement and its rows."""
    term = draw(st.sampled_from(TermKind.values))
    has_length = term in (TermKind.FIXED, TermKind.AUTOMATIC_RENEWAL) and draw(st.booleans())
    return {
        "agreement": {
            "stage": draw(st.sampled_from(["concluded", "concluded", *Stage.values])),
            "publication": draw(st.sampled_from(Publication.values)),
            "signed": draw(DATES),
            "in_force": draw(DATES),
            "expires_stated": draw(st.one_of(st.none(), DATES)),
            "review_due": draw(DATES),
            "terminated": draw(st.one_of(st.none(), st.none(), DATES)),
            "term_kind": term,
            "term_months": draw(st.sampled_from([3, 12, 24, 36])) if has_length else None,
            "notice_days": draw(st.sampled_from([None, 0, 30, 90])),
        },
        "events": draw(st.lists(DATES, max_size=2)),
        "commitments": draw(
            st.lists(st.tuples(DATES, st.sampled_from(Progress.values)), max_size=2)
        ),
        "documents": draw(
            st.lists(st.sampled_from([("signed_text", DEAD), ("annex", ALIVE)]), max_size=2)
        ),
        "sources": draw(st.lists(st.sampled_from([DEAD, ALIVE]), max_size=1)),
        "is_signed_by": draw(st.booleans()),
        "parties": draw(st.lists(st.sampled_from("abc"), max_size=3, unique=True)),
        "role": draw(st.sampled_from([Role.PARTY, Role.PARTY, Role.WITNESS])),
        "steps": draw(
            st.lists(st.sampled_from(["mine", "theirs", "return", "recall"]), max_size=4)
        ),
    }


def make(record: dict[str, Any], *, me: User, other: User, sources: dict[str, Any]) -> Agreement:
    agreement = AgreementFactory(**record["agreement"])
    for day in record["events"]:
        EventFactory(agreement=agreement, date=day)
    for due, progress in record["commitments"]:
        CommitmentFactory(agreement=agreement, due=due, progress=progress)
    for kind, address in record["documents"]:
        DocumentFactory(agreement=agreement, kind=kind, address=address)
    for address in record["sources"]:
        EvidenceFactory(agreement=agreement, source=sources[address])
    for name in record["parties"]:
        party = Party.objects.filter(name=name).first() or PartyFactory(name=name)
        ParticipationFactory(agreement=agreement, party=party, role=record["role"])
    if record["is_signed_by"]:
        SignatoryFactory(agreement=agreement)
    for step in record["steps"]:
        verb = PublicationVerb.SUBMIT if step in ("mine", "theirs") else PublicationVerb(step)
        PublicationStep.objects.create(
            agreement=agreement,
            verb=verb,
            by=me if step == "mine" else other,
            at=datetime(2026, 1, 1, tzinfo=UTC),
            reason="Because.",
        )
    return agreement


# ------------------------------------------------------------------ the same questions in plain Python


def runs(agreement: Agreement) -> bool:
    return agreement.standing(TODAY, TODAY).status in RUNNING


def ends_within(days: int) -> Callable[[Agreement, User], bool]:
    def ends(agreement: Agreement, me: User) -> bool:
        end = agreement.expires.latest if agreement.expires else None
        return runs(agreement) and end is not None and end <= TODAY + timedelta(days=days)

    return ends


def notice_is_near(agreement: Agreement, me: User) -> bool:
    deadline = notice_deadline(agreement, TODAY)
    return (
        runs(agreement) and deadline is not None and TODAY <= deadline <= TODAY + timedelta(days=90)
    )


def is_dormant(agreement: Agreement, me: User) -> bool:
    known = [agreement.signed, agreement.in_force, *(row.date for row in agreement.events.all())]
    days = [value.latest for value in known if value]
    return runs(agreement) and bool(days) and max(days) <= date(2024, 11, 21)


def is_to_be_reviewed(agreement: Agreement, me: User) -> bool:
    due = agreement.review_due.latest if agreement.review_due else date.max
    cut_short = (Status.TERMINATED, Status.SUPERSEDED, Status.ABANDONED)
    return (
        due <= TODAY + timedelta(days=30)
        and agreement.standing(TODAY, TODAY).status not in cut_short
    )


def is_returned(agreement: Agreement, me: User) -> bool:
    steps = list(agreement.publication_steps.all())
    submissions = [step for step in steps if step.verb == PublicationVerb.SUBMIT]
    return (
        agreement.publication == Publication.DRAFT
        and bool(submissions)
        and steps[-1].verb == PublicationVerb.RETURN
        and submissions[-1].by == me
    )


def is_submitted(agreement: Agreement, me: User) -> bool:
    submissions = [
        step for step in agreement.publication_steps.all() if step.verb == PublicationVerb.SUBMIT
    ]
    return (
        agreement.publication == Publication.IN_REVIEW
        and bool(submissions)
        and submissions[-1].by == me
    )


def has_a_duplicate(agreement: Agreement, me: User) -> bool:
    def alike(other: Agreement) -> bool:
        parties = [
            {row.party_id for row in each.participations.all() if row.role == Role.PARTY}
            for each in (agreement, other)
        ]
        sources = [{row.source_id for row in each.evidence.all()} for each in (agreement, other)]
        return (
            agreement.title.lower() == other.title.lower()
            or len(parties[0] & parties[1]) > 1
            or bool(sources[0] & sources[1])
        )

    day = agreement.signed
    if day is None or len(str(day)) < len("2022-05"):
        return False
    is_waiting = agreement.publication in (Publication.DRAFT, Publication.IN_REVIEW)
    others = Agreement.objects.exclude(pk=agreement.pk)
    return is_waiting and any(alike(each) for each in others if each.signed == day)


def has_dead_link(agreement: Agreement, me: User) -> bool:
    addresses = {row.address for row in agreement.documents.all()}
    return DEAD in addresses | {row.source.url for row in agreement.evidence.all()}


def is_concluded(agreement: Agreement) -> bool:
    return agreement.stage == Stage.CONCLUDED


def is_own_draft(agreement: Agreement, me: User) -> bool:
    first = versions_of(Agreement, agreement.pk).last()
    return (
        agreement.publication == Publication.DRAFT
        and not agreement.publication_steps.exists()
        and first is not None
        and first.revision.user == me
    )


IN_PLAIN_PYTHON: dict[str, Callable[[Agreement, User], bool]] = {
    "publication__exact=in_review": lambda row, me: row.publication == Publication.IN_REVIEW,
    "follow_up=returned": is_returned,
    "follow_up=drafts": is_own_draft,
    "follow_up=submitted": is_submitted,
    "ends=30": ends_within(30),
    "ends=90": ends_within(90),
    "ends=180": ends_within(180),
    "follow_up=notice": notice_is_near,
    "follow_up=review": is_to_be_reviewed,
    "follow_up=dormant": is_dormant,
    "missing=source": lambda row, me: not row.evidence.exists(),
    "missing=parties": lambda row, me: not row.participations.filter(role=Role.PARTY).exists(),
    "follow_up=duplicates": has_a_duplicate,
    "missing=signatories": lambda row, me: is_concluded(row) and not row.signatories.exists(),
    "missing=signed_text": lambda row, me: (
        is_concluded(row) and not row.documents.filter(kind="signed_text").exists()
    ),
    "missing=end": lambda row, me: (
        is_concluded(row) and row.term_kind == TermKind.FIXED and row.expires is None
    ),
    "follow_up=dates": lambda row, me: bool(
        DISAGREEING & {finding.code for finding in findings_of(row, TODAY)}
    ),
    "follow_up=links": has_dead_link,
}
OF_WITHDRAWN_TOO = {
    "publication__exact=in_review",
    "follow_up=returned",
    "follow_up=submitted",
}


@tried(20)
@given(drawn=st.lists(records(), max_size=6))
def test_every_question_finds_what_plain_python_finds_and_counts_it(db: None, drawn: Any) -> None:
    with transaction.atomic():
        me, other = User.objects.create_user("me"), User.objects.create_user("other")
        LinkCheck.objects.create(url=DEAD, link_problem="Not found.")
        LinkCheck.objects.create(url=ALIVE)
        sources = {url: SourceFactory(url=url) for url in (DEAD, ALIVE)}
        rows = [make(record, me=me, other=other, sources=sources) for record in drawn]
        # for the checks, “today” is the day of the last change
        noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
        Agreement.objects.update(updated_at=noon)
        rows = [Agreement.objects.get(pk=row.pk) for row in rows]
        asked = Asked(me, TODAY)

        found = {
            question.code: set(question.rows(Agreement.objects.all(), asked).values_list("pk", flat=True))
            for question in QUESTIONS
            if question.about is Agreement
        }  # fmt: skip
        counted = counts(QUESTIONS, asked)
        overdue = [
            commitment
            for commitment in Commitment.objects.select_related("agreement")
            if commitment.agreement.publication != Publication.WITHDRAWN
            and commitment.is_overdue(TODAY)
        ]

        for code, is_meant in IN_PLAIN_PYTHON.items():
            expected = {
                row.pk
                for row in rows
                if (code in OF_WITHDRAWN_TOO or row.publication != Publication.WITHDRAWN)
                and is_meant(row, me)
            }
            assert found[code] == expected, code
            assert counted[code] == len(expected), code
        assert counted["due=overdue"] == len(overdue)
        transaction.set_rollback(True)


def test_every_question_is_asked_of_plain_python_too() -> None:
    assert {question.code for question in QUESTIONS} == {*IN_PLAIN_PYTHON, "due=overdue"}


def test_own_drafts_are_those_whose_first_version_is_mine() -> None:
    me, other = User.objects.create_user("me"), User.objects.create_user("other")
    with recorded(by=me):
        mine, _published = AgreementFactory(draft=True), AgreementFactory()
    with recorded(by=other):
        others = AgreementFactory(draft=True)
    for by in (other, me):
        with recorded(by=by):
            mine.save()
            others.save()

    [question] = [question for question in QUESTIONS if question.code == "follow_up=drafts"]
    found = question.rows(Agreement.objects.all(), Asked(me, TODAY))

    assert list(found) == [mine]


def test_what_an_import_brought_is_not_asked_for_duplicates() -> None:
    run = Import.objects.create(file_name="a.csv", uploaded_at=datetime(2026, 1, 1, tzinfo=UTC))
    typed, changed, brought = AgreementFactory.create_batch(
        3, title="Typed", signed="2022-05-25", draft=True
    )
    for row, outcome in ((changed, RowOutcome.CHANGED), (brought, RowOutcome.CREATED)):
        ImportedRecord.objects.create(run=run, row=1, outcome=outcome, agreement=row)

    assert set(Agreement.objects.with_likely_duplicates()) == {typed, changed}


def test_all_counts_cost_one_query() -> None:
    me = User.objects.create_user("me")
    AgreementFactory.create_batch(3)
    # this is queried once per process
    ContentType.objects.get_for_model(Agreement)

    with CaptureQueriesContext(connection) as captured:
        counts(QUESTIONS, Asked(me, TODAY))

    assert len(captured) == 1


def test_no_questions_cost_none() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert counts([], Asked(User(), TODAY)) == {}

    assert len(captured) == 0


@pytest.mark.parametrize("day", [date(1000, 1, 1), date(9999, 12, 31)], ids=str)
def test_the_edges_of_the_calendar_are_days_like_any_other(day: date) -> None:
    AgreementFactory(expires_stated="2026", notice_days=30)

    assert counts(QUESTIONS, Asked(User.objects.create_user("me"), day))["missing=source"] == 1


@pytest.mark.parametrize(
    ("role", "kept_back"),
    [
        (
            StaffRole.READER,
            {
                "publication__exact=in_review",
                "follow_up=returned",
                "follow_up=drafts",
                "follow_up=submitted",
            },
        ),
        (StaffRole.EDITOR, {"publication__exact=in_review"}),
        (StaffRole.PUBLISHER, set()),
        (StaffRole.ADMINISTRATOR, set()),
    ],
)
def test_each_role_is_asked_what_it_can_do_something_about(
    role: StaffRole, kept_back: set[str]
) -> None:
    person = colleague(role)

    open_to_them = {question.code for question in QUESTIONS if question.may_be_asked_by(person)}

    assert {question.code for question in QUESTIONS} - open_to_them == kept_back


def test_who_may_not_see_agreements_is_asked_nothing() -> None:
    newcomer = User.objects.create_user("newcomer", is_staff=True)

    assert not any(question.may_be_asked_by(newcomer) for question in QUESTIONS)


def test_codes_are_told_apart() -> None:
    assert len({question.code for question in QUESTIONS}) == len(QUESTIONS)
    assert all(section.questions for section in SECTIONS)
