"""The forms of an import: the file to upload, and the answers to its preview."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import RowOutcome
from agreements.exchange.importing import profiles
from agreements.exchange.importing.working import MOST_ROWS
from agreements.models import Import

MOST_BYTES = 20 * 1024 * 1024
ENCODINGS = [
    ("", _("Detect automatically")),
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1251", _("Windows-1251 (Cyrillic)")),
    ("cp1254", _("Windows-1254 (Turkish)")),
    ("cp1252", _("Windows-1252 (Western)")),
    ("cp1250", _("Windows-1250 (Central European)")),
]
# what no encoding is asked for
_NOT_TEXT = (".xlsx", ".ods", ".json")
_OPTIONS = ("creates_parties", "is_partial", "overwrites")


def is_text(run: Import) -> bool:
    """Whether the file of an import is one that has an encoding."""
    return not run.file_name.lower().endswith(_NOT_TEXT)


class UploadForm(forms.Form):
    """A file, and what its columns mean."""

    file = forms.FileField(
        label=_("File"),
        widget=AdminFileWidget,
        help_text=_("CSV, Excel (.xlsx), OpenDocument (.ods) or JSON, at most %(rows)s rows.")
        % {"rows": f"{MOST_ROWS:,}"},
    )
    profile = forms.ChoiceField(
        label=_("Columns"),
        required=False,
        help_text=_("What the columns mean. Usually detected from their names."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=ENCODINGS,
        help_text=_("Only for CSV. Change it if accented letters come out wrong."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns: Any = self.fields["profile"]
        columns.choices = [
            ("", _("Detect automatically")),
            (profiles.REGISTER, _("The register's own")),
            *((profile.name, profile.title) for profile in profiles.available().values()),
        ]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MOST_BYTES:
            sentence = gettext(
                "The file is larger than %(most)d MB. Larger files are imported on the server: "
                "manage.py import_agreements %(file)s"
            )
            said = sentence % {"most": MOST_BYTES >> 20, "file": file.name}
            raise forms.ValidationError(said, code="too_large")
        return file


class AnswersForm(forms.Form):
    """The answers to a preview: what to do with what is left unclear, and how to read the file."""

    encoding = forms.ChoiceField(label=_("Encoding"), required=False, choices=ENCODINGS)

    creates_parties = forms.BooleanField(
        label=_("Create a new party for every other unknown name"), required=False
    )
    # no question: the button that imports the others says that the refused rows are not among them
    is_partial = forms.BooleanField(required=False, widget=forms.HiddenInput)
    overwrites = forms.BooleanField(
        label=_("Overwrite what staff have changed since the last import"), required=False
    )

    def __init__(self, run: Import, *args: Any, may_make: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(run, name) for name in (*_OPTIONS, "encoding")}
        super().__init__(*args, **kwargs)
        self.run = run
        if not is_text(run):
            del self.fields["encoding"]
        if not may_make:
            del self.fields["creates_parties"]

    @property
    def options(self) -> list[forms.BoundField]:
        """The options that would change something of this import, or that are set."""
        run = self.run
        disputed = run.records.filter(outcome=RowOutcome.REFUSED, agreement__isnull=False)
        matters = {
            "creates_parties": run.creates_parties or run.unknown_parties,
            "overwrites": run.overwrites or run.kept or (run.refused and disputed.exists()),
        }
        return [self[name] for name, does in matters.items() if does and name in self.fields]

    @property
    def is_set(self) -> bool:
        """Whether any option differs from what an import does by itself."""
        return bool(self.errors or self.run.creates_parties or self.run.overwrites)

    def is_new(self) -> bool:
        """Return whether any answer differs from what the preview shows, which never depends on `is_partial`."""
        answers = self.answers()
        return any(
            getattr(self.run, name) != answers[name] for name in answers.keys() - {"is_partial"}
        )

    def answers(self) -> dict[str, Any]:
        """Return the answers as columns of the import."""
        options = {name: bool(self.cleaned_data.get(name)) for name in _OPTIONS}
        reading = (
            {"encoding": self.cleaned_data["encoding"]}
            if {"encoding"} <= self.fields.keys() & self.data.keys()
            else {}
        )
        return {**options, **reading}
