"""Registers that are older than a column keep their records, and say of them that it is not known."""

import pytest

from agreements.models import Agreement
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_records_from_before_there_was_a_review_have_none(migrate):
    for n in range(3):
        AgreementFactory(title=f"Care {n}", signed="2023-08", review_due="2027-03")
    migrate("0003_former_slugs")

    migrate("0004_review_due")

    days = ("review_due", "review_due_earliest", "review_due_latest")
    assert list(Agreement.objects.values_list(*days)) == [(None, None, None)] * 3
    assert Agreement.objects.containing("care").filter(signed="2023-08").count() == 3
