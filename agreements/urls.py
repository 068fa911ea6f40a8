"""The register's addresses. They are a contract: people bookmark and script them."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import include, path, re_path

from agreements.models.references import REF_PATTERN
from agreements.serving.response_cache import public
from agreements.web.sitemaps import SITEMAPS
from agreements.web.views import (
    agreement_detail,
    agreement_files,
    agreements,
    areas,
    changes,
    discovery,
    documents,
    pages,
    parties,
    private_calendar,
    statistics,
)

app_name = "agreements"

urlpatterns = [
    path("", public(pages.HomeView.as_view()), name="home"),
    path("agreements/", public(agreements.AgreementListView.as_view()), name="agreement_list"),
    path(
        "agreements.csv", public(agreement_files.AgreementCsvView.as_view()), name="agreement_csv"
    ),
    path(
        "agreements.xlsx",
        public(agreement_files.AgreementXlsxView.as_view()),
        name="agreement_xlsx",
    ),
    path(
        "agreements.json",
        public(agreement_files.AgreementJsonView.as_view()),
        name="agreement_json",
    ),
    path("agreements.atom", agreement_files.AgreementAtomView.as_view(), name="agreement_atom"),
    path(
        "agreements.ics",
        public(agreement_files.AgreementCalendarView.as_view()),
        name="agreement_ics",
    ),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/$",
        public(agreement_detail.AgreementDetailView.as_view()),
        name="agreement_detail",
    ),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})[.](?P<extension>json|bib|ris)\Z",
        public(agreement_files.AgreementFileView.as_view()),
        name="agreement_file",
    ),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/documents/(?P<pk>[0-9]{{1,18}})/$",
        documents.DocumentDownloadView.as_view(),
        name="document_download",
    ),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/documents/(?P<pk>[0-9]{{1,18}})"
        r"/versions/(?P<version>[0-9]{1,18})/$",
        documents.DocumentVersionView.as_view(),
        name="document_version",
    ),
    re_path(
        r"^calendar/(?P<secret>[A-Za-z0-9_-]{43})[.]ics\Z",
        private_calendar.private_calendar,
        name="private_calendar",
    ),
    path("statistics/", public(statistics.StatisticsView.as_view()), name="statistics"),
    path(
        "statistics/<slug:name>.csv",
        public(statistics.StatisticsCsvView.as_view()),
        name="statistics_csv",
    ),
    path("parties/", public(parties.PartyListView.as_view()), name="party_list"),
    path("parties/<slug:slug>/", public(parties.PartyDetailView.as_view()), name="party_detail"),
    path("areas/", public(areas.AreaListView.as_view()), name="area_list"),
    path("areas/<slug:slug>/", public(areas.AreaDetailView.as_view()), name="area_detail"),
    path("changes/", public(changes.ChangesView.as_view()), name="changes"),
    path("changes.atom", changes.ChangesAtomView.as_view(), name="changes_atom"),
    path("about/", pages.AboutView.as_view(), name="about"),
    path("data/", pages.DataView.as_view(), name="data"),
    path("api/v1/", include("agreements.web.api.urls")),
    path("datapackage.json", discovery.datapackage, name="datapackage"),
    path("robots.txt", discovery.robots, name="robots"),
    path(".well-known/security.txt", discovery.security, name="security"),
    path(
        "sitemap.xml",
        discovery.sitemap_index,
        name="sitemap_index",
    ),
    path(
        "sitemap-<slug:section>.xml", sitemap_views.sitemap, {"sitemaps": SITEMAPS}, name="sitemap"
    ),
]
