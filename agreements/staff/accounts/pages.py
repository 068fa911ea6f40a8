"""What the pages of the login and the account share with the rest of the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.views.generic.base import ContextMixin


class AdminPage(ContextMixin):
    """Adds to a view what every page of the admin shows: the site's name, the user's links, the menu."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)
