"""The public log of changes: a page of the latest changes, and an Atom feed."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from agreements.exchange.feeds.atom import changes_atom
from agreements.models import Change, Tombstone
from agreements.web.views.errors import refused

ON_A_PAGE = 50
MOST_WITHDRAWN = 10


class ChangesView(TemplateView):
    """The latest changes to published agreements or, with `before`, those before the change with that number.

    The first page also lists the records that were withdrawn last.

    Page numbers would shift, because the log grows while people read it.
    """

    template_name = "agreements/changes.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        before = request.GET.get("before", "").strip()
        if before and not (before.isascii() and before.isdigit() and len(before) <= 18):
            return refused(request, [_("before: Enter the number of a change, or leave it out.")])
        self.before = int(before or 0)
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        before = self.before
        shown = Change.objects.in_public().select_related("agreement")
        rows = list((shown.filter(pk__lt=before) if before else shown)[: ON_A_PAGE + 1])
        older = rows[ON_A_PAGE - 1].pk if len(rows) > ON_A_PAGE else None
        return super().get_context_data(
            changes=rows[:ON_A_PAGE],
            older=older,
            is_first=not before,
            withdrawn=[] if before else Tombstone.objects.all()[:MOST_WITHDRAWN],
            **kwargs,
        )


class ChangesAtomView(View):
    """The changes as an Atom feed, with an ETag."""

    def get(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse(
            changes_atom(timezone.localdate()),
            content_type="application/atom+xml; charset=utf-8",
            headers={"Content-Disposition": 'inline; filename="changes.atom"'},
        )
        set_response_etag(response)
        return get_conditional_response(request, response["ETag"], response=response) or response
