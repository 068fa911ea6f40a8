"""The steps towards the public and back, taken with the records chosen in the list.

Each record is a step of its own: those that cannot take it are named with the reason, and the others have taken it.
"""

from collections import defaultdict
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.admin.publication import PublicationSteps, warn_of_findings
from agreements.admin.saving import WHY, given_reason, tried_again
from agreements.curation.history import recorded
from agreements.curation.workflow import STEPS, Step, StepError
from agreements.domain import permissions
from agreements.domain.choices import PublicationVerb
from agreements.models import Agreement, search_refreshed_once

MOST_WARNED_OF = 20
# the browser waits
MOST_AT_ONCE = 500
# written as one, which is faster by far, yet lets others write in between
WRITTEN_TOGETHER = 50


class PublicationActions(PublicationSteps):
    def has_publish_permission(self, request: HttpRequest) -> bool:
        return permissions.may_publish(request.user)

    @admin.action(description=_("Submit the chosen agreements for review"), permissions=["change"])
    def submit(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._take_with_each(request, PublicationVerb.SUBMIT, queryset)

    @admin.action(
        description=_("Take the chosen agreements back from review"), permissions=["change"]
    )
    def recall(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._take_with_each(request, PublicationVerb.RECALL, queryset)

    @admin.action(description=_("Publish the chosen agreements"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._take_with_each(request, PublicationVerb.PUBLISH, queryset)

    @admin.action(
        description=_("Return the chosen agreements to the editors"), permissions=["publish"]
    )
    def return_with_reason(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        return self._take_with_each(request, PublicationVerb.RETURN, queryset)

    @admin.action(description=_("Withdraw the chosen agreements"), permissions=["publish"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._take_with_each(request, PublicationVerb.WITHDRAW, queryset)

    def _take_with_each(
        self, request: HttpRequest, verb: PublicationVerb, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        step = STEPS[verb]
        # locked in the order in which everybody else locks them
        found = Agreement.objects.filter(pk__in=queryset.order_by().values("pk"))
        chosen = list(found.order_by("pk"))
        if len(chosen) > MOST_AT_ONCE:
            sentence = _("%(n)d are too many for one step. Choose %(most)d at the most.")
            messages.error(request, sentence % {"n": len(chosen), "most": MOST_AT_ONCE})
            return None
        if step.needs_reason and not given_reason(request):
            return self._ask_reason_for_all(request, step, chosen)
        taken, refused = self._take_each(request, step, chosen)
        _report(request, step, taken, refused)
        return None

    def _ask_reason_for_all(
        self, request: HttpRequest, step: Step, chosen: list[Agreement]
    ) -> HttpResponse:
        was_asked = WHY in request.POST
        return self.ask_reason(
            request,
            step,
            chosen,
            refusal=str(_("Say why, for whoever works on the record next.")) if was_asked else "",
            address=request.get_full_path(),
            action=request.POST["action"],
            checkbox=ACTION_CHECKBOX_NAME,
        )

    def _take_each(
        self, request: HttpRequest, step: Step, chosen: list[Agreement]
    ) -> tuple[list[Agreement], dict[str, list[str]]]:
        """Return what has taken the step, and the references of the others by the reason for which they have not."""
        taken: list[Agreement] = []
        refused: dict[str, list[str]] = defaultdict(list)
        for start in range(0, len(chosen), WRITTEN_TOGETHER):
            together = chosen[start : start + WRITTEN_TOGETHER]
            write = partial(self._take_together, request, step, together)
            done, not_done = tried_again(request, write)
            taken += done
            for why, agreement in not_done:
                refused[why].append(agreement.ref)
        return taken, refused

    def _take_together(
        self, request: HttpRequest, step: Step, together: list[Agreement]
    ) -> tuple[list[Agreement], list[tuple[str, Agreement]]]:
        """Take the step with these in one transaction; return what has taken it, and the others with the reason."""
        taken: list[Agreement] = []
        refused: list[tuple[str, Agreement]] = []
        with search_refreshed_once(), recorded(by=request.user):
            for agreement in together:
                try:
                    taken.append(self.take(request, agreement, step))
                except StepError as refusal:
                    refused.append((str(refusal), agreement))
        return taken, refused


def _report(
    request: HttpRequest, step: Step, taken: list[Agreement], refused: dict[str, list[str]]
) -> None:
    if taken:
        sentence = ngettext("%(n)d agreement: %(done)s.", "%(n)d agreements: %(done)s.", len(taken))
        messages.success(request, sentence % {"n": len(taken), "done": step.verb.label})
    for why, refs in refused.items():
        messages.error(request, f"{', '.join(refs)}: {why}")
    if step.verb == PublicationVerb.PUBLISH:
        for agreement in taken[:MOST_WARNED_OF]:
            warn_of_findings(request, agreement)
