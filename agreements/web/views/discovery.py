"""What is read by machines that look for the register, or for somebody to write to: small texts at agreed addresses."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements.domain.urls import permanent
from agreements.exchange.exporting.datapackage import data_package
from agreements.web.sitemaps import SITEMAPS

# RFC 9116 wants less than a year, so that nobody relies on a contact that has gone.
SECURITY_CONTACT_HOLDS_FOR = timedelta(days=180)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be read but the admin, private calendars, and lists with filters.

    These are endless and hold nothing of their own. What they list is found by the sitemap, and by the pages of the
    list without filters.
    """
    lists = [reverse(f"agreements:{name}") for name in ("agreement_list", "statistics")]
    return _lines(
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        "Disallow: /calendar/",
        *(f"Disallow: {path}?" for path in lists),
        f"Allow: {lists[0]}?page=",
        "",
        f"Sitemap: {permanent(reverse('agreements:sitemap_index'))}",
    )


@require_safe
def sitemap_index(request: HttpRequest) -> TemplateResponse:
    """The sitemaps, a page each; Django's own view would name the host that happened to be asked."""
    pages = [
        SitemapIndexItem(_sitemap(name, page), section.get_latest_lastmod())  # type: ignore[arg-type]
        for name, section in _sections()
        for page in section.paginator.page_range
    ]
    return TemplateResponse(
        request, "sitemap_index.xml", {"sitemaps": pages}, content_type="application/xml"
    )


def _sections() -> Iterator[tuple[str, Sitemap]]:
    yield from ((name, section()) for name, section in SITEMAPS.items())


def _sitemap(name: str, page: int) -> str:
    address = permanent(reverse("agreements:sitemap", args=[name]))
    return address if page == 1 else f"{address}?p={page}"


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116); 404 where the operator names nobody."""
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
    """What every column of the CSV holds, as a Data Package."""
    return JsonResponse(data_package(), json_dumps_params={"ensure_ascii": False, "indent": 2})


def _lines(*lines: str) -> HttpResponse:
    text = "\n".join(lines) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
