"""References are assigned once and never again."""

import threading

import pytest
from django.db import connection

from agreements.models import Agreement
from agreements.models.references import NoReferenceLeftError, ReferenceCounter
from tests.factories import AgreementFactory


@pytest.mark.django_db
def test_references_count_up_from_one():
    assert [AgreementFactory().ref for _n in range(3)] == ["AGR-0001", "AGR-0002", "AGR-0003"]


@pytest.mark.django_db
def test_reference_of_a_deleted_agreement_is_not_given_again():
    AgreementFactory()
    AgreementFactory().delete()

    assert AgreementFactory().ref == "AGR-0003"


@pytest.mark.django_db
def test_reference_that_came_from_elsewhere_is_not_given_again():
    AgreementFactory(ref="AGR-0500")
    AgreementFactory(ref="UKT-0900")

    assert AgreementFactory().ref == "AGR-0501"


@pytest.mark.django_db
def test_reference_survives_a_change_of_everything_else():
    agreement = AgreementFactory()

    agreement.title = "Another"
    agreement.save()

    assert Agreement.objects.get().ref == "AGR-0001"


@pytest.mark.django_db
def test_many_references_are_taken_in_one_go(django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        taken = ReferenceCounter.take(1_000)

    assert (taken[0], taken[-1], len(set(taken))) == ("AGR-0001", "AGR-1000", 1_000)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_never_get_the_same_reference():
    taken: list[str] = []

    def write() -> None:
        taken.extend(AgreementFactory().ref for _n in range(10))
        connection.close()

    writers = [threading.Thread(target=write) for _n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(taken) == len(set(taken)) == 40


@pytest.mark.django_db
def test_number_that_no_address_can_hold_is_never_given():
    AgreementFactory(ref="AGR-999999999998")

    assert AgreementFactory().ref == "AGR-999999999999"
    with pytest.raises(NoReferenceLeftError, match="No reference is left"):
        ReferenceCounter.take()
    assert ReferenceCounter.last_given() == 999_999_999_999
