"""The note that a party may already be in the register, while it is being typed and on its page afterwards.

`PartyAdmin` gets it with `merges`. The page's script sends `likeness_view` what the form holds so far. Two bodies with
similar names are kept apart by a button, which can be taken back. `agreements.curation.duplicate_parties` decides which
names are similar.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from agreements.admin.entry import in_full
from agreements.admin.kept_apart import APART, TOGETHER, ApartButtons
from agreements.admin.saving import is_key
from agreements.admin.screens import Context, viewers_only
from agreements.curation.duplicate_parties import (
    alike_to,
    compared_at,
    dismiss,
    namesakes,
    pairs_kept_apart,
    pairs_of,
    refresh_parties,
    suggest_again,
)
from agreements.domain import permissions
from agreements.models import LikelyDuplicate, Party

# with the spellings; longer texts are no names
MOST_NAMES = 20
LONGEST_NAME = 255
MOST_WARNED_OF = 3


def may_merge(request: HttpRequest) -> bool:
    return bool(request.user.has_perm(permissions.MERGE_PARTY))


def merge_url(kept: Party, other: Party) -> str:
    return f"{reverse('admin:agreements_party_merge')}?kept={kept.pk}&other={other.pk}"


def last_comparison() -> str:
    """Return since when the list of similar parties is complete, in a sentence or two."""
    at = compared_at()
    if at is None:
        return _(
            "Only parties entered or changed since the last upgrade have been compared so far. To compare all of them, ask "
            "an administrator to run manage.py find_duplicate_parties."
        )
    sentence = _(
        "All parties were last compared on %(when)s. Those entered or changed since were compared at once."
    )
    return sentence % {"when": date_format(timezone.localtime(at), "DATETIME_FORMAT")}


class PartyLikeness(ApartButtons):
    pages: ClassVar = {"likeness": "likeness/"}
    apart_words: ClassVar = {
        APART: gettext_lazy(
            "“%(one)s” and “%(other)s” are two bodies and will not be suggested again."
        ),
        TOGETHER: gettext_lazy("“%(one)s” and “%(other)s” may be the same after all."),
    }
    other_is_gone: ClassVar = gettext_lazy("The other party is no longer in the register.")

    def add_context(self, request: HttpRequest, context: Context, shown: Party | None) -> None:
        if shown is not None:
            others = [_other(pair, shown) for pair in pairs_of(shown)]
            context["others"] = [(other, merge_url(shown, other)) for other in others]
            context["kept_apart"] = [
                (_other(pair, shown), pair) for pair in pairs_kept_apart(shown)
            ]
        super().add_context(request, context, shown)

    @method_decorator(require_safe)
    @viewers_only
    def likeness_view(self, request: HttpRequest) -> HttpResponse:
        """Return the note, empty if no name is similar.

        Takes `name` (several: spellings as well) and `country` as typed so far, and `of`, the id of a stored party.
        """
        names = [name[:LONGEST_NAME] for name in request.GET.getlist("name")[:MOST_NAMES]]
        country, own = request.GET.get("country", "")[:2].upper(), request.GET.get("of", "")
        others = alike_to(names, country, int(own) if is_key(own) else None)
        shown = {"similar": [(other, in_full(other)) for other in others]}
        return render(request, "admin/agreements/party/_alike.html", shown)

    # After saving

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Look for parties with similar names, and warn of them if the name is new."""
        super().save_related(request, form, formsets, change)
        party = form.instance
        refresh_parties([party.pk])
        if change and not {"name", "country"} & set(form.changed_data):
            return
        same = list(namesakes(party)[:MOST_WARNED_OF])
        for namesake in same:
            messages.warning(request, _warning_of(request, party, namesake))
        for pair in pairs_of(party)[:MOST_WARNED_OF]:
            if (other := _other(pair, party)) not in same:
                messages.warning(request, _warning_of(request, party, other, is_same_name=False))

    # Two bodies

    def keep_apart(self, request: HttpRequest, one: Party, other: Party) -> None:
        dismiss(one, other, by=request.user, at=timezone.now())

    def join_again(self, request: HttpRequest, one: Party, other: Party) -> None:
        suggest_again(one, other)

    def called(self, record: Party) -> str:
        return in_full(record)


def _other(pair: LikelyDuplicate, party: Party) -> Party:
    return pair.second if pair.first_id == party.pk else pair.first


def _warning_of(
    request: HttpRequest, party: Party, other: Party, *, is_same_name: bool = True
) -> SafeString:
    sentence = _("There is another party with the name “%(name)s”: %(other)s.")
    if not is_same_name:
        sentence = _("“%(name)s” is similar to the name of another party: %(other)s.")
    said = sentence % {"name": party.name, "other": in_full(other)}
    if may_merge(request):
        url, link = merge_url(other, party), _("If they are the same body, merge them")
    else:
        url = reverse("admin:agreements_party_change", args=[other.pk])
        link = _("If they are the same body, use that one and ask an administrator to merge them")
    return format_html('{} <a href="{}">{}</a>.', said, url, link)
