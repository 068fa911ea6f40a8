"""The addresses of the API: what is asked of them, and the JSON they answer with.

Whoever asks gets the same: nobody logs in here, and drafts do not exist. Nobody is counted or slowed down either, for
the files give away the whole register at a smaller cost.
"""

from datetime import date
from functools import cache
from typing import Any, ClassVar

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
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
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agreements.domain.urls import permanent
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, Extract
from agreements.exchange.exporting.json import described
from agreements.exchange.exporting.records import Record, record_blocks
from agreements.models import Agreement, Area, Party
from agreements.selection.reading import Problem
from agreements.selection.selection import Selection
from agreements.web.api import schema, serializers
from agreements.web.api.errors import NotUnderstoodError, refuse
from agreements.web.api.guide import ADDRESSES
from agreements.web.api.listings import CURSOR, Listing
from agreements.web.api.queries import AreaListForm, ListForm, PartyListForm, QueryForm, RecordForm
from agreements.web.api.representations import areas_by_slug, parties_by_slug


class JsonAnyway(BaseContentNegotiation):
    """There is nothing but JSON to choose from, so that it answers whatever a program says it accepts."""

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class JsonOrYaml(DefaultContentNegotiation):
    """What the parameter `format` or the header Accept names, and JSON where that is neither."""

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
        except Http404 as error:
            why = gettext("Write json or yaml.")
            raise NotUnderstoodError([Problem("format", "format", why)]) from error


class ReadingView(APIView):
    """Reads and never writes, for everybody."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    renderer_classes: Any = (JSONRenderer,)
    content_negotiation_class: Any = JsonAnyway
    # Search engines are to show the pages, not the JSON beneath them.
    more_headers: ClassVar[dict[str, str]] = {"X-Robots-Tag": "noindex"}

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, **self.more_headers}

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer what may be done here: the header Allow says it."""
        return Response(status=204)


class NowhereView(ReadingView):
    """Every address of the API that there is not."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        raise Http404


class RootView(ReadingView):
    """The addresses of the API for programs, and the page about it for people."""

    more_headers: ClassVar[dict[str, str]] = {}

    @extend_schema(
        operation_id="start",
        summary=_("Where everything is"),
        responses={200: serializers.RootSerializer, 405: schema.READ_ONLY},
    )
    def get(self, request: Request) -> HttpResponseBase:
        wanted = request.get_preferred_type(["application/json", "text/html"])
        response = _page_for_people(request) if wanted == "text/html" else Response(_addresses())
        patch_vary_headers(response, ["Accept"])
        return response


class SchemaView(ReadingView):
    """The API in OpenAPI: JSON, or YAML if `format=yaml` or the header Accept asks for it."""

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
def _schema(language: str | None) -> dict[str, Any]:
    """Return the schema in the language that is active: there are three, and each takes a tenth of a second."""
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]


class AgreementListView(ReadingView):
    @extend_schema(
        operation_id="listAgreements",
        summary=_("Agreements of a selection, a page at a time"),
        parameters=[*schema.agreement_parameters(), schema.CURSOR_PARAMETER],
        responses=schema.answers(serializers.AgreementPageSerializer),
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        selection = Selection(asked, today=timezone.localdate(), further=[CURSOR])
        refuse([*selection.errors, *selection.unknown])
        query, day = selection.canonical_query, selection.as_of
        listing = Listing(
            selection.agreements,
            "ref",
            "api_agreements",
            query,
            selection.per_page,
            selection.count,
        )
        return listing.answer(
            asked,
            lambda refs: _records(refs, day),
            number=selection.form.cleaned_data["page"],
            selection=described(Extract(selection.agreements, selection.words, query, day)),
        )


class AgreementView(ReadingView):
    @extend_schema(
        operation_id="getAgreement",
        summary=_("One agreement"),
        parameters=[schema.REF, *schema.agreement_parameters(["as_of"])],
        responses=schema.answers(serializers.AgreementSerializer, 404),
    )
    def get(self, request: Request, ref: str) -> Response:
        asked = RecordForm(request.query_params)
        refuse(asked.problems)
        day = asked.day(today=timezone.localdate())
        if record := _records([ref], day).get(ref):
            return Response(record)
        raise Http404


class PartyListView(ReadingView):
    @extend_schema(
        operation_id="listParties",
        summary=_("Parties of published agreements, a page at a time"),
        parameters=[*schema.form_parameters(PartyListForm), schema.CURSOR_PARAMETER],
        responses=schema.answers(serializers.PartyPageSerializer),
    )
    def get(self, request: Request) -> Response:
        form = PartyListForm(request.query_params, further=[CURSOR])
        return _listing(form, "api_parties").answer(request.query_params, parties_by_slug)


class PartyView(ReadingView):
    @extend_schema(
        operation_id="getParty",
        summary=_("One party"),
        parameters=[schema.PARTY],
        responses=schema.answers(serializers.PartySerializer, 301, 404),
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        refuse(QueryForm(request.query_params).problems)
        if party := parties_by_slug([slug]).get(slug):
            return Response(party)
        return _moved("api_party", Party.objects.in_public().renamed([slug]).get(slug))


class AreaListView(ReadingView):
    @extend_schema(
        operation_id="listAreas",
        summary=_("Cooperation areas, a page at a time"),
        parameters=[*schema.form_parameters(AreaListForm), schema.CURSOR_PARAMETER],
        responses=schema.answers(serializers.AreaPageSerializer),
    )
    def get(self, request: Request) -> Response:
        form = AreaListForm(request.query_params, further=[CURSOR])
        return _listing(form, "api_areas").answer(request.query_params, areas_by_slug)


class AreaView(ReadingView):
    @extend_schema(
        operation_id="getArea",
        summary=_("One cooperation area"),
        parameters=[schema.AREA],
        responses=schema.answers(serializers.AreaSerializer, 301, 404),
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        refuse(QueryForm(request.query_params).problems)
        if area := areas_by_slug([slug]).get(slug):
            return Response(area)
        return _moved("api_area", Area.objects.renamed([slug]).get(slug))


def _addresses() -> dict[str, str]:
    return {
        "agreements": _address("api_agreements"),
        "parties": _address("api_parties"),
        "areas": _address("api_areas"),
        "schema": _address("api_schema"),
        "documentation": _address("api_root"),
        "licence": LICENCE_ADDRESS,
    }


def _address(name: str, *arguments: str) -> str:
    return permanent(reverse(f"agreements:{name}", args=arguments))


def _page_for_people(request: Request) -> HttpResponse:
    context = {
        "api": _address("api_root"),
        "csv": _address("agreement_csv"),
        "addresses": ADDRESSES,
    }
    return render(request._request, "api/api_root.html", context)  # noqa: SLF001 - what templates know


def _listing(form: ListForm, name: str) -> Listing:
    refuse(form.problems)
    return Listing(form.rows(), "slug", name, form.query, form.size)


def _records(refs: list[str], day: date) -> dict[str, Record]:
    """Return the published records with these references; eleven queries, whatever their number."""
    published = Agreement.objects.published().filter(ref__in=refs)
    return {record["ref"]: record for block in record_blocks(published, day) for record in block}


def _moved(name: str, slug: str | None) -> HttpResponseBase:
    """Lead to where a renamed row is now; raises `Http404` if there is none."""
    if slug is None:
        raise Http404
    return HttpResponsePermanentRedirect(_address(name, slug))
