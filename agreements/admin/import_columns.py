"""The pages on which a clerk says what the columns of a foreign file mean, and then what the texts in them mean.

Both show what `importing.mapping` suggests and keep what is chosen on the import, as the table of a profile. The file
itself is read by `importing.working` only: these pages show its survey.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext

from agreements.admin.import_column_forms import ColumnsForm, KeepForm, ReadingForm, ValuesForm
from agreements.admin.import_steps import COLUMNS, TITLES, VALUES, asks_for_values, steps
from agreements.admin.screens import Screen
from agreements.domain.choices import ImportWork
from agreements.exchange.importing import keeping, working
from agreements.exchange.importing.mapping.choices import as_table, choices_of, name_of
from agreements.exchange.importing.mapping.surveys import Survey
from agreements.exchange.importing.refusals import ImportRefusedError, ProfileError
from agreements.models import Import
from agreements.security.people import logged_in

READ_AGAIN = "read_again"
SEEN = "seen"


def is_outdated(request: HttpRequest, seen: str) -> bool:
    """Whether a form was sent from a page that showed something else of an import than `seen`; say so if it was."""
    if request.POST.get(SEEN, seen) == seen:
        return False
    messages.warning(
        request,
        gettext(
            "This import has been changed in another window, or by a colleague, so nothing was stored. Look at it as it "
            "is now, and go on from there."
        ),
    )
    return True


class ColumnsStep(Screen):
    """The steps of the wizard before the preview."""

    pages: ClassVar = {
        "columns": "<int:pk>/columns/",
        "values": "<int:pk>/values/",
        "keep": "<int:pk>/keep/",
    }

    def run_of(
        self, request: HttpRequest, pk: int | str, *, posted: bool = False, changing: bool = False
    ) -> Import:
        raise NotImplementedError

    def moved(self, run: Import) -> HttpResponse:
        raise NotImplementedError

    def onward(self, run: Import) -> HttpResponse:
        raise NotImplementedError

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what each column becomes; with `read_again`, read the file in another way first."""
        run, survey = self._surveyed(request, pk)
        if is_outdated(request, run.seen):
            return redirect(self.url_of("columns", run.pk))
        reading = ReadingForm(run, survey)
        is_again = request.method == "POST" and READ_AGAIN in request.POST
        if is_again:
            reading = ReadingForm(run, survey, request.POST)
            if reading.is_valid() and self._work_on(
                request, run, ImportWork.SURVEY, **reading.answers()
            ):
                return self.moved(run)
        choices = keeping.choices_for(run, survey)
        form = ColumnsForm(survey, choices, None if is_again else request.POST or None)
        if form.is_bound and form.is_valid() and self._kept(request, run, survey, form):
            if asks_for_values(survey, choices_of(run.mapping, survey.headings)):
                return redirect(self.url_of("values", run.pk))
            return self._previewed(request, run)
        return self._step(request, run, COLUMNS, form=form, reading=reading, survey=survey)

    def values_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what each distinct text of a column with codes means, then show the preview."""
        run, survey = self._surveyed(request, pk)
        if not run.mapping or is_outdated(request, run.seen):
            return redirect(self.url_of("values" if run.mapping else "columns", run.pk))
        choices = choices_of(run.mapping, survey.headings)
        if not asks_for_values(survey, choices):
            return self.onward(run)
        form = ValuesForm(survey, choices, request.POST or None)
        if form.is_bound and form.is_valid() and self._kept(request, run, survey, form):
            return self._previewed(request, run)
        return self._step(request, run, VALUES, form=form)

    def keep_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep the mapping of an import under a name, for the next file with these columns."""
        run = self.run_of(request, pk, posted=True)
        form = KeepForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["title"])))
        else:
            title = form.cleaned_data["title"]
            try:
                keeping.keep(run, title, by=logged_in(request), at=timezone.now())
            except ProfileError as error:
                messages.error(request, str(error))
            else:
                sentence = gettext("The next file with these columns will be read as “%(title)s”.")
                messages.success(request, sentence % {"title": title})
        return self.moved(run)

    def _surveyed(self, request: HttpRequest, pk: int) -> tuple[Import, Survey]:
        run = self.run_of(request, pk, changing=True)
        if not run.survey or not keeping.is_open(run):
            raise Http404(gettext("This import has no columns to choose for."))
        return run, Survey.from_json(run.survey)

    def _kept(
        self, request: HttpRequest, run: Import, survey: Survey, form: ColumnsForm | ValuesForm
    ) -> bool:
        """Keep what the form says, or show why that is impossible."""
        table = as_table(form.choices(), survey.headings, keeping.table_for(run, survey))
        try:
            keeping.remember(run, table, name=name_of(survey.headings))
        except ImportRefusedError as error:
            form.add_error(None, str(error))
            return False
        return True

    def _previewed(self, request: HttpRequest, run: Import) -> HttpResponse:
        """Preview the import, and go on to its unknown parties, if it has any, however long the preview takes."""
        self._work_on(request, run, ImportWork.PREVIEW)
        return self.onward(run)

    def _work_on(self, request: HttpRequest, run: Import, work: ImportWork, **answers: Any) -> bool:
        try:
            working.start(run, work, by=logged_in(request), at=timezone.now(), **answers)
        except ImportRefusedError as error:
            messages.error(request, str(error))
            return False
        return True

    def _step(self, request: HttpRequest, run: Import, step: str, **context: Any) -> HttpResponse:
        forms = [context[name] for name in ("form", "reading") if name in context]
        return self.page(
            request,
            f"import/{step}",
            title=TITLES[step],
            run=run,
            forms=forms,
            is_refused=any(form.errors for form in forms),
            steps=list(steps(run, step)),
            **context,
        )
