"""Publication steps taken with the records selected in the list.

Each record takes the step by itself: those that cannot are listed with the reason, and the others go ahead.
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
from agreements.models import Agreement

MOST_WARNED_OF = 20
# the browser waits
MOST_AT_ONCE = 500
# written in one transaction, which is much faster, yet small enough to let others write in between
WRITTEN_TOGETHER = 50


def _action(verb: PublicationVerb, permission: str, description: Any) -> Any:
    """Return the action of the list that takes this step."""

    @admin.action(description=description, permissions=[permission])
    def action(
        screen: "PublicationActions", request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        return screen.take_with_each(request, STEPS[verb], queryset)

    return action


_REASON_NEEDED = _("Say why, for the next person who works on this record.")


class PublicationActions(PublicationSteps):
    submit = _action(PublicationVerb.SUBMIT, "change", _("Submit selected agreements for review"))
    recall = _action(
        PublicationVerb.RECALL, "change", _("Take selected agreements back from review")
    )
    publish = _action(PublicationVerb.PUBLISH, "publish", _("Publish selected agreements"))
    return_with_reason = _action(
        PublicationVerb.RETURN, "publish", _("Return selected agreements to the editors")
    )
    withdraw = _action(PublicationVerb.WITHDRAW, "publish", _("Withdraw selected agreements"))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return permissions.may_publish(request.user)

    def take_with_each(
        self, request: HttpRequest, step: Step, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Take the step with each of these; return the page that asks for a reason if the step needs one."""
        # locked in the order in which everyone else locks them
        found = Agreement.objects.filter(pk__in=queryset.order_by().values("pk"))
        chosen = list(found.order_by("pk"))
        if len(chosen) > MOST_AT_ONCE:
            sentence = _("You selected %(n)d agreements. Select at most %(most)d at a time.")
            messages.error(request, sentence % {"n": len(chosen), "most": MOST_AT_ONCE})
            return None
        if step.needs_reason and not given_reason(request):
            return self.ask_reason(
                request,
                step,
                chosen,
                refusal=_REASON_NEEDED if WHY in request.POST else "",
                url=request.get_full_path(),
                action=request.POST["action"],
                checkbox=ACTION_CHECKBOX_NAME,
            )
        taken: list[Agreement] = []
        refused: dict[str, list[str]] = defaultdict(list)
        for start in range(0, len(chosen), WRITTEN_TOGETHER):
            together = chosen[start : start + WRITTEN_TOGETHER]
            write = partial(self._take_together, request, step, together)
            done, not_done = tried_again(request, write)
            taken += done
            for why, ref in not_done:
                refused[why].append(ref)
        _report(request, step, taken, refused)
        return None

    def _take_together(
        self, request: HttpRequest, step: Step, together: list[Agreement]
    ) -> tuple[list[Agreement], list[tuple[str, str]]]:
        """Take the step in one transaction; return those that took it, and the reason and reference of the others."""
        taken: list[Agreement] = []
        refused: list[tuple[str, str]] = []
        with recorded(by=request.user):
            for agreement in together:
                try:
                    taken.append(self.take(request, agreement, step))
                except StepError as refusal:
                    refused.append((str(refusal), agreement.ref))
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
