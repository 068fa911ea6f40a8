"""The page "What I follow": agreements and selections, the mails about which go to oneself, and the private calendar.

Every member of the staff has one and sees their own alone. The agreement's page sends its button "Follow" here.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from agreements.domain.permissions import VIEW_AGREEMENT, may_see
from agreements.domain.urls import permanent
from agreements.models import Agreement, CalendarAddress, Follow
from agreements.notifications.calendar_tokens import make_address, revoke_address
from agreements.notifications.following import (
    NotFollowableError,
    follow_agreement,
    follow_selection,
    selection_of,
    shown_to,
    why_not_all,
    words_of,
)

MOST_SHOWN = 200


def following_urls(site: admin.AdminSite) -> list[URLPattern]:
    """Return the page's addresses, each for staff alone."""
    views = (
        ("following/", following, "following"),
        ("following/agreements/<int:pk>/", follow_one, "follow_agreement"),
        ("following/<int:pk>/stop/", unfollow, "unfollow"),
        ("following/calendar/", new_calendar, "calendar_address"),
        ("following/calendar/revoke/", revoke_calendar, "calendar_revoke"),
    )
    return [path(route, site.admin_view(view), name=name) for route, view, name in views]


@dataclass(frozen=True)
class Followed:
    """One thing that is followed: its row, what it is in words, and where it is seen; no address if nowhere.

    `problem` says why not all of it is followed, if so.
    """

    follow: Follow
    words: str
    address: str
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def following(request: HttpRequest) -> HttpResponse:
    """Show what the reader follows; a POST follows the selection whose address was pasted."""
    if request.method != "POST":
        return _page(request)
    pasted = request.POST.get("pasted", "")
    try:
        follow = follow_selection(request.user, pasted, at=timezone.now())
    except NotFollowableError as refusal:
        return _page(request, pasted=pasted, problem=str(refusal), status=400)
    words = selection_of(follow.query, timezone.localdate()).words
    messages.success(request, _("You follow: %(what)s.") % {"what": words})
    _warn_without_mail(request)
    return redirect("admin:following")


@require_POST
def follow_one(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_object_or_404(Agreement, pk=pk)
    if not may_see(request.user, agreement):
        return redirect("admin:following")
    follow_agreement(request.user, agreement, at=timezone.now())
    messages.success(request, _("You follow %(ref)s.") % {"ref": agreement.ref})
    _warn_without_mail(request)
    return _back_to(agreement)


@require_POST
def unfollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop following; whoever stopped in another window already is not told off."""
    Follow.objects.filter(pk=pk, user=request.user.pk).delete()
    messages.success(request, _("You do not follow it any more."))
    return redirect("admin:following")


@require_POST
@sensitive_variables("secret")
def new_calendar(request: HttpRequest) -> HttpResponse:
    """Make a new calendar address and show it, this once."""
    secret = make_address(request.user, at=timezone.now())
    return _page(
        request,
        calendar_address=permanent(reverse("agreements:private_calendar", args=[secret])),
    )


@require_POST
def revoke_calendar(request: HttpRequest) -> HttpResponse:
    revoke_address(request.user)
    messages.success(request, _("Your calendar address leads nowhere any more."))
    return redirect("admin:following")


def follow_of(user: Any, agreement: Agreement) -> Follow | None:
    """Return how this user follows the agreement by itself, if they do."""
    return Follow.objects.filter(user=user, agreement=agreement).first()


def _warn_without_mail(request: HttpRequest) -> None:
    user: Any = request.user
    if not user.email:
        messages.warning(
            request,
            _(
                "Your account has no mail address, so no mail reaches you. Ask an administrator to enter it."
            ),
        )


def _back_to(agreement: Agreement) -> HttpResponseRedirect:
    return redirect("admin:agreements_agreement_change", agreement.pk)


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    follows = Follow.objects.filter(user=request.user.pk).select_related("agreement")
    context = {
        **admin.site.each_context(request),
        "title": _("What I follow"),
        "agreements": [_one(row, request.user) for row in follows if not row.is_of_selection],
        "selections": [_selected(row) for row in follows if row.is_of_selection],
        "responsible_for": _responsible_for(request.user),
        "calendar": CalendarAddress.objects.filter(user=request.user.pk).first(),
        "list_address": reverse("agreements:agreement_list"),
        **more,
    }
    return render(request, "admin/following.html", context, status=status)


def _one(follow: Follow, user: Any) -> Followed:
    agreement: Any = follow.agreement
    if not may_see(user, agreement):
        return Followed(follow, agreement.ref, "")
    return Followed(follow, str(agreement), _address_of(agreement, user))


def _address_of(agreement: Agreement, user: Any) -> str:
    if user.has_perm(VIEW_AGREEMENT):
        return reverse("admin:agreements_agreement_change", args=[agreement.pk])
    return agreement.get_absolute_url()


def _selected(follow: Follow) -> Followed:
    selection = selection_of(follow.query, timezone.localdate())
    address = f"{reverse('agreements:agreement_list')}?{follow.query}" if selection.is_valid else ""
    return Followed(follow, words_of(follow, selection), address, why_not_all(selection.count))


def _responsible_for(user: Any) -> list[Agreement]:
    return list(shown_to(user, user.responsible_for.all()).order_by("ref")[:MOST_SHOWN])
