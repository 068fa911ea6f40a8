"""The register's URLs. Do not change them: people bookmark them and use them in scripts."""

from collections.abc import Callable

from django.contrib.sitemaps import views as sitemap_views
from django.http import HttpResponseBase
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe

from agreements.exchange.exporting.formats import LIST_FORMATS, PARTICIPATIONS, ListFormat
from agreements.models.references import REF_PATTERN
from agreements.security.transport import only_over_https
from agreements.serving.export_slots import whole_file
from agreements.serving.response_cache import public
from agreements.web.sitemaps import SITEMAPS
from agreements.web.views import (
    agreement_detail,
    agreement_files,
    agreements,
    areas,
    briefs,
    changes,
    choices,
    discovery,
    documents,
    pages,
    parties,
    people,
    private_calendar,
    statistics,
)
from agreements.web.views.gone import or_gone

app_name = "agreements"


def list_file(kind: ListFormat) -> Callable[..., HttpResponseBase]:
    """Return the view of a list format; one that is built as a whole gets its ETag from its content."""
    view = agreement_files.SelectionFileView.as_view(kind=kind)
    return view if kind.text else public(whole_file(view))


urlpatterns = [
    path("", public(pages.HomeView.as_view()), name="home"),
    path("agreements/", public(agreements.AgreementListView.as_view()), name="agreement_list"),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/$",
        public(or_gone(agreement_detail.AgreementDetailView.as_view())),
        name="agreement_detail",
    ),
    path("agreements/brief/", public(briefs.BriefPageView.as_view()), name="agreements_brief"),
    path("parties/<slug:slug>/brief/", public(briefs.BriefPageView.as_view()), name="party_brief"),
    path(
        "agreements/choices/<slug:parameter>/",
        public(choices.ChoicesView.as_view()),
        name="agreement_choices",
    ),
    path("map/", public(statistics.MapView.as_view()), name="map"),
    path("statistics/", public(statistics.StatisticsView.as_view()), name="statistics"),
    path("parties/", public(parties.PartyListView.as_view()), name="party_list"),
    path("parties/<slug:slug>/", public(parties.PartyDetailView.as_view()), name="party_detail"),
    path("people/<slug:slug>/", public(people.PersonDetailView.as_view()), name="person_detail"),
    path("areas/", public(areas.AreaListView.as_view()), name="area_list"),
    path("areas/<slug:slug>/", public(areas.AreaDetailView.as_view()), name="area_detail"),
    path("changes/", public(changes.ChangesView.as_view()), name="changes"),
    path("about/", pages.AboutView.as_view(), name="about"),
    path("data/", pages.DataView.as_view(), name="data"),
    path("robots.txt", discovery.robots, name="robots"),
    path("favicon.ico", discovery.favicon, name="favicon"),
    path(".well-known/security.txt", discovery.security, name="security"),
    path("sitemap.xml", discovery.sitemap_index, name="sitemap_index"),
    path(
        "sitemap-<slug:section>.xml",
        require_safe(sitemap_views.sitemap),
        {"sitemaps": SITEMAPS, "content_type": discovery.XML},
        name="sitemap",
    ),
    *only_over_https(
        *(
            path(kind.file_name, list_file(kind), name=kind.name)
            for kind in (*LIST_FORMATS, PARTICIPATIONS)
        ),
        path(
            "agreements/brief.docx",
            public(whole_file(briefs.BriefFileView.as_view())),
            name="agreements_brief_docx",
        ),
        path(
            "parties/<slug:slug>/brief.docx",
            public(whole_file(briefs.BriefFileView.as_view())),
            name="party_brief_docx",
        ),
        re_path(
            rf"^agreements/(?P<ref>{REF_PATTERN})[.](?P<extension>json|bib|ris)\Z",
            public(or_gone(agreement_files.AgreementFileView.as_view())),
            name="agreement_file",
        ),
        re_path(
            rf"^agreements/(?P<ref>{REF_PATTERN})/documents/(?P<pk>[0-9]{{1,18}})/$",
            or_gone(documents.DocumentDownloadView.as_view()),
            name="document_download",
        ),
        re_path(
            rf"^agreements/(?P<ref>{REF_PATTERN})/documents/(?P<pk>[0-9]{{1,18}})"
            r"/versions/(?P<version>[0-9]{1,18})/$",
            or_gone(documents.DocumentVersionView.as_view()),
            name="document_version",
        ),
        re_path(
            r"^calendar/(?P<token>[A-Za-z0-9_-]{43})[.]ics\Z",
            private_calendar.private_calendar,
            name="private_calendar",
        ),
        path(
            "statistics/<slug:name>.csv",
            public(statistics.StatisticsCsvView.as_view()),
            name="statistics_csv",
        ),
        path("changes.atom", changes.ChangesAtomView.as_view(), name="changes_atom"),
        path("api/v1/", include("agreements.web.api.urls")),
        path("datapackage.json", discovery.datapackage, name="datapackage"),
    ),
]
