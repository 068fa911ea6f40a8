"""The API's endpoints: what they accept and the JSON they return.

Everyone gets the same response: there is no login here, and drafts are never included. There is no rate limit, because
the files provide the whole register at a lower cost anyway.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agreements.domain.urls import permanent
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, Extract
from agreements.exchange.exporting.gone import Gone, gone_record, gone_since
from agreements.exchange.exporting.json import Record, described, record_blocks
from agreements.models import Agreement, Area, Party, Tombstone, with_successions
from agreements.models.querysets import TreeQuerySet
from agreements.selection.declarations import PER_PAGE
from agreements.selection.reading import Problem
from agreements.selection.selection import Selection
from agreements.statistics.portfolios import published
from agreements.web.api import schema, serializers
from agreements.web.api.errors import NotUnderstoodError, refuse
from agreements.web.api.guide import ENDPOINTS
from agreements.web.api.listings import CURSOR, Listing
from agreements.web.api.queries import (
    AgreementListForm,
    AreaListForm,
    FacetsForm,
    ListForm,
    PartyListForm,
    QueryForm,
    RecordForm,
    faceted,
)
from agreements.web.problems import MEDIA_TYPE, problem
from agreements.web.views.gone import sentence

# More fit into the JSON file, which is written in pieces.
MOST_GONE = 1_000


class JsonAnyway(BaseContentNegotiation):
    """Returns JSON whatever the Accept header says, because there is no other format."""

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class JsonOrYaml(DefaultContentNegotiation):
    """Returns what the parameter `format` or the Accept header asks for; JSON if that is neither JSON nor YAML."""

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
        except Http404 as error:
            why = gettext("Use json or yaml.")
            raise NotUnderstoodError([Problem("format", "format", why)]) from error


# The schema uses the docstring as the description of each operation.
class ReadingView(APIView):
    """A read-only endpoint, open to everyone."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer,)
    content_negotiation_class: type[BaseContentNegotiation] = JsonAnyway
    # search engines should show the pages, not the JSON behind them
    more_headers: ClassVar[dict[str, str]] = {"X-Robots-Tag": "noindex"}

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, **self.more_headers}

    def options(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Return only the Allow header, which lists the methods."""
        return Response(status=204)


class NowhereView(ReadingView):
    """Any URL below the API that does not exist: 404 as JSON."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        raise Http404


class RootView(ReadingView):
    """The API's URLs for programs, and its guide for people."""

    more_headers: ClassVar[dict[str, str]] = {}

    @extend_schema(
        operation_id="start",
        summary=_("The URLs of the API"),
        responses={200: serializers.RootSerializer, 405: schema.READ_ONLY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        response: HttpResponseBase
        if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
            context = {
                "api": _url("api_root"),
                "csv": _url("agreement_csv"),
                "endpoints": ENDPOINTS,
            }
            plain_request = request._request  # noqa: SLF001 - templates need Django's own request
            response = render(plain_request, "api/api_root.html", context)
        else:
            names = ("agreements", "facets", "parties", "areas", "schema")
            response = Response(
                {
                    **{name: _url(f"api_{name}") for name in names},
                    "documentation": _url("api_root"),
                    "licence": LICENCE_ADDRESS,
                }
            )
        patch_vary_headers(response, ["Accept"])
        return response


class SchemaView(ReadingView):
    """The API described in OpenAPI: JSON, or YAML if `format=yaml` or the Accept header asks for it."""

    renderer_classes = (
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
    )
    content_negotiation_class = JsonOrYaml

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(_schema(get_language()))


@cache
def _schema(language: str | None) -> dict[str, object]:
    """Return the schema in this language, cached because generating it takes a tenth of a second."""
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]


@schema.operation(
    "listAgreements",
    _("Agreements that match the parameters, a page at a time"),
    serializers.AgreementPageSerializer,
    parameters=schema.list_parameters(),
)
class AgreementListView(ReadingView):
    def get(self, request: Request) -> Response:
        asked = request.query_params
        form, others = AgreementListForm.own(asked), AgreementListForm.others(asked)
        known = [CURSOR, *AgreementListForm.base_fields]
        selection = Selection(others, today=timezone.localdate(), further=known)
        refuse([*form.problems, *selection.errors, *selection.unknown])
        extract, count = Extract.of(selection), selection.count
        query = "&".join(filter(None, [extract.query, form.query]))
        listing = Listing(extract.agreements, "ref", "api_agreements", query, form.size, count)
        number = selection.form.cleaned_data["page"]
        is_first = not asked.get(CURSOR, "").strip() and number in (None, 1)
        return listing.answer(
            asked,
            lambda refs: _records(refs, extract.day, form.cleaned_data["fields"]),
            number=number,
            selection=described(extract),
            **(_gone(selection.since) if is_first and selection.since else {}),
        )


@schema.operation(
    "countChoices",
    _("How many agreements each further choice of a parameter would leave"),
    serializers.FacetsSerializer,
    parameters=schema.facet_parameters(),
)
class FacetsView(ReadingView):
    def get(self, request: Request) -> Response:
        asked = request.query_params
        form, others = FacetsForm.own(asked), FacetsForm.others(asked)
        selection = Selection(others, today=timezone.localdate(), further=FacetsForm.base_fields)
        refuse([*form.problems, *selection.errors, *selection.unknown])
        wanted = form.cleaned_data["facet"] or faceted()
        most = form.cleaned_data["most"] or PER_PAGE[0]
        facets = [selection.facet(selection.filters[name]) for name in wanted]
        return Response(
            {
                "count": selection.count,
                "selection": described(Extract.of(selection)),
                "facets": [
                    {
                        "parameter": facet.parameter,
                        "label": str(facet.label),
                        "total": facet.total,
                        "choices": [
                            {
                                "value": choice.value,
                                "label": choice.label,
                                "count": choice.count,
                                "is_chosen": choice.is_chosen,
                            }
                            for choice in facet.choices[:most]
                        ],
                    }
                    for facet in facets
                ],
            }
        )


@schema.operation(
    "getAgreement",
    _("One agreement"),
    serializers.AgreementSerializer,
    404,
    410,
    parameters=[schema.REF, *schema.record_parameters()],
)
class AgreementView(ReadingView):
    def get(self, request: Request, ref: str) -> Response:
        asked = RecordForm(request.query_params)
        refuse(asked.problems)
        day = asked.day(today=timezone.localdate())
        if record := _records([ref], day, asked.cleaned_data["fields"]).get(ref):
            return Response(record)
        if tombstone := Tombstone.objects.filter(ref=ref).first():
            body = problem(410, sentence(tombstone), **gone_record(tombstone))
            headers = {"Cache-Control": "no-cache"}
            return Response(body, status=410, headers=headers, content_type=MEDIA_TYPE)
        raise Http404


def _gone(since: datetime) -> dict[str, list[Gone]]:
    """Return the records withdrawn since then, for the first page; raises `NotUnderstoodError` if they are too many."""
    gone = list(islice(gone_since(since), MOST_GONE + 1))
    if len(gone) > MOST_GONE:
        why = gettext(
            "More than %(most)d records were withdrawn since then, too many for one page. Give a later moment, or "
            "take /agreements.json with the same parameters, which names them all."
        )
        problem = Problem("updated_since", "updated_since", why % {"most": MOST_GONE})
        raise NotUnderstoodError([problem])
    return {"gone": gone}


def _records(refs: list[str], day: date, fields: Collection[str]) -> dict[str, Record]:
    """Return the published records with these references; fourteen queries, however many there are.

    With `fields`, each record has its reference and only those, in the order of all.
    """
    published = Agreement.objects.published().filter(ref__in=refs)
    whole = (record for block in record_blocks(published, day) for record in block)
    if not fields:
        return {record["ref"]: record for record in whole}
    wanted = {"ref", *fields}
    return {
        record["ref"]: {name: value for name, value in record.items() if name in wanted}
        for record in whole
    }


def parties_by_slug(slugs: list[str]) -> dict[str, Record]:
    """Return the public parties with these slugs; five queries, however many there are."""
    rows = Party.objects.in_public().filter(slug__in=slugs).prefetch_related("names")
    found = with_successions(list(rows.select_related("parent")))
    counts = published(timezone.localdate()).by_party()
    return _by_slug(found, counts, serializers.PartySerializer)


def areas_by_slug(slugs: list[str]) -> dict[str, Record]:
    """Return the areas with these slugs; two queries, however many there are."""
    rows = Area.objects.filter(slug__in=slugs).select_related("parent")
    return _by_slug(list(rows), published().by_area(), serializers.AreaSerializer)


def _by_slug(
    rows: Iterable[Any], counts: dict[int, int], serializer: type[serializers.FilledSerializer]
) -> dict[str, Record]:
    listed = reverse("agreements:api_agreements")
    found = {}
    for row in rows:
        parameter = row._meta.model_name
        row.agreement_count = counts.get(row.pk, 0)
        row.list_url = permanent(f"{listed}?{urlencode({parameter: row.slug})}")
        row.url = permanent(row.get_absolute_url())
        found[row.slug] = serializer(row).data
    return found


# Parties or areas, a page at a time.
class TreeListView(ReadingView):
    name: str
    form: type[ListForm]
    by_slug: Callable[[list[str]], dict[str, Record]]

    def get(self, request: Request) -> Response:
        form = self.form(request.query_params, further=[CURSOR])
        refuse(form.problems)
        listing = Listing(form.rows(), "slug", self.name, form.query, form.size)
        return listing.answer(request.query_params, self.by_slug)


# One party or area; a slug that it had before redirects to the current one.
class TreeRowView(ReadingView):
    name: str
    rows: Callable[[], TreeQuerySet]
    by_slug: Callable[[list[str]], dict[str, Record]]

    def get(self, request: Request, slug: str) -> HttpResponseBase:
        refuse(QueryForm(request.query_params).problems)
        if row := self.by_slug([slug]).get(slug):
            return Response(row)
        if current := self.rows().renamed([slug]).get(slug):
            return HttpResponsePermanentRedirect(_url(self.name, current))
        raise Http404


@schema.operation(
    "listParties",
    _("Parties to published agreements, a page at a time"),
    serializers.PartyPageSerializer,
    parameters=schema.form_parameters(PartyListForm),
)
class PartyListView(TreeListView):
    name, form, by_slug = "api_parties", PartyListForm, staticmethod(parties_by_slug)


@schema.operation(
    "getParty", _("One party"), serializers.PartySerializer, 301, 404, parameters=[schema.PARTY]
)
class PartyView(TreeRowView):
    name, by_slug = "api_party", staticmethod(parties_by_slug)
    rows = staticmethod(Party.objects.in_public)


@schema.operation(
    "listAreas",
    _("Cooperation areas, a page at a time"),
    serializers.AreaPageSerializer,
    parameters=schema.form_parameters(AreaListForm),
)
class AreaListView(TreeListView):
    name, form, by_slug = "api_areas", AreaListForm, staticmethod(areas_by_slug)


@schema.operation(
    "getArea",
    _("One cooperation area"),
    serializers.AreaSerializer,
    301,
    404,
    parameters=[schema.AREA],
)
class AreaView(TreeRowView):
    name, by_slug = "api_area", staticmethod(areas_by_slug)
    rows = staticmethod(Area.objects.all)


def _url(name: str, *arguments: str) -> str:
    return permanent(reverse(f"agreements:{name}", args=arguments))
