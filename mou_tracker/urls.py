"""The root URLs: the admin for staff, and the URLs of `agreements`.

`/healthz` is not here: `agreements.web.views.health` answers it before hosts and sessions are checked.
"""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("agreements.urls")),
]

handler403 = "agreements.web.views.errors.permission_denied"
handler500 = "agreements.web.views.errors.server_error"
