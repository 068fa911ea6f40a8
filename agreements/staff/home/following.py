"""The page "What I follow": agreements and selections about which the user gets e-mails, and the private calendar.

All staff have one and see only their own. The button "Follow" on an agreement's page posts here.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from agreements.domain.permissions import VIEW_AGREEMENT, may_see
from agreements.domain.urls import permanent
from agreements.models import Agreement, CalendarAddress, Follow, ReviewMailsOff
from agreements.notifications.calendar_tokens import new_token, revoke_token
from agreements.notifications.following.follows import (
    follow_agreement,
    follow_selection,
    shown_to,
)
from agreements.notifications.following.selections import (
    NotFollowableError,
    selection_of,
    why_not_all,
    words_of,
)
from agreements.security import security_log
from agreements.security.people import logged_in
from agreements.staff.accounts.pages import admin_page
from agreements.staff.accounts.password_again import PasswordAgainForm

MOST_SHOWN = 200


@dataclass(frozen=True)
class Followed:
    """One followed item: its row, its description, and its URL, empty if the user cannot see it.

    `problem` says why it is followed only in part, if so.
    """

    follow: Follow
    words: str
    url: str
    problem: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def following(request: HttpRequest) -> HttpResponse:
    """Show what the user follows; a POST follows the selection whose URL was pasted."""
    if request.method != "POST":
        return _page(request)
    pasted = request.POST.get("pasted", "")
    try:
        follow = follow_selection(logged_in(request), pasted, at=timezone.now())
    except NotFollowableError as refusal:
        return _page(request, pasted=pasted, problem=str(refusal), status=400)
    words = selection_of(follow.query, timezone.localdate()).words
    messages.success(request, _("You now follow: %(what)s.") % {"what": words})
    _warn_without_mail(request)
    return redirect("admin:following")


@require_POST
def follow_one(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_object_or_404(Agreement, pk=pk)
    if not may_see(request.user, agreement):
        return redirect("admin:following")
    follow_agreement(logged_in(request), agreement, at=timezone.now())
    messages.success(request, _("You now follow %(ref)s.") % {"ref": agreement.ref})
    _warn_without_mail(request)
    return redirect("admin:agreements_agreement_change", agreement.pk)


@require_POST
def unfollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop following; doing so twice, for example from another window, is not an error."""
    Follow.objects.filter(pk=pk, user=request.user.pk).delete()
    messages.success(request, _("You no longer follow it."))
    return redirect("admin:following")


@require_POST
def review_mails(request: HttpRequest) -> HttpResponse:
    """Turn the e-mails about reviews on or off for this user."""
    user = logged_in(request)
    if request.POST.get("wanted") == "yes":
        ReviewMailsOff.objects.filter(user=user).delete()
        messages.success(request, _("You get e-mails about reviews."))
        _warn_without_mail(request)
    else:
        ReviewMailsOff.objects.get_or_create(user=user)
        messages.success(request, _("You get no more e-mails about reviews."))
    return redirect("admin:following")


@require_POST
@sensitive_post_parameters("current_password")
@sensitive_variables("token")
def new_calendar(request: HttpRequest) -> HttpResponse:
    """Make a new calendar URL and show it, this once, to users who give their password."""
    form = PasswordAgainForm(request.POST, request=request)
    if not form.is_valid():
        return _page(request, calendar_form=form, status=400)
    token = new_token(logged_in(request), at=timezone.now())
    security_log.note("calendar_url_made")
    url = permanent(reverse("agreements:private_calendar", args=[token]))
    return _page(request, calendar_url=url)


@require_POST
def revoke_calendar(request: HttpRequest) -> HttpResponse:
    revoke_token(logged_in(request))
    security_log.note("calendar_url_revoked")
    messages.success(request, _("Your calendar URL no longer works."))
    return redirect("admin:following")


def follow_of(user: User | AnonymousUser, agreement: Agreement) -> Follow | None:
    """Return the row by which this user follows the agreement itself, if they do."""
    return Follow.objects.filter(user=user.pk, agreement=agreement).first()


def _warn_without_mail(request: HttpRequest) -> None:
    if not logged_in(request).email:
        messages.warning(
            request,
            _(
                "Your account has no e-mail address, so you get no e-mails. Ask an administrator to add one."
            ),
        )


def _page(
    request: HttpRequest,
    *,
    status: int = 200,
    calendar_form: PasswordAgainForm | None = None,
    **more: str,
) -> HttpResponse:
    user = logged_in(request)
    follows = Follow.objects.filter(user=user).select_related("agreement")
    responsible_for = Agreement.objects.filter(responsible=user)
    return admin_page(
        request,
        "following",
        _("What I follow"),
        status=status,
        agreements=[_one(row, row.agreement, user) for row in follows if row.agreement],
        selections=[_selected(row) for row in follows if row.is_of_selection],
        responsible_for=shown_to(user, responsible_for).order_by("ref")[:MOST_SHOWN],
        gets_review_mails=not ReviewMailsOff.objects.filter(user=user).exists(),
        calendar_form=calendar_form or PasswordAgainForm(request=request),
        calendar=CalendarAddress.objects.filter(user=user).first(),
        list_url=reverse("agreements:agreement_list"),
        **more,
    )


def _one(follow: Follow, agreement: Agreement, user: User) -> Followed:
    if not may_see(user, agreement):
        return Followed(follow, agreement.ref, "")
    if user.has_perm(VIEW_AGREEMENT):
        url = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    else:
        url = agreement.get_absolute_url()
    return Followed(follow, str(agreement), url)


def _selected(follow: Follow) -> Followed:
    selection = selection_of(follow.query, timezone.localdate())
    url = f"{reverse('agreements:agreement_list')}?{follow.query}" if selection.is_valid else ""
    return Followed(follow, words_of(follow, selection), url, why_not_all(selection.count))
