"""What staff follow, and the news they get about it: single agreements, or everything in a selection.

The admin's page "What I follow" calls this. `manage.py send_reminders` tells followers what has entered a selection,
changed in it or left it since the last e-mail. The private calendar gets its agreements from here. For each follower the
last reported state of each agreement is stored, so nothing depends on the hour of a run. People are not told what they
did themselves. The state is stored after the e-mail was sent: a run that dies in between repeats the news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Max, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.curation.history.past import writers_since
from agreements.domain.permissions import VIEW_AGREEMENT, may_see
from agreements.domain.urls import permanent
from agreements.exchange.exporting.formats import LIST_FORMATS
from agreements.models import Agreement, Follow, ReminderRun, Sighting
from agreements.models.notifications import LONGEST_QUERY
from agreements.models.querysets import AgreementQuerySet
from agreements.notifications.reminders import Mailer, Report, why_unreachable, written
from agreements.selection.selection import Selection

MOST_FOLLOWED = 2000
MOST_NAMED = 50
LOST_AFTER = timedelta(hours=1)
_LIST = "agreements:agreement_list"
# The URLs that read the same query string.
_OF_SELECTIONS = (
    _LIST,
    "agreements:statistics",
    *(f"agreements:{kind.name}" for kind in LIST_FORMATS),
)


class NotFollowableError(Exception):
    """The pasted text is not a selection that can be followed; the message says why, and what to do."""


# Following and stopping


def follow_agreement(user: User, agreement: Agreement, *, at: datetime) -> Follow:
    """Let this user follow the agreement from its present state; an existing row stays as it is."""
    with transaction.atomic():
        follow, is_new = Follow.objects.get_or_create(
            user=user, agreement=agreement, defaults={"since": at}
        )
        if is_new:
            _note(follow, {agreement.pk: agreement.updated_at})
    return follow


def follow_selection(user: User, pasted: str, *, at: datetime) -> Follow:
    """Let this user follow what a URL or query string of the list selects.

    What is in it now counts as known. Raises `NotFollowableError`.
    """
    selection = selection_of(query_in(pasted), timezone.localdate(at))
    if problems := [*selection.errors, *selection.unknown]:
        raise NotFollowableError("\n".join(map(str, problems)))
    count = selection.agreements.order_by().count()
    if count > MOST_FOLLOWED:
        raise NotFollowableError(
            _(
                "This selects %(n)d agreements, but you can follow %(most)d at most. Add another filter."
            )
            % {"n": count, "most": MOST_FOLLOWED}
        )
    with transaction.atomic():
        follow, is_new = Follow.objects.get_or_create(
            user=user, agreement=None, query=_followed_query(selection), defaults={"since": at}
        )
        if is_new:
            _note(follow, _held(follow, selection))
    return follow


def why_not_all(count: int) -> str:
    """Return why a selection of this size is followed only in part, and what to do; empty if it is followed whole."""
    if count <= MOST_FOLLOWED:
        return ""
    return _(
        "It has grown to %(n)d agreements, and you follow only %(most)d of them. Follow a narrower selection instead."
    ) % {"n": count, "most": MOST_FOLLOWED}


def query_in(pasted: str) -> str:
    """Return the query string in what was pasted: a URL of the list or one of its files, or the query itself.

    Raises `NotFollowableError`.
    """
    text = pasted.strip()
    is_url = "/" in text.partition("?")[0]
    query = _query_of(text) if is_url else text.removeprefix("?")
    if query is None or not (is_url or "=" in query):
        raise NotFollowableError(
            _(
                "This is not a URL of the list of agreements. Filter the list at %(list)s, then copy its URL."
            )
            % {"list": permanent(reverse(_LIST))}
        )
    if len(query) > LONGEST_QUERY:
        raise NotFollowableError(_("This URL is too long to follow. Use fewer filters."))
    return query


def _query_of(url: str) -> str | None:
    """Return the query of a URL; None if it is not one of ours that reads a selection."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.query if parts.path in {reverse(name) for name in _OF_SELECTIONS} else None


def selection_of(query: str, today: date) -> Selection:
    return Selection(QueryDict(query), today=today)


def words_of(follow: Follow, selection: Selection) -> str:
    """Return what is followed in words; a party or area in it may no longer be in any published agreement."""
    if selection.is_valid:
        return selection.words
    return _("%(query)s, which no longer selects anything") % {"query": follow}


def _followed_query(selection: Selection) -> str:
    """Return the query without parameters that only sort or paginate the list."""
    kept = QueryDict(selection.canonical_query, mutable=True)
    for name in ("sort", "per_page"):
        kept.pop(name, None)
    return kept.urlencode()


def followed_by(user: User, today: date) -> AgreementQuerySet:
    """Return the agreements that this user may see and follows or is responsible for, each once."""
    follows = list(Follow.objects.filter(user=user))
    wanted = Q(responsible=user.pk) | Q(
        pk__in=[follow.agreement_id for follow in follows if not follow.is_of_selection]
    )
    for follow in follows:
        if follow.is_of_selection:
            selected = selection_of(follow.query, today).agreements
            wanted |= Q(pk__in=selected.order_by().values("pk"))
    found = Agreement.objects.filter(pk__in=Agreement.objects.filter(wanted).values("pk"))
    return shown_to(user, found)


def shown_to(user: User, agreements: AgreementQuerySet) -> AgreementQuerySet:
    """Return those that this user may see by the rule of `may_see`, without the withdrawn ones."""
    sees_all = user.is_staff and user.has_perm(VIEW_AGREEMENT)
    return agreements.not_withdrawn() if sees_all else agreements.published()


# Telling


@dataclass(frozen=True)
class News:
    """The news about a followed selection or agreement: keys of agreements, each with its last change."""

    entered: dict[int, datetime]
    changed: dict[int, datetime]
    left: list[int]

    def __bool__(self) -> bool:
        return bool(self.entered or self.changed or self.left)


def tell_followers(mailer: Mailer | None, *, at: datetime) -> Report:
    """Tell every follower the news, one e-mail for each thing followed; without a mailer nothing is sent or stored.

    A failure is reported and does not stop the others. About ten queries for each thing followed.
    """
    report = Report()
    for follow in Follow.objects.select_related("user", "agreement").order_by("pk"):
        if reason := why_unreachable(follow.user):
            report.left_out[follow.user.get_username()] = reason
            continue
        try:
            _tell_if_free(follow, mailer, report, timezone.localdate(at))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the others still need to hear of their deadlines
            what = f"{type(problem).__name__}: {problem}"
            report.failed.append(f"{follow.user.email}: {follow} ({what})")
    return report


def _tell_if_free(follow: Follow, mailer: Mailer | None, report: Report, today: date) -> None:
    """Tell the follower, unless another run is doing so."""
    if mailer is None:
        _tell(follow, None, report, today)
    elif follow.claim(timezone.now(), lost_since=timezone.now() - LOST_AFTER):
        try:
            _tell(follow, mailer, report, today)
        finally:
            follow.release()


def _tell(follow: Follow, mailer: Mailer | None, report: Report, today: date) -> None:
    selection = selection_of(follow.query, today) if follow.is_of_selection else None
    everything = _news(follow, _held(follow, selection) if selection else _held_of_one(follow))
    news = _by_others(follow, everything) if everything else everything
    if not news:
        if mailer and everything:
            _note_news(follow, everything)
        return
    mail = _news_mail(follow, news, selection)
    line = f"{follow.user.email}: {mail.subject}"
    problem = mailer.send(mail) if mailer else ""
    if problem:
        report.failed.append(f"{line} ({problem})")
        return
    report.sent.append(line)
    if mailer:
        _note_news(follow, everything)


def _note_news(follow: Follow, news: News) -> None:
    _note(follow, news.entered | news.changed, gone=news.left)


def _by_others(follow: Follow, news: News) -> News:
    """Return the news without changes that only the follower made, since the state they know or since the last run.

    Changes that nobody made come from the calendar, and are told.
    """
    seen = dict(follow.sightings.values_list("agreement", "updated_at"))
    last_run = ReminderRun.objects.aggregate(last=Max("ended_at"))["last"]
    entered = {key: last_run or moment for key, moment in news.entered.items()}
    since = {key: seen[key] for key in (*news.changed, *news.left)} | entered
    writers = writers_since(Agreement, since)
    own = {key for key, by in writers.items() if by == {follow.user_id}}
    return News(
        entered={key: at for key, at in news.entered.items() if key not in own},
        changed={key: at for key, at in news.changed.items() if key not in own},
        left=[key for key in news.left if key not in own],
    )


def _held(follow: Follow, selection: Selection) -> dict[int, datetime]:
    """Return what is in the selection: all that the follower knows, and as much more as can be followed."""
    selected = selection.agreements.order_by("pk").values_list("pk", "updated_at")
    told = follow.sightings.values("agreement")
    known = dict(selected.filter(pk__in=told))
    room = max(0, MOST_FOLLOWED - len(known))
    return known | dict(selected.exclude(pk__in=told)[:room])


def _held_of_one(follow: Follow) -> dict[int, datetime]:
    """Return the agreement's present state if the follower may see it, else the last state they know."""
    agreement = Agreement.objects.filter(follows=follow.pk).first()
    if agreement is None or not may_see(follow.user, agreement):
        return dict(follow.sightings.values_list("agreement", "updated_at"))
    return {agreement.pk: agreement.updated_at}


def _news(follow: Follow, held: dict[int, datetime]) -> News:
    seen = dict(follow.sightings.values_list("agreement", "updated_at"))
    return News(
        entered={key: moment for key, moment in held.items() if key not in seen},
        changed={key: moment for key, moment in held.items() if seen.get(key, moment) != moment},
        left=[key for key in seen if key not in held],
    )


def _note(follow: Follow, told: dict[int, datetime], *, gone: Iterable[int] = ()) -> None:
    """Store what the follower has been told; nothing if they stopped following, or it was deleted, meanwhile."""
    with transaction.atomic():
        if Follow.objects.select_for_update().filter(pk=follow.pk).first() is None:
            return
        follow.sightings.filter(agreement__in=gone).delete()
        there = set(Agreement.objects.filter(pk__in=told).values_list("pk", flat=True))
        Sighting.objects.bulk_create(
            [
                Sighting(follow=follow, agreement_id=key, updated_at=moment)
                for key, moment in told.items()
                if key in there
            ],
            batch_size=500,
            update_conflicts=True,
            unique_fields=["follow", "agreement"],
            update_fields=["updated_at"],
        )


def _news_mail(follow: Follow, news: News, selection: Selection | None) -> EmailMultiAlternatives:
    named = Agreement.objects.in_bulk(
        [key for some in (news.entered, news.changed, news.left) for key in list(some)[:MOST_NAMED]]
    )
    parts = [
        _part(_("New"), news.entered, named, follow.user),
        _part(_("Changed"), news.changed, named, follow.user),
        _part(_("No longer included"), news.left, named, follow.user),
    ]
    followed = words_of(follow, selection) if selection else str(follow.agreement)
    return written(
        "news",
        to=follow.user.email,
        subject=_("What you follow has changed: %(what)s") % {"what": followed},
        context={
            "followed": followed,
            "parts": [part for part in parts if part.count],
            "list_url": permanent(f"{reverse(_LIST)}?{follow.query}") if selection else "",
            "why_not_all": why_not_all(selection.agreements.order_by().count())
            if selection
            else "",
            "is_staff": follow.user.is_staff,
            "following_url": permanent(reverse("admin:following")),
        },
    )


@dataclass(frozen=True)
class Named:
    """An agreement in an e-mail: its title, and the URL where the reader can see it."""

    words: str
    url: str


@dataclass(frozen=True)
class Part:
    title: str
    count: int
    named: list[Named]

    @property
    def more(self) -> int:
        return self.count - len(self.named)


def _part(title: str, keys: Iterable[int], rows: dict[int, Agreement], user: User) -> Part:
    keys = list(keys)
    found = [rows[key] for key in keys[:MOST_NAMED] if key in rows]
    return Part(title, len(keys), [_named(agreement, user) for agreement in found])


def _named(agreement: Agreement, user: User) -> Named:
    """Name the agreement only by its reference if the reader may no longer see it."""
    if not may_see(user, agreement):
        return Named(agreement.ref, "")
    path = (
        agreement.get_absolute_url()
        if agreement.is_public
        else reverse("admin:agreements_agreement_change", args=[agreement.pk])
    )
    return Named(str(agreement), permanent(path))
