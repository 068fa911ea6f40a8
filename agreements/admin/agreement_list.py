"""The staff's list of agreements: its columns, the tabs above it, and what each row of the page needs besides its facts.

A row takes one or two lines: the partners, what the agreement is about, when it was signed and ends, its status, whether
the public sees it, what looks wrong, and who last changed it. What the columns need from other tables is fetched for
the page as a whole.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agreements.admin.filter_bar import BarList
from agreements.admin.filters import of
from agreements.curation.history.past import last_writers
from agreements.curation.partners import bodies_of, partners_of
from agreements.curation.quality_checks import Finding, findings_of_facts
from agreements.curation.work_queue import Asked, found_by
from agreements.domain.choices import Kind, ProposalState, Publication, Stage, Status, TermKind
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.subjects import subject_of
from agreements.models import Agreement
from agreements.models.counts import Keys, count_among, keys_of
from agreements.models.querysets import AgreementQuerySet, SortTitle
from agreements.security.people import logged_in

TITLE_SHOWN = 90
# `get_kind_display` would read all choices again for each row
_KINDS, _PUBLICATIONS = dict(Kind.choices), dict(Publication.choices)


@dataclass(frozen=True)
class Tab:
    """A saved view of the list: its name, the query string it stands for, and how many agreements it has."""

    label: Promise | str
    query: str
    count: int
    is_current: bool


# The parameters that each tab sets; it shows every agreement that they leave, whatever else was chosen before.
TABS: tuple[tuple[Promise, str], ...] = (
    (_("Mine"), "mine=yes"),
    (pgettext_lazy("agreements", "All"), ""),
    (_("Drafts"), f"publication__exact={Publication.DRAFT.value}"),
    (_("In review"), f"publication__exact={Publication.IN_REVIEW.value}"),
    (_("Ends within 180 days"), "ends=180"),
    (_("Without a text"), "missing=signed_text"),
)


class AgreementList(BarList):
    """The list with its tabs, and with what the columns show from other tables."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> AgreementQuerySet:
        """Also fetch what the columns show, for the list only: the page of an agreement must not use stale rows."""
        found: Any = super().get_queryset(*args, **kwargs)
        return found.with_parties()

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        keys = [row.pk for row in rows]
        writers, found = last_writers(Agreement, keys), _codes_found(keys)
        for row in rows:
            row.writer, row.found = writers.get(row.pk), found[row.pk]
        self.result_list = rows

    @cached_property
    def tabs(self) -> list[Tab]:
        counts = count_among(
            Agreement.objects.all(), {query: self._found_by(query) for _label, query in TABS}
        )
        asked = {f"{name}={value}" for name, value in self.params.items()}
        current = next((query for _label, query in TABS if query in asked), "")
        return [
            Tab(label, f"?{query}", counts[query], is_current=query == current)
            for label, query in TABS
        ]

    def _found_by(self, query: str) -> Keys | None:
        everything, user = Agreement.objects.all(), logged_in(self.request)
        name, _equals, value = query.partition("=")
        if name == "mine":
            return keys_of(of(user, everything))
        if name == "publication__exact":
            return keys_of(everything.filter(publication=value))
        if query:
            return found_by(query, Asked(user, timezone.localdate()))
        return keys_of(everything)


def _codes_found(keys: list[int]) -> dict[int, set[str]]:
    """Return which of the checks that need other tables warn about each of these agreements; one query."""
    page = Agreement.objects.filter(pk__in=keys).order_by()
    checks = {
        "no_source": page.without_source(),
        "duplicate": page.with_likely_duplicates(),
        "proposal": page.filter(proposals__state=ProposalState.WAITING).distinct(),
    }
    first, *others = (
        rows.annotate(code=Value(code)).values_list("pk", "code") for code, rows in checks.items()
    )
    found: dict[int, set[str]] = defaultdict(set)
    for key, code in first.union(*others, all=True) if keys else ():
        found[key].add(code)
    return found


class AgreementColumns(admin.ModelAdmin):
    """The columns of the list."""

    list_display = (
        "partner",
        "on_what",
        "signed_on",
        "ends_on",
        "status_today",
        "publication_now",
        "issues",
        "changed",
    )
    list_display_links = ("on_what",)

    @admin.display(description=_("partner"))
    def partner(self, agreement: Agreement) -> SafeString:
        """Name the states, and below them the bodies that agreed."""
        partners, bodies = partners_of(agreement), bodies_of(agreement)
        if not bodies:
            return format_html("<b>{}</b>", partners)
        return format_html('<b>{}</b><small title="{}">{}</small>', partners, bodies, bodies)

    @admin.display(description=_("subject"), ordering=SortTitle("title_sort"))
    def on_what(self, agreement: Any) -> SafeString:
        return format_html(
            '<span title="{}">{}</span><small>{} · {}</small>',
            agreement.title,
            Truncator(subject_of(agreement.title)).chars(TITLE_SHOWN),
            agreement.ref,
            _KINDS.get(agreement.kind, agreement.kind),
        )

    @admin.display(description=pgettext_lazy("date", "signed"), ordering="signed_earliest")
    def signed_on(self, agreement: Agreement) -> SafeString | str:
        if agreement.signed:
            return in_words(agreement.signed)
        is_concluded = agreement.stage == Stage.CONCLUDED
        return _soft(gettext("unknown") if is_concluded else gettext("not signed"))

    @admin.display(description=_("ends"), ordering="expires_earliest")
    def ends_on(self, agreement: Agreement) -> SafeString | str:
        if end := agreement.known_end:
            return in_words(end)
        if agreement.stage != Stage.CONCLUDED:
            return "—"
        match agreement.term_kind:
            case TermKind.INDEFINITE:
                return gettext("no set end")
            case TermKind.AUTOMATIC_RENEWAL:
                return gettext("renews automatically")
        return _soft(gettext("unknown"))

    @admin.display(description=_("status today"), ordering="status")
    def status_today(self, agreement: Any) -> SafeString:
        return _mark("status", agreement.status, Status(agreement.status).label)

    @admin.display(description=_("publication"), ordering="publication")
    def publication_now(self, agreement: Agreement) -> SafeString:
        code = agreement.publication
        return _mark("publication", code, _PUBLICATIONS.get(code, code))

    @admin.display(description=_("issues"), empty_value="")
    def issues(self, agreement: Any) -> SafeString:
        """Count the warnings that the page of the agreement explains, and say if it may be there twice."""
        warnings = list(_warnings(agreement))
        shown = [(" ".join(map(str, warnings)), _counted(len(warnings)))] if warnings else []
        if "duplicate" in agreement.found:
            shown.append(("", gettext("perhaps entered twice")))
        if "proposal" in agreement.found:
            shown.append(("", gettext("change proposed")))
        return format_html_join(" ", '<span class="issue" title="{}">{}</span>', shown)

    @admin.display(description=_("last change"), ordering="updated_at")
    def changed(self, agreement: Any) -> SafeString:
        day = in_words(PartialDate.from_date(timezone.localdate(agreement.updated_at)))
        return format_html("<small>{}</small><small>{}</small>", _known_as(agreement.writer), day)


def _warnings(agreement: Any) -> Iterator[Finding | str]:
    rows = list(agreement.participations.all())
    yield from findings_of_facts(agreement, rows, timezone.localdate())
    if "no_source" in agreement.found:
        yield gettext("Sources: there are none.")


def _counted(number: int) -> str:
    return ngettext("%(n)d warning", "%(n)d warnings", number) % {"n": number}


def _known_as(person: User | None) -> str:
    return person.get_full_name() or person.get_username() if person else ""


def _soft(words: str) -> SafeString:
    return format_html('<span class="quiet">{}</span>', words)


def _mark(of_what: str, code: str, label: object) -> SafeString:
    """Return the word with its shape in front of it, which is the same for everyone who cannot tell colours apart."""
    return format_html('<span class="mark {}-{}">{}</span>', of_what, code, label)
