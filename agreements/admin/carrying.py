"""A new agreement begun from another one: "Another from the same source", and "Copy this record".

Both open the empty form with values carried over, by `?from=AGR-0001&with=source` or `with=all`. Opening it writes
nothing. Evidence is never carried. In a copy only what is changed rests on the source that is chosen for it, as somebody
has to check that the source says the same of the new agreement; the form therefore names the record that it copies.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, Model
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from agreements.admin.screens import Context, Screen
from agreements.domain.facts import ENTERED
from agreements.models import (
    Agreement,
    Commitment,
    Event,
    LanguageVersion,
    Participation,
    Period,
    Relation,
    Signatory,
)

FROM, WITH = "from", "with"
SOURCE, ALL = "source", "all"
# the buttons that save and then open the next one: with the same source, and empty
ANOTHER, EMPTY = "_another", "_addanother"
COPIED_FROM = "copied_from"
MOST_ROWS = 100
_OF_ONE_SOURCE = ("kind", "signed", "place")
_COPIED_ROWS: tuple[Any, ...] = (
    Participation,
    Signatory,
    Period,
    Event,
    Relation,
    Commitment,
    LanguageVersion,
)
# what is said of the other record's sources, and where a row stands
_NOT_COPIED = {"id", "agreement", "source", "edit_token"}


@dataclass(frozen=True)
class Carried:
    """What the empty form is filled with: values of the agreement's fields, and rows by their model."""

    origin: Agreement
    is_whole: bool
    values: dict[str, Any]
    rows: dict[Any, list[dict[str, Any]]] = field(default_factory=dict)


def carried_from(origin: Agreement, extent: str) -> Carried | None:
    """Return what goes with this extent, `SOURCE` or `ALL`; None for any other. One query for each kind of rows."""
    if extent == ALL:
        names = [name for name in (*ENTERED, "areas", "responsible") if _is_column(name)]
        rows = {model: _rows_of(model, origin) for model in _COPIED_ROWS}
        return Carried(origin, True, model_to_dict(origin, names), rows)
    if extent == SOURCE:
        values = model_to_dict(origin, _OF_ONE_SOURCE)
        values["source"] = _main_source(origin)
        return Carried(origin, False, values, {Participation: _parties_of(origin)})
    return None


def _is_column(name: str) -> bool:
    try:
        return bool(Agreement._meta.get_field(name).editable)
    except FieldDoesNotExist:
        return False


def _rows_of(model: type[Model], origin: Agreement) -> list[dict[str, Any]]:
    rows = model._default_manager.filter(agreement=origin.pk)[:MOST_ROWS]
    return [_without(model_to_dict(row), _NOT_COPIED) for row in rows]


def _parties_of(origin: Agreement) -> list[dict[str, Any]]:
    rows = origin.participations.all()[:MOST_ROWS]
    return [model_to_dict(row, ("party", "role", "position")) for row in rows]


def _without(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in set(names)}


def _main_source(origin: Agreement) -> int | None:
    """Return the source that states most of its facts."""
    cited = origin.evidence.exclude(source=None).order_by().values("source")
    found = cited.annotate(facts=Count("pk")).order_by("-facts", "source").first()
    return found["source"] if found else None


class Carrying(Screen):
    """The mixin for `AgreementAdmin`."""

    carried_models: ClassVar = _COPIED_ROWS

    def carried(self, request: HttpRequest) -> Carried | None:
        """Return what the empty form asked for is filled with; nothing of records that the user may not see."""
        if "carried" not in request.__dict__:
            request.__dict__["carried"] = self._find_carried(request)
        found: Carried | None = request.__dict__["carried"]
        return found

    def _find_carried(self, request: HttpRequest) -> Carried | None:
        if request.method != "GET":
            return None
        origin = self._origin(request)
        return carried_from(origin, request.GET.get(WITH, "")) if origin else None

    def _origin(self, request: HttpRequest) -> Agreement | None:
        """Return the agreement that the form of a new one was begun from; refused forms keep it in their URL."""
        page, ref = request.resolver_match, request.GET.get(FROM, "")
        if page is None or page.url_name != self.url_name("add"):
            return None
        return self._seen_origin(request, ref)

    def _seen_origin(self, request: HttpRequest, ref: str) -> Agreement | None:
        origin = Agreement.objects.filter(ref=ref).first() if ref.isprintable() else None
        return origin if origin and self.has_view_permission(request, origin) else None

    def copied(self, request: HttpRequest) -> Carried | None:
        """Return what the form of a new record was filled with, whether it is opened or sent, if that is a whole copy."""
        carried = self.carried(request)
        if carried:
            return carried if carried.is_whole else None
        origin = self._seen_origin(request, request.POST.get(COPIED_FROM, ""))
        return carried_from(origin, ALL) if origin else None

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.copied = None if obj else self.copied(request)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        carried = self.carried(request)
        return carried.values if carried else super().get_changeform_initial_data(request)

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        options: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        carried = self.carried(request)
        rows = carried.rows.get(inline.model) if carried else None
        return {**options, "initial": rows} if rows else options

    def get_formset_rows(self, request: HttpRequest, model: type[Model]) -> int:
        """Return how many rows of this kind are carried over."""
        carried = self.carried(request)
        return len(carried.rows.get(model, ())) if carried else 0

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        context["carried"] = carried = None if shown else self.carried(request)
        context["carried_note"] = _note(carried) if carried else ""
        form = context["adminform"].form
        if carried:
            form.fields["title"].widget.attrs["autofocus"] = True
        context["origin"] = carried.origin if carried else self._origin(request)
        context["copied_from"] = form.copied.origin.ref if form.copied else ""
        context["copy_url"] = self.begun_from(shown, ALL) if shown else ""
        super().add_context(request, context, shown)

    def begun_from(self, origin: Agreement, extent: str) -> str:
        """Return the URL of an empty form that is filled from this agreement."""
        return f"{self.url_of('add')}?{urlencode({FROM: origin.ref, WITH: extent})}"

    def response_add(
        self, request: HttpRequest, obj: Agreement, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        if EMPTY in request.POST and isinstance(response, HttpResponseRedirect):
            response = HttpResponseRedirect(_begun_from_nothing(response.url))
        return self._to_another(request, obj, response)

    def response_change(self, request: HttpRequest, obj: Agreement) -> HttpResponse:
        return self._to_another(request, obj, super().response_change(request, obj))

    def _to_another(
        self, request: HttpRequest, agreement: Agreement, response: HttpResponse
    ) -> HttpResponse:
        if ANOTHER in request.POST and isinstance(response, HttpResponseRedirect):
            return HttpResponseRedirect(self.begun_from(agreement, SOURCE))
        return response


def _begun_from_nothing(url: str) -> str:
    """Return the URL of a form without the agreement that it would be filled from; Django keeps the whole query."""
    path, _mark, query = url.partition("?")
    kept = [each for each in parse_qsl(query) if each[0] not in (FROM, WITH)]
    return f"{path}?{urlencode(kept)}" if kept else path


def _note(carried: Carried) -> str:
    if carried.is_whole:
        sentence = _(
            "Copied from %(ref)s, except its reference, publication, documents, identifiers and evidence. "
            "Change what differs, and say which source states each fact."
        )
    else:
        sentence = _(
            "The source, parties, kind, date and place are those of %(ref)s. Change what differs."
        )
    return sentence % {"ref": carried.origin.ref}
