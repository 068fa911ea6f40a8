"""Where staff do all their work: they enter, correct, follow up and publish every fact of the register.

Django finds this package by its name, and through it every screen. A screen's fields are declared in the order in
which a clerk reads a document; the layers below do everything except display it.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agreements.admin import (
    agreements,
    areas,
    erasures,
    import_profiles,
    imports,
    merges,
    parties,
    rows,
    signers,
    sources,
    users,
)

__all__ = [
    "agreements",
    "areas",
    "erasures",
    "import_profiles",
    "imports",
    "merges",
    "parties",
    "rows",
    "signers",
    "sources",
    "users",
]

admin.site.site_header = _("MoU Tracker")
admin.site.site_title = _("MoU Tracker")
admin.site.index_title = _("The register, for staff")
# the lists need the space, and every page has its own row of links to them
admin.site.enable_nav_sidebar = False
