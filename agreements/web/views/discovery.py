"""Small files at well-known URLs: robots.txt, the sitemaps, security.txt and the data package."""

from datetime import UTC, datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from agreements.domain.urls import permanent
from agreements.exchange.exporting.datapackage import data_package
from agreements.web.sitemaps import SITEMAPS

# RFC 9116 recommends less than a year, so that nobody relies on an outdated contact.
SECURITY_CONTACT_HOLDS_FOR = timedelta(days=180)
XML = "application/xml; charset=utf-8"


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read everything except the admin, private calendars and filtered lists.

    Filtered lists are endless and contain nothing new: the sitemaps and the unfiltered list link to every record.
    """
    names = ("agreement_list", "statistics", "agreements_brief")
    lists = [reverse(f"agreements:{name}") for name in names]
    return _lines(
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        "Disallow: /calendar/",
        *(f"Disallow: {path}?" for path in lists),
        "Disallow: /agreements/choices/",
        f"Allow: {lists[0]}?page=",
        "",
        f"Sitemap: {permanent(reverse('agreements:sitemap_index'))}",
    )


@require_safe
@cache_control(public=True, max_age=24 * 60 * 60)
def favicon(request: HttpRequest) -> HttpResponse:
    """Return the icon for programs that look for it at its usual URL."""
    return HttpResponse(_icon(), content_type="image/vnd.microsoft.icon")


@cache
def _icon() -> bytes:
    return (settings.BASE_DIR / "static" / "img" / "favicon.ico").read_bytes()


@require_safe
def sitemap_index(request: HttpRequest) -> TemplateResponse:
    """List every page of every sitemap. Django's own view would use the host name of the request."""
    pages = []
    for name, section in SITEMAPS.items():
        sitemap = section()
        changed = sitemap.get_latest_lastmod()
        url = permanent(reverse("agreements:sitemap", args=[name]))
        for page in sitemap.paginator.page_range:
            location = url if page == 1 else f"{url}?p={page}"
            pages.append({"location": location, "last_mod": changed})
    return TemplateResponse(request, "sitemap_index.xml", {"sitemaps": pages}, content_type=XML)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a vulnerability (RFC 9116); 404 if the operator has not set a contact."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = timezone.now().astimezone(UTC).date() + SECURITY_CONTACT_HOLDS_FOR
    return _lines(
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {datetime.combine(expires, time(), UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {permanent(reverse('agreements:security'))}",
    )


@require_safe
def datapackage(request: HttpRequest) -> JsonResponse:
    """The columns of the CSV, described as a Data Package."""
    return JsonResponse(data_package(), json_dumps_params={"ensure_ascii": False, "indent": 2})


def _lines(*lines: str) -> HttpResponse:
    text = "\n".join(lines) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
