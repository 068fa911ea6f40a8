"""Selections and single agreements as files and feeds: the view for each format, and the errors they share.

If any part of the query is not understood, every format answers 400 with the same explanation, so that a typo never
returns the whole register.
"""

from collections.abc import Callable, Iterator
from tempfile import TemporaryFile

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.generic import View

from agreements.exchange.citations import Citation, bibtex, ris
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.file_names import disposition, stem
from agreements.exchange.exporting.formats import FOR_PEOPLE, LIST_FORMATS, OF_RECORD, ListFormat
from agreements.exchange.exporting.json import encoded, record_blocks
from agreements.exchange.exporting.labelled import LANGUAGES, MOST_LABELLED
from agreements.exchange.exporting.xlsx import TooManyAgreementsError
from agreements.models import Agreement
from agreements.selection.reading import Problem
from agreements.selection.selection import Selection
from agreements.web.api.queries import RecordForm


class SelectionFileView(View):
    """The complete selection in one format."""

    kind: ListFormat = LIST_FORMATS[0]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response = self._respond(request, self._made)
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        # a repeat request with the ETag of an unchanged file gets 304
        set_response_etag(response)
        return get_conditional_response(request, response["ETag"], response=response) or response

    def head(self, request: HttpRequest) -> HttpResponseBase:
        """Respond as `get` does, without writing the file unless its ETag depends on its content."""
        return self.get(request) if self.kind.text else self._respond(request, self._announced)

    def _respond(
        self, request: HttpRequest, answer: Callable[[Extract], HttpResponseBase]
    ) -> HttpResponseBase:
        selection = Selection(request.GET, today=timezone.localdate())
        problems = [*selection.errors, *selection.unknown, *_own_problems(request.GET, self.kind)]
        has_labels = request.GET.get("labels") == "1"
        if has_labels and not problems and selection.count > MOST_LABELLED:
            problems.append(_too_long(selection.count))
        if problems:
            return refusal(problems)
        extract = Extract.of(
            selection,
            for_excel=request.GET.get("excel") == "1",
            has_labels=has_labels,
            language=request.GET.get("lang") or LANGUAGES[0],
        )
        try:
            response = answer(extract)
        except TooManyAgreementsError as too_many:
            return _plain_refusal([str(too_many)])
        response["Content-Type"] = self.kind.content_type
        shown = "inline" if self.kind.text else "attachment"
        response["Content-Disposition"] = saved_as(
            selection, self.kind.extension, shown, of=f"{self.kind.subject}s"
        )
        return response

    def _made(self, extract: Extract) -> HttpResponseBase:
        if self.kind.stream:
            return StreamingHttpResponse(self.kind.stream(extract))
        if self.kind.text:
            return HttpResponse(self.kind.text(extract))
        file = TemporaryFile()  # noqa: SIM115 - the response closes it
        try:
            self.kind.write(extract, file)  # type: ignore[misc]
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return FileResponse(file)

    def _announced(self, extract: Extract) -> HttpResponseBase:
        if self.kind.refuse:
            self.kind.refuse(extract.agreements.count())
        return StreamingHttpResponse(())


class AgreementFileView(View):
    """One published agreement in the format that the URL names, with its status on the day in `as_of`."""

    def get(self, request: HttpRequest, ref: str, extension: str) -> HttpResponseBase:
        form, today = RecordForm(request.GET), timezone.localdate()
        if form.problems:
            return refusal(form.problems)
        published = Agreement.objects.published().filter(ref=ref)
        if extension == "json":
            records = [
                r for block in record_blocks(published, form.day(today=today)) for r in block
            ]
            if not records:
                raise Http404
            text = encoded(records[0], indent=2) + "\n"
        else:
            agreement = get_object_or_404(published.with_parties().with_areas())
            text = {"bib": bibtex, "ris": ris}[extension](Citation(agreement, today))
        shown = "inline" if extension == "json" else "attachment"
        return HttpResponse(
            text,
            content_type=OF_RECORD[extension].content_type,
            headers={"Content-Disposition": disposition(shown, f"{ref}.{extension}", ref)},
        )


def _own_problems(given: QueryDict, kind: ListFormat) -> Iterator[Problem]:
    """Yield what is wrong with the parameters that files alone read. Only the CSV uses `excel`, but all accept it."""
    if given.get("excel", "") not in ("", "0", "1"):
        why = _("Use 1 for a byte order mark, or leave it out.")
        yield Problem("excel", "excel", why)
    labels = given.get("labels", "")
    if labels not in ("", "0", "1"):
        yield Problem("labels", "labels", _("Use 1 for a file in words, or leave it out."))
    elif labels == "1" and not kind.for_people:
        offered = " or ".join(f".{each.extension}" for each in FOR_PEOPLE)
        why = _("This format has codes only. For words, use %(formats)s.") % {"formats": offered}
        yield Problem("labels", "labels", why)
    if (language := given.get("lang", "")) not in ("", *LANGUAGES):
        known = {"values": ", ".join(LANGUAGES)}
        yield Problem("lang", "lang", _("Write one of %(values)s, or leave it out.") % known)
    elif language and labels != "1":
        yield Problem("lang", "lang", _("Add labels=1: only a file in words has a language."))


def _too_long(count: int) -> Problem:
    why = _(
        "A file in words holds at most %(most)s agreements, and this selection has %(count)s. "
        "Narrow it with a filter, or leave out labels=1."
    )
    shown = {"most": number_format(MOST_LABELLED), "count": number_format(count)}
    return Problem("labels", "labels", why % shown)


def saved_as(
    selection: Selection, extension: str, kind: str = "attachment", *, of: str = "agreements"
) -> str:
    """Return the Content-Disposition of a file of the selection; `of` says what the file contains."""
    # the words already contain the day if it was given
    day = None if selection.form.cleaned_data["as_of"] else selection.as_of
    words = selection.words if of == "agreements" else f"{of} {selection.words}"
    name, plain = stem(words, day), stem(of, selection.as_of)
    return disposition(kind, f"{name}.{extension}", f"{plain}.{extension}")


def refusal(problems: list[Problem]) -> HttpResponse:
    """Return 400 with one line of text for each parameter that was not understood."""
    heading = _("The query was not understood, so nothing was selected.")
    return _plain_refusal([heading, *map(str, problems)])


def _plain_refusal(lines: list[str]) -> HttpResponse:
    return HttpResponse(
        "\n".join(lines) + "\n", status=400, content_type="text/plain; charset=utf-8"
    )
