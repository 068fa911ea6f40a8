"""What logged-in staff see on a public page: links to edit the record and to follow it.

Visitors have no session cookie, so nothing is read for them and their page stays the same for everybody; the response
cache keeps the page of a session to itself.
"""

from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from agreements.domain.permissions import may_see_internal
from agreements.models import Agreement, Area, Follow, Party

register = template.Library()

# the parameter of the list that finds the agreements of a row
_FOLLOWED: dict[type[Model], str] = {Party: "party", Area: "area"}


@register.inclusion_tag("agreements/_staff_links.html", takes_context=True)
def staff_links(context: Any, row: Any) -> dict[str, object]:
    """Show the links for this row of the register to those who have the rights; nothing to anybody else."""
    request: HttpRequest | None = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return {}
    user = request.user
    if not user.is_authenticated or not user.is_staff:
        return {}
    model = f"{row._meta.app_label}_{row._meta.model_name}"
    may_change = user.has_perm(f"{row._meta.app_label}.change_{row._meta.model_name}")
    links: dict[str, object] = {
        "edit_url": reverse(f"admin:{model}_change", args=[row.pk]) if may_change else ""
    }
    return {**links, **_follow(request, row)} if may_see_internal(user) else links


def _follow(request: HttpRequest, row: Any) -> dict[str, object]:
    """Return where to send the form that follows this row, and what it holds; empty for rows that nobody follows."""
    if isinstance(row, Agreement):
        followed = Follow.objects.filter(user=request.user.pk, agreement=row).first()
        if followed:
            return {"unfollow_url": reverse("admin:unfollow", args=[followed.pk])}
        return {"follow_url": reverse("admin:follow_agreement", args=[row.pk])}
    parameter = _FOLLOWED.get(type(row))
    if parameter is None:
        return {}
    listed = f"{reverse('agreements:agreement_list')}?{urlencode({parameter: row.slug})}"
    return {
        "follow_url": reverse("admin:following"),
        "pasted": request.build_absolute_uri(listed),
    }
