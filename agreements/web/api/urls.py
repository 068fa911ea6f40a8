"""The URLs of the API, below ``/api/v1/``."""

from django.urls import path, re_path

from agreements.models.references import REF_PATTERN
from agreements.serving.response_cache import public
from agreements.web.api import views

urlpatterns = [
    path("", views.RootView.as_view(), name="api_root"),
    path("schema/", views.SchemaView.as_view(), name="api_schema"),
    path("agreements/", public(views.AgreementListView.as_view()), name="api_agreements"),
    path("facets/", public(views.FacetsView.as_view()), name="api_facets"),
    re_path(
        rf"^agreements/(?P<ref>{REF_PATTERN})/\Z",
        public(views.AgreementView.as_view()),
        name="api_agreement",
    ),
    path("parties/", public(views.PartyListView.as_view()), name="api_parties"),
    path("parties/<slug:slug>/", public(views.PartyView.as_view()), name="api_party"),
    path("areas/", public(views.AreaListView.as_view()), name="api_areas"),
    path("areas/<slug:slug>/", public(views.AreaView.as_view()), name="api_area"),
    # with a trailing slash, so that URLs without one are still redirected
    re_path(r"^[\s\S]*/\Z", views.NowhereView.as_view()),
]
