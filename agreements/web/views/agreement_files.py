"""The selection and single agreements as files and feeds: what each format is made by, and what all of them refuse.

A query that is not wholly understood is answered with 400 and the reason, in the same words by every format: a typo
must never return everything.
"""

from collections.abc import Callable
from datetime import date
from tempfile import TemporaryFile
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import gettext as _
from django.views.generic import View

from agreements.domain.urls import permanent
from agreements.exchange.citations import Citation, bibtex, ris
from agreements.exchange.exporting.csv import stream_csv
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.file_names import disposition, stem
from agreements.exchange.exporting.formats import OF_LIST, OF_RECORD
from agreements.exchange.exporting.json import encoded, stream_json
from agreements.exchange.exporting.records import record_blocks
from agreements.exchange.exporting.xlsx import TooManyAgreementsError, refuse_too_many, write_xlsx
from agreements.exchange.feeds.atom import atom
from agreements.exchange.feeds.calendar import stream_calendar
from agreements.models import Agreement
from agreements.models.querysets import AgreementQuerySet
from agreements.selection.fields import DayField
from agreements.selection.reading import Problem, unknown_parameters
from agreements.selection.selection import Selection


class SelectionFileView(View):
    """The complete selection in one format; a query that is not wholly understood is refused."""

    extension: ClassVar[str]
    disposition: ClassVar[str] = "attachment"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self._respond(request, self.answer)

    def head(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as `get` does, without making the file."""
        return self._respond(request, self.announce)

    def answer(self, extract: Extract) -> HttpResponseBase:
        raise NotImplementedError

    def announce(self, extract: Extract) -> HttpResponseBase:
        return StreamingHttpResponse(())

    def _respond(
        self, request: HttpRequest, answer: Callable[[Extract], HttpResponseBase]
    ) -> HttpResponseBase:
        selection = Selection(request.GET, today=timezone.localdate())
        self.excel, problems = _excel(request)
        if problems := [*selection.errors, *selection.unknown, *problems]:
            return refusal(problems)
        try:
            response = answer(_extract(selection))
        except TooManyAgreementsError as too_many:
            return _plain_refusal([str(too_many)])
        response["Content-Type"] = OF_LIST[self.extension].content_type
        response["Content-Disposition"] = saved_as(selection, self.extension, self.disposition)
        return response


class AgreementCsvView(SelectionFileView):
    extension = "csv"

    def answer(self, extract: Extract) -> HttpResponseBase:
        return StreamingHttpResponse(
            stream_csv(
                extract.agreements, day=extract.day, absolute_url=permanent, excel=self.excel
            )
        )


class AgreementXlsxView(SelectionFileView):
    """Written as a whole before the first byte is sent, so that nobody is left with half a workbook."""

    extension = "xlsx"

    def answer(self, extract: Extract) -> HttpResponseBase:
        file = TemporaryFile()  # noqa: SIM115 - the response closes it
        try:
            write_xlsx(extract, file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return FileResponse(file)

    def announce(self, extract: Extract) -> HttpResponseBase:
        refuse_too_many(extract.agreements.count())
        return super().announce(extract)


class AgreementJsonView(SelectionFileView):
    extension = "json"

    def answer(self, extract: Extract) -> HttpResponseBase:
        return StreamingHttpResponse(stream_json(extract))


class AgreementAtomView(SelectionFileView):
    """Whoever asks again with the tag of what they have is told that nothing has changed."""

    extension = "atom"
    disposition = "inline"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        response = super().get(request)
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        set_response_etag(response)
        tag = response["ETag"]
        return get_conditional_response(request, etag=tag, response=response) or response

    head = get

    def answer(self, extract: Extract) -> HttpResponseBase:
        return HttpResponse(atom(extract))


class AgreementCalendarView(SelectionFileView):
    extension = "ics"

    def answer(self, extract: Extract) -> HttpResponseBase:
        return StreamingHttpResponse(stream_calendar(extract))


class AgreementFileView(View):
    """One published agreement in the format of the address; `as_of` is the day of its status."""

    def get(self, request: HttpRequest, ref: str, extension: str) -> HttpResponseBase:
        day, problems = _day(request)
        if problems:
            return refusal(problems)
        published = Agreement.objects.published().filter(ref=ref)
        return HttpResponse(
            _WRITERS[extension](published, day),
            content_type=OF_RECORD[extension].content_type,
            headers={
                "Content-Disposition": disposition(
                    "inline" if extension == "json" else "attachment", f"{ref}.{extension}", ref
                )
            },
        )


def _json(published: AgreementQuerySet, day: date) -> str:
    found = [record for block in record_blocks(published, day) for record in block]
    if not found:
        raise Http404
    return encoded(found[0], indent=2) + "\n"


def _citation(published: AgreementQuerySet) -> Citation:
    return Citation(get_object_or_404(published.with_parties().with_areas()), timezone.localdate())


_WRITERS: dict[str, Callable[[AgreementQuerySet, date], str]] = {
    "json": _json,
    "bib": lambda published, day: bibtex(_citation(published)),
    "ris": lambda published, day: ris(_citation(published)),
}


def _extract(selection: Selection) -> Extract:
    return Extract(
        selection.agreements, selection.words, selection.canonical_query, selection.as_of
    )


def _excel(request: HttpRequest) -> tuple[bool, list[Problem]]:
    """Read the parameter that only the CSV heeds, and that every format understands."""
    given = request.GET.get("excel", "")
    if given in ("", "0", "1"):
        return given == "1", []
    return False, [Problem("excel", "excel", _("Give 1 for a byte order mark, or leave it out."))]


def _day(request: HttpRequest) -> tuple[date, list[Problem]]:
    """Read the day of the status, today if none is given, and refuse everything else."""
    today = timezone.localdate()
    unknown = unknown_parameters(request.GET, ["as_of"])
    given = {text.strip() for text in request.GET.getlist("as_of")} - {""}
    try:
        days = [DayField().clean(text) for text in given] or [today]
    except ValidationError as error:
        return today, [Problem("as_of", "as_of", error.messages[0]), *unknown]
    if len(days) > 1:
        more = _("This is given more than once, with different values. Give it once.")
        return today, [Problem("as_of", "as_of", more), *unknown]
    return days[0], unknown


def saved_as(
    selection: Selection, extension: str, kind: str = "attachment", *, of: str = "agreements"
) -> str:
    """Return the Content-Disposition of a file of the selection; `of` says what it holds where not its rows."""
    # The words say the day if it was asked for.
    day = None if selection.form.cleaned_data["as_of"] else selection.as_of
    words = selection.words if of == "agreements" else f"{of} {selection.words}"
    name, plain = stem(words, day), stem(of, selection.as_of)
    return disposition(kind, f"{name}.{extension}", f"{plain}.{extension}")


def refusal(problems: list[Problem]) -> HttpResponse:
    """Answer 400 with one plain line for each parameter that was not understood."""
    heading = _("The query was not understood, so nothing was selected.")
    return _plain_refusal([heading, *map(str, problems)])


def _plain_refusal(lines: list[str]) -> HttpResponse:
    return HttpResponse(
        "\n".join(lines) + "\n", status=400, content_type="text/plain; charset=utf-8"
    )
