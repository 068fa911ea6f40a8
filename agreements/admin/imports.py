"""Imports of files: uploaded, looked at, confirmed, and undone.

The list shows every import there was, its page the preview or what became of it. What an import is and does is in
`agreements.exchange.importing`; here it is shown, and asked for.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import ImportState, RowOutcome
from agreements.domain.permissions import IMPORT_AGREEMENTS, VIEW_AGREEMENT
from agreements.exchange.importing import profiles, runs
from agreements.exchange.importing.reconciling import NEW
from agreements.exchange.importing.refusals import ImportRefusedError, RegisterChangedError
from agreements.exchange.importing.report import ANSWERED
from agreements.exchange.importing.undoing import obstacles, undo
from agreements.models import Agreement, Import, Party
from agreements.security import security_log

MOST_ROWS = 2_000
MOST_BYTES = 20 * 1024 * 1024
LINES_A_PAGE = 50
_OPTIONS = ("creates_parties", "is_partial", "overwrites")


class UploadForm(forms.Form):
    """A file, and what its columns mean."""

    file = forms.FileField(
        label=_("File"),
        widget=AdminFileWidget,
        help_text=_(
            "CSV, Excel (.xlsx) or the register's JSON, %(rows)s rows at most. Nothing is written before you have seen "
            "what it would do."
        )
        % {"rows": f"{MOST_ROWS:,}"},
    )
    profile = forms.ChoiceField(
        label=_("Columns"),
        required=False,
        help_text=_("What the columns mean. Recognised by their names if you leave it."),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[
            ("", _("Found out")),
            ("utf-8", "UTF-8"),
            ("cp1252", "Windows-1252"),
            ("cp1251", "Windows-1251"),
        ],
        help_text=_("Of a CSV. Change it only if letters with accents come out wrong."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(profile.name, profile.title) for profile in profiles.shipped().values()]
        self.fields["profile"].choices = [  # type: ignore[attr-defined]
            ("", _("Recognised by their names")),
            (profiles.REGISTER, _("The register's own")),
            *known,
        ]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext(
                    "The file has more than %(most)d MB. Larger files are imported on the server: "
                    "manage.py import_agreements %(file)s"
                )
                % {"most": MOST_BYTES >> 20, "file": file.name},
                code="too_large",
            )
        return file


class AnswersForm(forms.Form):
    """What the person says to a preview: whom the unknown names mean, and how to go about the rest."""

    creates_parties = forms.BooleanField(
        label=_("Make a new party of every other unknown name"), required=False
    )
    is_partial = forms.BooleanField(
        label=_("Leave the refused rows out and import the others"), required=False
    )
    overwrites = forms.BooleanField(
        label=_("Overwrite what staff have changed since the last import"), required=False
    )

    def __init__(self, run: Import, *args: Any, may_make: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(run, name) for name in _OPTIONS}
        super().__init__(*args, **kwargs)
        self.run = run
        if not may_make:
            del self.fields["creates_parties"]
        for number, name in enumerate(_asked_about(run)):
            offered = [(str(key), label) for key, label in name["offered"]]
            making = [(NEW, _("Make a new party"))] if may_make else []
            self.fields[f"party-{number}"] = forms.ChoiceField(
                label=name["name"],
                required=False,
                choices=[("", _("Not answered")), *offered, *making],
                initial=str(run.answers.get(name["key"], "")),
            )

    @property
    def parties(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("party-")]

    @property
    def options(self) -> list[forms.BoundField]:
        return [self[name] for name in _OPTIONS if name in self.fields]

    def is_new(self) -> bool:
        """Whether something is answered otherwise than the preview has it."""
        return self._answers() != self.run.answers or any(
            bool(self.cleaned_data.get(name)) != getattr(self.run, name) for name in _OPTIONS
        )

    def note(self) -> None:
        """Put the answers on the import."""
        self.run.answers = self._answers()
        for name in _OPTIONS:
            setattr(self.run, name, bool(self.cleaned_data.get(name)))

    def _answers(self) -> dict[str, Any]:
        given = {
            name["key"]: self.cleaned_data.get(f"party-{number}", "")
            for number, name in enumerate(_asked_about(self.run))
        }
        return {key: NEW if said == NEW else int(said) for key, said in given.items() if said}


def _asked_about(run: Import) -> list[dict[str, Any]]:
    """Return the names that are unknown, and those that were answered, each with what is offered for it."""
    known = {name["key"] for name in run.unknown_parties}
    as_written = {line["key"]: line["text"] for line in run.notes if line["kind"] == ANSWERED}
    answered = [
        {
            "key": key,
            "name": as_written.get(key, key),
            "offered": [] if answer == NEW else [[answer, _party(answer)]],
        }
        for key, answer in run.answers.items()
        if key not in known
    ]
    return [*run.unknown_parties, *answered]


def _party(key: int) -> str:
    return Party.objects.filter(pk=key).values_list("name", flat=True).first() or str(key)


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):
    list_display = ("file_name", "state", "by", "uploaded_at", *("created", "changed", "refused"))
    list_filter = ("state",)
    list_select_related = ("by",)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    actions = None

    # Who may: whoever sees all agreements sees where they come from

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(VIEW_AGREEMENT)) or self.has_add_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(IMPORT_AGREEMENTS))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was imported stays told; a preview is discarded by its own button."""
        return False

    def get_urls(self) -> list[Any]:
        steps: tuple[tuple[str, Callable[..., Any]], ...] = (
            ("answer", self.answer_view),
            ("apply", self.apply_view),
            ("discard", self.discard_view),
            ("undo", self.undo_view),
            ("file", self.file_view),
        )
        return [
            *(
                path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"agreements_import_{name}")
                for name, view in steps
            ),
            *super().get_urls(),
        ]  # fmt: skip

    # Uploading

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a file and lead to its preview."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return redirect(self._page_of(self._uploaded(request, form)))
            except ImportRefusedError as error:
                form.add_error("file", str(error))
        return self._page(request, "upload", {"title": gettext("Import a file"), "form": form})

    def _uploaded(self, request: HttpRequest, form: UploadForm) -> Import:
        upload, at = form.cleaned_data["file"], timezone.now()
        with runs.uploaded_file(upload) as local:
            run, file = runs.begun(
                local,
                name=upload.name,
                profile=form.cleaned_data["profile"],
                encoding=form.cleaned_data["encoding"],
                by=request.user,
                at=at,
            )
            runs.refuse_too_many(run, file, MOST_ROWS)
            runs.look_and_keep(run, file, by=request.user, at=at)
        return run

    # Looking

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show what the import would do, or what it did."""
        try:
            run = self._run(request, object_id)
        except Http404:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        return self._preview(request, run, self._answers_form(request, run))

    def _preview(self, request: HttpRequest, run: Import, form: AnswersForm) -> HttpResponse:
        lines = run.records.order_by("pk").select_related("agreement")
        shown = request.GET.get("show", "")
        if shown in RowOutcome.values:
            lines = lines.filter(outcome=shown)
        page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": run.file_name,
            "run": run,
            "form": form,
            "counts": _counts(run),
            "shown": shown,
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "notes": _notes(run),
            "new_parties": [line["text"] for line in run.notes if line["kind"] == "new party"],
            "state": ImportState,
            "profile_title": _profile_title(run),
            "may_import": self.has_change_permission(request, run),
            "is_ready": bool(run.writes) and (run.is_partial or not run.refused),
            "is_empty": not run.writes and not run.refused,
        }
        return self._page(request, "preview", context)

    def _answers_form(self, request: HttpRequest, run: Import, data: Any = None) -> AnswersForm:
        return AnswersForm(run, data, may_make=request.user.has_perm("agreements.add_party"))

    # Deciding

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the answers and look again."""
        run = self._run(request, pk, posted=True)
        form = self._answers_form(request, run, request.POST)
        if not form.is_valid():
            return self._preview(request, run, form)
        form.note()
        self._look_again(request, run)
        return redirect(self._page_of(run))

    def apply_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import what the preview shows; if more was answered meanwhile, show that first."""
        run = self._run(request, pk, posted=True)
        form = self._answers_form(request, run, request.POST)
        if not form.is_valid():
            return self._preview(request, run, form)
        if form.is_new():
            form.note()
            self._look_again(request, run)
            self.message_user(
                request,
                gettext("Your answers change what the import does. Look at it, then confirm."),
                messages.WARNING,
            )
            return redirect(self._page_of(run))
        self._apply(request, run)
        return redirect(self._page_of(run))

    def _apply(self, request: HttpRequest, run: Import) -> None:
        try:
            with runs.stored_file(run) as file:
                runs.apply(run, file, by=request.user, at=timezone.now())
        except RegisterChangedError as error:
            security_log.note_refusal("import_refused", of=str(run), why=str(error))
            self._look_again(request, run)
            self.message_user(request, str(error), messages.WARNING)
        except ImportRefusedError as error:
            self._refused(request, run, error)
        else:
            told = ngettext(
                "%(n)d record was imported. New ones are drafts.",
                "%(n)d records were imported. New ones are drafts.",
                run.writes,
            )
            self.message_user(request, told % {"n": run.writes}, messages.SUCCESS)

    def _look_again(self, request: HttpRequest, run: Import) -> None:
        try:
            with runs.stored_file(run) as file:
                runs.look_and_keep(run, file, by=request.user, at=timezone.now())
        except ImportRefusedError as error:
            self._refused(request, run, error)

    def _refused(self, request: HttpRequest, run: Import, error: ImportRefusedError) -> None:
        security_log.note_refusal("import_refused", of=str(run), why=str(error))
        self.message_user(request, str(error), messages.ERROR)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget a preview and its file; waits for an import of it that is under way, and then refuses."""
        run = self._run(request, pk, posted=True)
        try:
            runs.discard(run)
        except ImportRefusedError as error:
            self._refused(request, run, error)
        else:
            self.message_user(request, gettext("The preview and its file were discarded."))
        return redirect("admin:agreements_import_changelist")

    # Going back

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask before an import is undone, or say what is in the way."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        run = self._run(request, pk)
        if run.state != ImportState.APPLIED:
            return redirect(self._page_of(run))
        if request.method == "POST" and run.writes <= MOST_ROWS:
            return self._undone(request, run)
        context = {
            "title": gettext("Undo the import of %(file)s") % {"file": run.file_name},
            "run": run,
            "obstacles": obstacles(run, by=request.user),
            "is_too_large": run.writes > MOST_ROWS,
        }
        return self._page(request, "undo", context)

    def _undone(self, request: HttpRequest, run: Import) -> HttpResponse:
        try:
            undone = undo(run, by=request.user, at=timezone.now())
        except ImportRefusedError as error:
            security_log.note_refusal("import_undo_refused", of=str(run), why=str(error))
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:agreements_import_undo", run.pk)
        told = ngettext(
            "The import was undone: %(removed)d record was removed and %(back)d put back.",
            "The import was undone: %(removed)d records were removed and %(back)d put back.",
            undone.removed,
        )
        self.message_user(
            request, told % {"removed": undone.removed, "back": undone.put_back}, messages.SUCCESS
        )
        return redirect(self._page_of(run))

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """Hand the file out as it came, for saving only: a browser never shows it."""
        run = self._run(request, pk)
        return FileResponse(
            run.file.open("rb"),
            as_attachment=True,
            filename=run.file_name,
            content_type="application/octet-stream",
        )

    # What the pages share

    def _run(self, request: HttpRequest, pk: Any, *, posted: bool = False) -> Import:
        may = self.has_change_permission(request) if posted else self.has_view_permission(request)
        if not may or (posted and request.method != "POST"):
            raise PermissionDenied
        return get_object_or_404(Import.objects.select_related("by", "undone_by"), pk=_number(pk))

    def _page_of(self, run: Import) -> str:
        return reverse("admin:agreements_import_change", args=[run.pk])

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/agreements/import/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )


def _number(pk: Any) -> int:
    return int(pk) if str(pk).isascii() and str(pk).isdigit() and len(str(pk)) < 19 else 0


def _counts(run: Import) -> list[tuple[str, str, int]]:
    """Return the code, label and number of each outcome; of unchanged rows there are no lines to be shown."""
    counted = {
        RowOutcome.CREATED: run.created,
        RowOutcome.CHANGED: run.changed,
        RowOutcome.UNCHANGED: run.unchanged,
        RowOutcome.KEPT: run.kept,
        RowOutcome.REFUSED: run.refused,
    }
    return [
        ("" if outcome == RowOutcome.UNCHANGED else outcome.value, str(outcome.label), count)
        for outcome, count in counted.items()
    ]


def _notes(run: Import) -> list[str]:
    return [_note(line) for line in run.notes if line["kind"] not in ("new party", ANSWERED)]


def _note(line: dict[str, Any]) -> str:
    """Return a line of the report in words: what, how often, and in which rows first."""
    text = str(line["text"])
    label = gettext("Worth a look: ") if line["kind"] == "oddity" else ""
    if "count" not in line:
        return f"{label}{text}"
    rows = ", ".join(map(str, line["rows"])) + (", …" if line["count"] > len(line["rows"]) else "")
    where = ngettext("%(n)d row: %(rows)s", "%(n)d times, in rows %(rows)s", line["count"])
    return f"{label}{text} ({where % {'n': line['count'], 'rows': rows}})"


def _profile_title(run: Import) -> str:
    if run.profile == profiles.REGISTER:
        return gettext("The register's own columns")
    shipped = profiles.shipped().get(run.profile)
    return shipped.title if shipped else run.profile


class Imported(admin.ModelAdmin):
    """An agreement's page tells what other registers call it, and which import it came with."""

    @admin.display(description=_("elsewhere"))
    def elsewhere(self, agreement: Agreement) -> str | SafeString:
        told = [str(identifier) for identifier in agreement.identifiers.all()]
        lines = agreement.imported_records.filter(run__state=ImportState.APPLIED)
        run = Import.objects.filter(pk__in=lines.values("run")).order_by("-pk").first()
        if run is None:
            return ", ".join(told) or gettext("It was entered here.")
        address = reverse("admin:agreements_import_change", args=[run.pk])
        link = format_html('<a href="{}">{}</a>', address, run.file_name)
        return format_html_join(", ", "{}", [(part,) for part in (*told, link)])
