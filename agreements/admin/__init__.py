"""Where staff do their whole work: every fact of the register entered, corrected, followed up and published.

Django finds this package by its name and through it every screen. A screen is declared in the order in which a clerk
reads a document; what it does beyond showing is asked of the layers below.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agreements.admin import (
    agreements,
    areas,
    documents,
    follow_up,
    imports,
    parties,
    sources,
    users,
)

__all__ = [
    "agreements",
    "areas",
    "documents",
    "follow_up",
    "imports",
    "parties",
    "sources",
    "users",
]

admin.site.site_header = _("MoU Tracker")
admin.site.site_title = _("MoU Tracker")
admin.site.index_title = _("The register, for staff")
# the lists need the room, and every page has its own row of links to them
admin.site.enable_nav_sidebar = False
