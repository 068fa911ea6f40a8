"""Publishing many records from the list: the job that does it, how far it has got, and what was refused and why.

`publication` starts a job where more records are selected than a browser waits for. `agreements.curation.publishing_runs`
does the work.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements.admin.saving import is_key
from agreements.admin.screens import Screen, viewers_only
from agreements.curation import publishing_runs
from agreements.domain import permissions
from agreements.domain.choices import PublishingOutcome
from agreements.models import PublishingRun
from agreements.security.people import logged_in

ROWS_A_PAGE = 100
MOST_REASONS = 10
_LONGEST_TOLD = 500
_SHOWN_FIRST = (
    PublishingOutcome.REFUSED,
    PublishingOutcome.PUBLISHED,
    PublishingOutcome.UNCHANGED,
    PublishingOutcome.WAITING,
)


def publish_as_a_job(request: HttpRequest, agreements: Any) -> HttpResponse:
    """Begin to publish these agreements in a process of its own, and lead to the page that shows how far it is."""
    told = request.GET.urlencode()[:_LONGEST_TOLD]
    run = publishing_runs.begun(agreements, by=logged_in(request), at=timezone.now(), told=told)
    publishing_runs.start(run)
    return HttpResponseRedirect(reverse("admin:agreements_publishingrun_change", args=[run.pk]))


@admin.register(PublishingRun)
class PublishingRunAdmin(Screen):
    pages: ClassVar = {"go_on": "<int:pk>/go-on/"}
    list_display = ("began_at", "by", "chosen", "ended_at")
    list_display_links = ("began_at",)
    list_select_related = ("by",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[PublishingRun]:
        return super().get_queryset(request).select_related("by")

    # Everyone who sees all agreements may see which were published together

    def has_view_permission(self, request: HttpRequest, obj: PublishingRun | None = None) -> bool:
        return bool(request.user.has_perm(permissions.VIEW_AGREEMENT))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PublishingRun | None = None) -> bool:
        return False

    has_delete_permission = has_change_permission

    @viewers_only
    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        """Show how far the job has got, or its result: each record that was refused with the reason."""
        if not is_key(object_id):
            raise Http404
        run = get_object_or_404(self.get_queryset(request), pk=object_id)
        counts, shown = run.counts(), request.GET.get("show", "")
        if shown not in PublishingOutcome.values:
            shown = next((each.value for each in _SHOWN_FIRST if counts[each]), "")
        items = run.items.filter(outcome=shown).select_related("agreement").order_by("pk")
        page = Paginator(items, ROWS_A_PAGE).get_page(request.GET.get("page"))
        return self.page(
            request,
            "publishingrun/run",
            title=_("Publication of many records"),
            run=run,
            total=counts.total(),
            done=counts.total() - counts[PublishingOutcome.WAITING],
            published=counts[PublishingOutcome.PUBLISHED],
            counts=[(each.value, each.label, counts[each]) for each in PublishingOutcome],
            shown=shown,
            refusals=run.refusals(MOST_REASONS) if shown == PublishingOutcome.REFUSED else [],
            page=page,
            pages=page.paginator.get_elided_page_range(page.number),
            is_interrupted=run.is_interrupted(timezone.now()),
            may_publish=permissions.may_publish(request.user),
        )

    @method_decorator(require_POST)
    def go_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Go on with a job that was interrupted; one that is running or has ended is left alone."""
        if not permissions.may_publish(request.user):
            raise PermissionDenied
        run = get_object_or_404(PublishingRun, pk=pk)
        if run.is_interrupted(timezone.now()):
            publishing_runs.start(run)
            messages.info(request, _("The job goes on where it stopped."))
        return HttpResponseRedirect(self.url_of("change", pk))
