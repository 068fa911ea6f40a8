"""Overdue commitments: counted and listed as commitments, for whoever may see them."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from agreements.domain.choices import Progress, Publication
from agreements.domain.permissions import StaffRole
from tests.colleagues import colleague
from tests.factories import AgreementFactory, CommitmentFactory

LIST = reverse("admin:agreements_commitment_changelist")


@pytest.mark.django_db
@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_overdue_ones_are_listed_one_by_one(client: Client) -> None:
    client.force_login(colleague(StaffRole.READER))
    agreement = AgreementFactory()
    late = {CommitmentFactory(agreement=agreement, due=due) for due in ("2025", "2026-10")}
    CommitmentFactory(agreement=agreement, due="2026")
    CommitmentFactory(agreement=agreement, due="2025", progress=Progress.FULFILLED)
    CommitmentFactory(due="2025", agreement__publication=Publication.WITHDRAWN)

    listed = client.get(LIST, {"due": "overdue"}).context["cl"]

    assert set(listed.result_list) == late
    assert [(menu.title, menu.chosen) for menu in listed.chosen] == [("Due", "Commitments overdue")]
    assert client.get(LIST, {"due": "nonsense"}).context["cl"].result_count == 0
