"""Imports of files: upload, preview, confirm and undo.

The list shows all imports; the page of one shows its preview or its result. `agreements.exchange.importing` does the
work.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agreements.admin.import_cells import LINES_A_PAGE, ImportCells, outcome_label, shown
from agreements.admin.import_columns import ColumnsStep, is_outdated
from agreements.admin.import_downloads import ImportDownloads
from agreements.admin.import_forms import AnswersForm, UploadForm
from agreements.admin.import_parties import FEW_NAMES, ImportParties, asked_about
from agreements.admin.import_steps import FILE, PREVIEW, TITLES, steps
from agreements.admin.saving import is_key
from agreements.admin.screens import Screen
from agreements.domain.choices import PLANNED_OUTCOMES, ImportState, ImportWork, RowOutcome
from agreements.domain.permissions import IMPORT_AGREEMENTS, VIEW_AGREEMENT
from agreements.exchange.importing import keeping, profiles, runs, working
from agreements.exchange.importing.obstacles import obstacles
from agreements.exchange.importing.readers import where
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.exchange.importing.report import (
    LOOKS_ALIKE,
    NEW_PARTY,
    NOTE,
    ODDITY,
    QUESTION,
    TRIVIAL,
)
from agreements.models import Agreement, Import
from agreements.security import security_log
from agreements.security.people import logged_in
from agreements.security.transport import never_over_http

# with this in its URL, the page of an import goes on to the first step that asks something
GO_ON = "go_on"
# the most records of an import that its undo page checks before asking
MOST_LOOKED_AT = 2_000
JUST_NOW = 5


@admin.register(Import)
class ImportAdmin(ColumnsStep, ImportParties, ImportCells, ImportDownloads):
    pages: ClassVar = {
        name: f"<int:pk>/{name}/" for name in ("answer", "apply", "discard", "undo", "file")
    }
    list_display = ("file_name", "state", "by", "uploaded_at", "rows_told")
    add_label = _("Import a file")
    list_filter = ("state",)
    list_select_related = ("by",)
    list_per_page = 50
    actions = None

    # Permissions: everyone who can see all agreements can see the imports they came from

    def has_view_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return bool(request.user.has_perm(VIEW_AGREEMENT)) or self.has_add_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(IMPORT_AGREEMENTS))

    def has_change_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        """Keep the record of every import; a preview is discarded by its own button."""
        return False

    # The list

    @admin.display(description=_("records"))
    def rows_told(self, run: Import) -> str:
        """What the import did with its rows, or would do."""
        if run.state == ImportState.UPLOADED:
            return "–"
        told = [f"{label}: {count:,}" for _code, label, count in _counts(run) if count]
        return "; ".join(told) or "–"

    # Uploading

    def add_view(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Take a file and redirect to its preview."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self.onward(self._uploaded(request, form))
            except ImportRefusedError as error:
                form.add_error("file", str(error))
        return self.page(
            request,
            "import/upload",
            title=gettext("Import a file"),
            form=form,
            forms=[form],
            is_refused=bool(form.errors),
            steps=list(steps(None, FILE)),
        )

    def _uploaded(self, request: HttpRequest, form: UploadForm) -> Import:
        by, at = logged_in(request), timezone.now()
        run = runs.stored(**form.cleaned_data, by=by, at=at)
        working.start(run, ImportWork.PREVIEW, by=by, at=at)
        if run.problem and not run.survey:
            runs.discard(run)
            raise ImportRefusedError(run.problem)
        return run

    # Previewing

    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        """Show what the import would do, or what it did."""
        screen: Any = self
        try:
            run = self.run_of(request, object_id)
        except Http404:
            return screen._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # noqa: SLF001
        working.settle(run, timezone.now())
        if run.work:
            return self._progress(request, run)
        if run.state == ImportState.UPLOADED:
            has_columns = bool(run.survey) and keeping.is_open(run)
            if has_columns and self.has_change_permission(request, run):
                return redirect(self.url_of("columns", run.pk))
            return self._progress(request, run)
        if GO_ON in request.GET:
            may_answer = self.has_change_permission(request, run) and not run.problem
            return self.onward(run) if may_answer else self.moved(run)
        return self._preview(request, run, self._answers_form(request, run))

    def _progress(self, request: HttpRequest, run: Import) -> HttpResponse:
        return self.page(
            request,
            "import/progress",
            title=run.file_name,
            run=run,
            steps=list(steps(run, "")),
            began=_ago(run.work_began_at, timezone.now()),
            may_import=self.has_change_permission(request, run),
        )

    def _preview(self, request: HttpRequest, run: Import, form: AnswersForm) -> HttpResponse:
        lines = run.records.order_by("pk").select_related("agreement")
        only = request.GET.get("show", "")
        if only in RowOutcome.values:
            lines = lines.filter(outcome=only)
        asked = asked_about(run)
        unanswered = [one for one in asked if one.answer is None]
        page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page"))
        return self.page(
            request,
            "import/preview",
            title=TITLES[PREVIEW] if run.state == ImportState.PREVIEWED else run.file_name,
            run=run,
            form=form,
            steps=list(steps(run, PREVIEW)),
            counts=_counts(run),
            shown=only,
            page=page,
            lines=shown(run, page, request.POST if "line" in request.POST else None),
            pages=page.paginator.get_elided_page_range(page.number),
            odd=_notes(run, ODDITY),
            notes=_notes(run, NOTE),
            trivial=_notes(run, TRIVIAL),
            look_alikes=[line for line in run.notes if line["kind"] == LOOKS_ALIKE],
            questions=[line["text"] for line in run.notes if line["kind"] == QUESTION],
            new_parties=[line["text"] for line in run.notes if line["kind"] == NEW_PARTY],
            unanswered=len(unanswered),
            answered=len(asked) - len(unanswered),
            few_names=unanswered[:FEW_NAMES],
            state=ImportState,
            profile_title=_profile_title(run),
            may_import=self.has_change_permission(request, run),
            may_correct=run.state == ImportState.PREVIEWED
            and self.has_change_permission(request, run),
            is_ready=bool(run.writes) and all(line["kind"] != QUESTION for line in run.notes),
            is_empty=not run.writes and not run.refused,
            confirm=_confirmation(run),
        )

    def preview_again(self, request: HttpRequest, run: Import) -> HttpResponse:
        """Show the preview once more, with what was sent and refused."""
        return self._preview(request, run, self._answers_form(request, run))

    def _answers_form(
        self, request: HttpRequest, run: Import, data: QueryDict | None = None
    ) -> AnswersForm:
        return AnswersForm(run, data, may_make=request.user.has_perm("agreements.add_party"))

    # Deciding

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the answers and preview again."""
        return self._decide(request, pk, is_import=False)

    def apply_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import what the preview shows; if the answers have changed since, preview again first."""
        return self._decide(request, pk, is_import=True)

    def _decide(self, request: HttpRequest, pk: int, *, is_import: bool) -> HttpResponse:
        run = self.run_of(request, pk, posted=True)
        if is_outdated(request, run.seen_in_preview):
            return self.moved(run)
        form = self._answers_form(request, run, request.POST)
        if not form.is_valid():
            return self._preview(request, run, form)
        is_previewed = not form.is_new()
        work = ImportWork.APPLY if is_import and is_previewed else ImportWork.PREVIEW
        answers = form.answers()
        if run.mapping and answers.get("encoding", run.encoding) != run.encoding:
            # the headings and texts that were asked about are others
            work, answers = ImportWork.SURVEY, {**answers, "mapping": {}, "profile": ""}
        with self._refusals_told(request, run):
            by, at = logged_in(request), timezone.now()
            working.start(run, work, by=by, at=at, **answers)
            if run.state == ImportState.APPLIED:
                self._tell_imported(request, run)
            elif is_import and not is_previewed:
                warning = gettext(
                    "Your answers change what the import does. Check the preview, then confirm."
                )
                messages.warning(request, warning)
        return self.moved(run)

    def _tell_imported(self, request: HttpRequest, run: Import) -> None:
        told = ngettext(
            "%(n)d record was imported. New ones are drafts.",
            "%(n)d records were imported. New ones are drafts.",
            run.writes,
        )
        messages.success(request, told % {"n": run.writes})

    @contextmanager
    def _refusals_told(
        self, request: HttpRequest, run: Import, event: str = "import_refused"
    ) -> Iterator[None]:
        """Show and log a refusal."""
        try:
            yield
        except ImportRefusedError as error:
            security_log.note_refusal(event, of=str(run), why=str(error))
            messages.error(request, str(error))

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a preview and its file; if it is being imported, wait for that and then refuse."""
        run = self.run_of(request, pk, posted=True)
        with self._refusals_told(request, run):
            runs.discard(run)
            messages.info(request, gettext("The preview and its file were discarded."))
        return redirect(self.url_of("changelist"))

    # Undoing

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask before undoing an import, or say why it cannot be undone; undo it by POST."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        run = self.run_of(request, pk)
        if run.state != ImportState.APPLIED:
            return self.moved(run)
        if request.method == "POST":
            with self._refusals_told(request, run, "import_undo_refused"):
                by, at = logged_in(request), timezone.now()
                working.start(run, ImportWork.UNDO, by=by, at=at)
                if run.state == ImportState.UNDONE:
                    messages.success(request, self._undone(run))
            return self.moved(run)
        looks = run.writes <= MOST_LOOKED_AT
        return self.page(
            request,
            "import/undo",
            title=gettext("Undo the import of %(file)s") % {"file": run.file_name},
            run=run,
            # of more, the process that undoes them finds out
            obstacles=obstacles(run, by=logged_in(request)) if looks else [],
        )

    def _undone(self, run: Import) -> str:
        told = ngettext(
            "The import was undone: %(removed)d record was removed and %(back)d restored.",
            "The import was undone: %(removed)d records were removed and %(back)d restored.",
            run.created,
        )
        return told % {"removed": run.created, "back": run.changed}

    @never_over_http
    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """Send the file as it was uploaded, as a download only: no browser shows it."""
        run = self.run_of(request, pk)
        if not run.file:
            raise Http404(
                gettext("The file was removed, because it contained a name that was erased.")
            )
        return FileResponse(
            run.file.open("rb"),
            as_attachment=True,
            filename=run.file_name,
            content_type="application/octet-stream",
        )

    # Shared by the pages

    def run_of(
        self, request: HttpRequest, pk: int | str, *, posted: bool = False, changing: bool = False
    ) -> Import:
        """Return an import that this user may see; `changing`, or by POST, one that this user may decide on."""
        is_change = posted or changing
        may = (
            self.has_change_permission(request) if is_change else self.has_view_permission(request)
        )
        if not may or (posted and request.method != "POST"):
            raise PermissionDenied
        found = Import.objects.select_related("by", "undone_by")
        return get_object_or_404(found, pk=pk if is_key(str(pk)) else 0)

    def moved(self, run: Import) -> HttpResponse:
        """Go to the page of the import, which shows the step it is at."""
        return redirect(self.url_of("change", run.pk))

    def onward(self, run: Import) -> HttpResponse:
        """Go to the next step that asks something, now or once the process that works on the import has ended."""
        if run.work:
            return redirect(f"{self.url_of('change', run.pk)}?{GO_ON}=1")
        asks = run.state == ImportState.PREVIEWED and run.unknown_parties
        return redirect(self.url_of("parties", run.pk)) if asks else self.moved(run)


def _counts(run: Import) -> list[tuple[str, str, int]]:
    """Return the code, label and count of each outcome; unchanged rows have no code, as there are no lines to show."""
    codes = {each: "" if each == RowOutcome.UNCHANGED else each.value for each in PLANNED_OUTCOMES}
    label = partial(outcome_label, run)
    counts = [(code, label(each), getattr(run, each.value)) for each, code in codes.items()]
    if run.left_out:
        left_out = RowOutcome.LEFT_OUT
        counts.append((left_out.value, label(left_out), len(run.left_out)))
    return counts


def _confirmation(run: Import) -> str:
    """Return what the button says that imports what the preview shows."""
    counts = {"new": run.created, "changed": run.changed}
    if run.created and run.changed:
        sentence = (
            gettext("Import %(new)d new and %(changed)d changed, without the refused rows")
            if run.refused
            else gettext("Import %(new)d new and %(changed)d changed")
        )
        return sentence % counts
    if run.changed:
        sentence = (
            ngettext(
                "Change %(changed)d record, without the refused rows",
                "Change %(changed)d records, without the refused rows",
                run.changed,
            )
            if run.refused
            else ngettext("Change %(changed)d record", "Change %(changed)d records", run.changed)
        )
        return sentence % counts
    sentence = (
        ngettext(
            "Import %(new)d new record, without the refused rows",
            "Import %(new)d new records, without the refused rows",
            run.created,
        )
        if run.refused
        else ngettext("Import %(new)d new record", "Import %(new)d new records", run.created)
    )
    return sentence % counts


def _ago(began: datetime | None, now: datetime) -> str:
    """Return in a sentence how long a process has been at work."""
    seconds = int((now - began).total_seconds()) if began else 0
    if seconds < JUST_NOW:
        return gettext("It began just now.")
    if seconds < 60:
        sentence = ngettext("It began %(n)d second ago.", "It began %(n)d seconds ago.", seconds)
    else:
        sentence = ngettext(
            "It began %(n)d minute ago.", "It began %(n)d minutes ago.", seconds // 60
        )
    return sentence % {"n": seconds if seconds < 60 else seconds // 60}


def _notes(run: Import, kind: str) -> list[str]:
    sheets = run.survey.get("sheets")
    return [_note(line, sheets) for line in run.notes if line["kind"] == kind]


def _note(line: dict[str, Any], sheets: Sequence[str] | None) -> str:
    """Return a line of the report in words: what, how often, and the first rows it concerns, in these sheets."""
    text = capfirst(str(line["text"]))
    if "count" not in line:
        return text
    rows = ", ".join(where(row, sheets) for row in line["rows"])
    rows += ", …" if line["count"] > len(line["rows"]) else ""
    counted = ngettext("%(n)d row: %(rows)s", "%(n)d times, in rows %(rows)s", line["count"])
    return f"{text} ({counted % {'n': line['count'], 'rows': rows}})"


def _profile_title(run: Import) -> str:
    if run.profile == profiles.REGISTER:
        return gettext("The register's own columns")
    if run.mapping:
        return gettext("as chosen for this file")
    known = profiles.available().get(run.profile)
    return known.title if known else run.profile


class Imported(Screen):
    """Shows on an agreement's page what other registers call it, and which import it came from."""

    @admin.display(description=_("in other registers"))
    def elsewhere(self, agreement: Agreement) -> str | SafeString:
        told = [f"{each.label} {each.value}" for each in agreement.identifiers.in_public()]
        lines = agreement.imported_records.filter(run__state=ImportState.APPLIED)
        run = Import.objects.filter(pk__in=lines.values("run")).order_by("-pk").first()
        if run is None:
            return ", ".join(told) or gettext("Entered here.")
        url = reverse("admin:agreements_import_change", args=[run.pk])
        link = format_html('<a href="{}">{}</a>', url, run.file_name)
        return format_html_join(", ", "{}", [(part,) for part in (*told, link)])
