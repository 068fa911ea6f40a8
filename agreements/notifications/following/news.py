"""The news for followers: what has entered a selection, changed in it or left it since the last e-mail.

`manage.py send_reminders` sends it. For each follower and agreement the last reported state is stored, so the time of a
run makes no difference. People get no news of their own changes. The state is stored after the e-mail is sent: a run
that dies in between repeats the news.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.curation.history.past import writers_since
from agreements.domain.permissions import may_see
from agreements.domain.urls import permanent
from agreements.models import Agreement, Follow, ReminderRun
from agreements.notifications.following.follows import note_told
from agreements.notifications.following.selections import (
    LIST,
    held_in,
    selection_of,
    why_not_all,
    words_of,
)
from agreements.notifications.mail import Mailer, Report, why_unreachable, written
from agreements.selection.selection import Selection

MOST_NAMED = 50
LOST_AFTER = timedelta(hours=1)


def tell_followers(mailer: Mailer | None, *, at: datetime) -> Report:
    """Send every follower the news, one e-mail for each thing followed; without a mailer nothing is sent or stored.

    A failure is reported and does not stop the others. About ten queries for each thing followed.
    """
    report = Report()
    for follow in Follow.objects.select_related("user", "agreement").order_by("pk"):
        if reason := why_unreachable(follow.user):
            report.left_out[follow.user.get_username()] = reason
            continue
        now = timezone.now()
        if mailer and not follow.claim(now, lost_since=now - LOST_AFTER):
            # another run is sending it
            continue
        try:
            _tell(follow, mailer, report, timezone.localdate(at))
        except Exception as problem:  # noqa: BLE001 - no failure may keep the others from their deadlines
            what = f"{type(problem).__name__}: {problem}"
            report.failed.append(f"{follow.user.email}: {follow} ({what})")
        finally:
            if mailer:
                follow.release()
    return report


def _tell(follow: Follow, mailer: Mailer | None, report: Report, today: date) -> None:
    selection = selection_of(follow.query, today) if follow.is_of_selection else None
    seen = dict(follow.sightings.values_list("agreement", "updated_at"))
    held = held_in(selection, follow) if selection else _held_alone(follow, seen)
    entered = [key for key in held if key not in seen]
    changed = [key for key, moment in held.items() if seen.get(key, moment) != moment]
    left = [key for key in seen if key not in held]
    if not (entered or changed or left):
        return
    last_run = ReminderRun.objects.aggregate(last=Max("ended_at"))["last"]
    own = _own_changes(
        follow,
        {key: seen.get(key) or last_run or held[key] for key in (*entered, *changed, *left)},
    )
    parts = {_("New"): entered, _("Changed"): changed, _("No longer included"): left}
    news = {title: [key for key in keys if key not in own] for title, keys in parts.items()}
    if any(news.values()):
        mail = _news_mail(follow, news, selection)
        line = f"{follow.user.email}: {mail.subject}"
        if problem := mailer.send(mail) if mailer else "":
            report.failed.append(f"{line} ({problem})")
            return
        report.sent.append(line)
    if mailer:
        note_told(follow, {key: held[key] for key in (*entered, *changed)}, gone=left)


def _held_alone(follow: Follow, seen: dict[int, datetime]) -> dict[int, datetime]:
    """Return the agreement's present state if the follower may see it, else the last state they know."""
    agreement = Agreement.objects.filter(follows=follow.pk).first()
    if agreement is None or not may_see(follow.user, agreement):
        return seen
    return {agreement.pk: agreement.updated_at}


def _own_changes(follow: Follow, since: dict[int, datetime]) -> set[int]:
    """Return which of these agreements only the follower has changed since the given moments.

    A change without an author comes with the passing of time, and is reported.
    """
    writers = writers_since(Agreement, since)
    return {key for key, by in writers.items() if by == {follow.user_id}}


def _news_mail(
    follow: Follow, news: dict[str, list[int]], selection: Selection | None
) -> EmailMultiAlternatives:
    shown = [key for keys in news.values() for key in keys[:MOST_NAMED]]
    named = {key: _named(row, follow.user) for key, row in Agreement.objects.in_bulk(shown).items()}
    followed = words_of(follow, selection) if selection else str(follow.agreement)
    return written(
        "news",
        to=follow.user.email,
        subject=_("What you follow has changed: %(what)s") % {"what": followed},
        context={
            "followed": followed,
            "parts": [_part(title, keys, named) for title, keys in news.items() if keys],
            "list_url": permanent(f"{reverse(LIST)}?{follow.query}") if selection else "",
            "why_not_all": selection and why_not_all(selection.agreements.order_by().count()),
            "is_staff": follow.user.is_staff,
            "following_url": permanent(reverse("admin:following")),
        },
    )


def _part(title: str, keys: Collection[int], named: dict[int, dict[str, str]]) -> dict[str, object]:
    """Return a part of the e-mail, with the first of its agreements and how many more there are."""
    found = [named[key] for key in keys if key in named]
    return {"title": title, "count": len(keys), "named": found, "more": len(keys) - len(found)}


def _named(agreement: Agreement, user: User) -> dict[str, str]:
    """Name the agreement only by its reference if the reader may no longer see it."""
    if not may_see(user, agreement):
        return {"words": agreement.ref, "url": ""}
    path = (
        agreement.get_absolute_url()
        if agreement.is_public
        else reverse("admin:agreements_agreement_change", args=[agreement.pk])
    )
    return {"words": str(agreement), "url": permanent(path)}
