"""Publishes many agreements: those of an import, or those that the staff's list shows with the same filters."""

import sys
from argparse import ArgumentParser
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone

from agreements.curation import publishing_runs, workflow
from agreements.domain import permissions
from agreements.domain.choices import PublicationVerb, PublishingOutcome
from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models import Import, PublishingRun
from agreements.models.querysets import AgreementQuerySet

MOST_TOLD = 100


class Command(SingleRunCommand, DryRunCommand):
    """Publishes a few records in each transaction; a run that was interrupted goes on with `--run`."""

    help = (
        "Publish drafts and records in review: those of an import, or those that the staff's list shows with the "
        "filters given. Those that lack something are refused with the reason; a second run publishes nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add which records, for whom, and `--dry-run`."""
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--import", dest="number", type=int, help="the number of an import")
        which.add_argument(
            "--filter",
            dest="filters",
            help="what stands after the question mark in the URL of the staff's list, such as country=GE&kind=mou",
        )
        which.add_argument(
            "--run", type=int, help="the number of a run that was interrupted, to go on with it"
        )
        parser.add_argument(
            "--by",
            default="",
            help="the user whose rights apply, and whose name goes into the history",
        )

    def handle(self, *args: object, run: int | None, dry_run: bool, **options: Any) -> None:
        """Prints how many were published, refused and already published; exits with 1 if any was refused."""
        if run is not None:
            self._leave(self._go_on(run, options["verbosity"]))
            return
        by = _publisher(options["by"])
        found = self._chosen(options, by)
        if dry_run:
            self._preview(found, by, options["verbosity"])
            return
        told = (
            f"import {options['number']}" if options["number"] is not None else options["filters"]
        )
        begun = publishing_runs.begun(found, by=by, at=timezone.now(), told=told)
        refused = self._carry_on(begun, options["verbosity"])
        self._take_up_others(options["verbosity"])
        self._leave(refused)

    def _leave(self, refused: int) -> None:
        if refused:
            sys.exit(1)

    def _chosen(self, options: dict[str, Any], by: User) -> AgreementQuerySet:
        number = options["number"]
        if number is not None:
            if not Import.objects.filter(pk=number).exists():
                raise CommandError(f"There is no import {number}.")
            return publishing_runs.created_by_import(number)
        filters = dict(parse_qsl(options["filters"].lstrip("?"), keep_blank_values=True))
        if not filters:
            raise CommandError("Name at least one filter, such as publication=draft.")
        try:
            return publishing_runs.chosen(filters, by=by, day=timezone.localdate())
        except publishing_runs.ChosenError as error:
            raise CommandError(str(error)) from error

    def _preview(self, found: AgreementQuerySet, by: User, verbosity: int) -> None:
        publishable = refused = 0
        with self.records_bar(total=found.count(), verbosity=verbosity) as bar:
            for agreement in found.order_by("pk").iterator(200):
                if why := workflow.why_not(PublicationVerb.PUBLISH, agreement, by=by):
                    refused += 1
                    if refused <= MOST_TOLD:
                        self.stderr.write(f"{agreement.ref}: {why}")
                else:
                    publishable += 1
                bar.update()
        self.stdout.write(
            f"Agreements: {publishable} to publish, {refused} refused (dry run: nothing was written)."
        )

    def _go_on(self, number: int, verbosity: int) -> int:
        """Finish this run, and then those that were begun meanwhile; return how many records were refused."""
        found = PublishingRun.objects.filter(pk=number).first()
        if found is None:
            raise CommandError(f"There is no run {number}.")
        return self._carry_on(found, verbosity) + self._take_up_others(verbosity)

    def _take_up_others(self, verbosity: int) -> int:
        """Finish the runs that the admin began meanwhile; their own process ended because this one was publishing."""
        refused = 0
        while (other := publishing_runs.waiting_for_their_turn().first()) is not None:
            refused += self._carry_on(other, verbosity)
        return refused

    def _carry_on(self, run: PublishingRun, verbosity: int) -> int:
        waiting = run.counts()[PublishingOutcome.WAITING]
        with self.records_bar(total=waiting, verbosity=verbosity) as bar:
            publishing_runs.carry_on(run, progress=bar.update)
        counts = run.counts()
        refused = run.items.filter(outcome=PublishingOutcome.REFUSED)
        for item in refused[:MOST_TOLD]:
            self.stderr.write(f"{item.ref}: {item.why}")
        if counts[PublishingOutcome.REFUSED] > MOST_TOLD:
            self.stderr.write(f"Only the first {MOST_TOLD} reasons are shown; the admin has all.")
        self.stdout.write(
            f"Agreements: {counts[PublishingOutcome.PUBLISHED]} published, "
            f"{counts[PublishingOutcome.REFUSED]} refused, "
            f"{counts[PublishingOutcome.UNCHANGED]} already published. Run {run.pk}."
        )
        return counts[PublishingOutcome.REFUSED]


def _publisher(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandError(
            f"There is no active user named “{name}”."
            if name
            else "Say with --by who publishes them."
        )
    if not permissions.may_publish(user):
        raise CommandError(f"{name} may not publish. An administrator can grant this right.")
    return user
