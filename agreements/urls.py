"""The register's addresses. They are a contract: people bookmark and script them."""

from django.urls import path, re_path

from agreements.models.references import REF_PATTERN
from agreements.views import agreement_detail, agreements, areas, documents, pages, parties

app_name = "agreements"

urlpatterns = [
    path("", pages.HomeView.as_view(), name="home"),
    path("agreements/", agreements.AgreementListView.as_view(), name="agreement_list"),
    path("agreements.csv", agreements.AgreementCsvView.as_view(), name="agreement_csv"),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/$",
        agreement_detail.AgreementDetailView.as_view(),
        name="agreement_detail",
    ),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/documents/(?P<pk>[0-9]{{1,18}})/$",
        documents.DocumentDownloadView.as_view(),
        name="document_download",
    ),
    path("parties/", parties.PartyListView.as_view(), name="party_list"),
    path("parties/<slug:slug>/", parties.PartyDetailView.as_view(), name="party_detail"),
    path("areas/", areas.AreaListView.as_view(), name="area_list"),
    path("areas/<slug:slug>/", areas.AreaDetailView.as_view(), name="area_detail"),
    path("about/", pages.AboutView.as_view(), name="about"),
    path("data/", pages.DataView.as_view(), name="data"),
]
