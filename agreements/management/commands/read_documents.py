"""Reads the words of uploaded documents that have not been read yet, so that staff can search them."""

from collections import Counter

from django.db.models import Count

from agreements.domain.choices import Reading
from agreements.management.dry_run import DryRunCommand
from agreements.management.single_run import SingleRunCommand
from agreements.models import DocumentText
from agreements.models.document_texts import read_version, unread_versions


class Command(SingleRunCommand, DryRunCommand):
    """Takes one file at a time, so a run that is interrupted goes on where it stopped."""

    help = (
        "Read the text of documents that were uploaded before the register did so, or whose reading was interrupted. "
        "Documents uploaded since are read at once. A second run changes nothing."
    )

    def handle(self, *args: object, dry_run: bool, verbosity: int, **options: object) -> None:
        """Prints how many files were read, by what came of it; progress on stderr."""
        keys = list(unread_versions().values_list("pk", flat=True))
        counts: Counter[str] = Counter()
        if not dry_run:
            with self.records_bar(total=len(keys), verbosity=verbosity) as bar:
                for key in keys:
                    if (kept := read_version(key)) is not None:
                        counts[kept.reading] += 1
                    bar.update()
        before = DocumentText.objects.aggregate(n=Count("pk"))["n"] - counts.total()
        if dry_run:
            self.stdout.write(
                f"Files: {len(keys)} to read, {before} read before (dry run: nothing was written)."
            )
            return
        full = counts[Reading.READ] + counts[Reading.CUT]
        without = counts[Reading.EMPTY] + counts[Reading.PICTURE]
        self.stdout.write(
            f"Files: {full} read, {without} without text, {counts[Reading.FAILED]} could not be read, "
            f"{before} read before."
        )
