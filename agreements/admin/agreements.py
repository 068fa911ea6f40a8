"""The agreement's list and page: the heart of the staff's work.

The page follows a document from its title to its last clause, with what stands in other rows in between; then come
the sources, the notes and the publication, whose steps are in `publication`.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agreements.admin import filters
from agreements.admin.agreement_form import AgreementForm
from agreements.admin.entry import RegisterEntry
from agreements.admin.imports import Imported
from agreements.admin.inlines import (
    CommitmentInline,
    DocumentInline,
    EventInline,
    EvidenceInline,
    ParticipationInline,
    RelationInline,
    SignatoryInline,
)
from agreements.admin.likeness import LikenessNotes
from agreements.admin.people import People
from agreements.admin.publication import warn_of_findings, with_link
from agreements.admin.publication_actions import PublicationActions
from agreements.admin.versions import Versions
from agreements.curation import workflow
from agreements.curation.quality_checks import LIKELY_DUPLICATE, findings_of
from agreements.domain.choices import RelationKind, Status
from agreements.domain.facts import (
    DOCUMENT,
    FEWER_PARTIES,
    NOTES,
    SIGNATURE,
    TERM,
    form_lines,
)
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.urls import permanent
from agreements.exchange.exporting.csv import stream_csv
from agreements.models import Agreement, Event, Relation

TITLE_SHOWN = 90
NAME_SHOWN = 60
PARTIES_SHOWN = 3

STANDING = _("Where it stands")
RELATED = _("What other agreements do to it")
SOURCES = _("One source for several facts")
PUBLICATION = _("Publication")


class AgreementList(ChangeList):
    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        """Fetch here what the columns show; the pages of single agreements must not see stale rows."""
        found: Any = super().get_queryset(*args, **kwargs)
        return found.with_parties()


@admin.register(Agreement)
class AgreementAdmin(
    Imported, Versions, People, LikenessNotes, PublicationActions, RegisterEntry, admin.ModelAdmin
):
    # The list

    list_display = (
        "ref",
        "short_title",
        "status_today",
        "signed_in_words",
        "participants",
        "publication",
        "verification",
        "updated",
    )
    list_display_links = ("ref", "short_title")
    list_filter = (
        filters.StatusFilter,
        "publication",
        filters.AttentionFilter,
        filters.EndFilter,
        filters.MissingFilter,
        "verification",
        "kind",
        filters.CountryFilter,
        filters.AreaFilter,
    )
    # each count would ask the database again
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("ref", "title")
    search_help_text = _(
        "Words of the title, the summary, a party in any spelling or a signatory; or a reference."
    )
    # what somebody has just entered comes first
    ordering = ("-updated_at",)
    list_per_page = 100
    actions = (
        "export_csv",
        "submit",
        "recall",
        "return_with_reason",
        "publish",
        "withdraw",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: Any = super().get_queryset(request)
        return found.with_status(timezone.localdate())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AgreementList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        containing = Agreement.objects.containing(term).values("pk")
        return queryset.filter(Q(pk__in=containing) | Q(ref__icontains=term)), False

    @admin.display(description=_("title"), ordering="title")
    def short_title(self, agreement: Agreement) -> str:
        return Truncator(agreement.title).chars(TITLE_SHOWN)

    @admin.display(description=_("status today"), ordering="status")
    def status_today(self, agreement: Any) -> str:
        return str(Status(agreement.status).label)

    @admin.display(description=pgettext_lazy("date", "signed"), ordering="signed_earliest")
    def signed_in_words(self, agreement: Agreement) -> str | None:
        return in_words(agreement.signed) if agreement.signed else None

    @admin.display(description=_("parties"))
    def participants(self, agreement: Agreement) -> str:
        rows = agreement.participations.all()
        names = [Truncator(row.party.name).chars(NAME_SHOWN) for row in rows]
        return _listed(names[:PARTIES_SHOWN], len(names) - PARTIES_SHOWN)

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, agreement: Agreement) -> str:
        return in_words(PartialDate.from_date(timezone.localdate(agreement.updated_at)))

    # The page

    form = AgreementForm
    readonly_fields = (
        "ref",
        "standing",
        "elsewhere",
        "verification",
        "odd",
        "end",
        "incoming",
        "publication",
        "steps",
        "published_at",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (STANDING, {"fields": (("ref", "verification"), "standing", "elsewhere", "odd")}),
        (DOCUMENT, {"fields": form_lines(DOCUMENT)}),
        (FEWER_PARTIES, {"fields": form_lines(FEWER_PARTIES)}),
        (SIGNATURE, {"fields": form_lines(SIGNATURE)}),
        (TERM, {"fields": form_lines(TERM)}),
        (RELATED, {"fields": ("incoming",)}),
        (SOURCES, {"fields": ("source", "stated_facts")}),
        (NOTES, {"fields": ("responsible", *form_lines(NOTES))}),
        (
            PUBLICATION,
            {"fields": ("publication", "steps", ("published_at", "created_at", "updated_at"))},
        ),
    )
    reading_order = (
        STANDING,
        DOCUMENT,
        ParticipationInline,
        FEWER_PARTIES,
        SIGNATURE,
        SignatoryInline,
        TERM,
        EventInline,
        DocumentInline,
        RelationInline,
        RELATED,
        CommitmentInline,
        SOURCES,
        EvidenceInline,
        NOTES,
        PUBLICATION,
    )
    inlines = tuple(part for part in reading_order if isinstance(part, type))

    def get_fieldsets(self, request: HttpRequest, obj: Agreement | None = None) -> Any:
        left_out = set()
        if obj is None:
            left_out |= {STANDING, RELATED}
        elif not obj.relations_in.exists():
            left_out.add(RELATED)
        if not self._may_cite(request, obj):
            left_out.add(SOURCES)
        return [(name, options) for name, options in self.fieldsets if name not in left_out]

    def _may_cite(self, request: HttpRequest, obj: Agreement | None) -> bool:
        writes = self.has_change_permission(request, obj) if obj else True
        return writes and request.user.has_perm("agreements.add_evidence")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["sections"] = sorted(
            [*context["adminform"], *context["inline_admin_formsets"]],
            key=lambda part: self.reading_order.index(
                type(part.opts) if hasattr(part, "opts") else part.name
            ),
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def get_view_on_site_url(self, obj: Agreement | None = None) -> str | None:
        """Return the public page of a published agreement; of others there is none."""
        return obj.get_absolute_url() if obj and obj.is_public else None

    @admin.display(description=_("status today"))
    def standing(self, agreement: Agreement) -> str:
        return str(agreement.standing(timezone.localdate()))

    @admin.display(description=_("worth a look"))
    def odd(self, agreement: Agreement) -> str | SafeString:
        """List it; what the note at the top says of a record that is not public is not said again."""
        found = findings_of(agreement)
        if not agreement.is_public:
            at_the_top = [finding for finding in found if finding.code == LIKELY_DUPLICATE]
            found = [finding for finding in found if finding.code != LIKELY_DUPLICATE]
            if at_the_top and not found:
                return gettext("Nothing else looks odd.")
        if not found:
            return gettext("Nothing looks odd.")
        return _as_list(((with_link(finding),) for finding in found), "oddities")

    @admin.display(description=_("computed end"))
    def end(self, agreement: Agreement) -> str:
        if agreement.expires:
            return in_words(agreement.expires)
        period_end = agreement.period_end(timezone.localdate()) if agreement.pk else None
        if period_end:
            return gettext("The current period ends %(end)s.") % {"end": in_words(period_end)}
        return gettext("None, or it cannot be computed from what is known.")

    @admin.display(description=_("said there"))
    def incoming(self, agreement: Agreement) -> SafeString:
        relations = agreement.relations_in.select_related("agreement")
        links = (format_html('{}: <a href="{}">{}</a>', *_read_backwards(row)) for row in relations)
        return _as_list(((link,) for link in links), "incoming")

    # Saving

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        source, facts = form.cleaned_data.get("source"), form.cleaned_data.get("stated_facts")
        if not source or not self._may_cite(request, form.instance):
            return
        workflow.cite(form.instance, source=source, facts=facts)
        if "events" in facts:
            entered = (row for formset in formsets for row in formset.new_objects)
            workflow.cite_events((row for row in entered if isinstance(row, Event)), source=source)

    def response_add(
        self, request: HttpRequest, obj: Agreement, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        warn_of_findings(request, obj, response)
        return response

    def response_change(self, request: HttpRequest, obj: Agreement) -> HttpResponse:
        response = super().response_change(request, obj)
        warn_of_findings(request, obj, response)
        return response

    # What can be done with the chosen rows

    @admin.action(description=_("Download the chosen agreements as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        chosen = Agreement.objects.filter(pk__in=queryset.order_by().values("pk")).order_by("ref")
        return StreamingHttpResponse(
            stream_csv(chosen, day=timezone.localdate(), absolute_url=permanent),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="agreements.csv"'},
        )


def _listed(names: list[str], more: int) -> str:
    if more > 0:
        names = [*names, ngettext("%(n)d more", "%(n)d more", more) % {"n": more}]
    return "; ".join(names)


def _as_list(rows: Iterable[tuple[str]], css_class: str) -> SafeString:
    items = format_html_join("", "<li>{}</li>", rows)
    return format_html('<ul class="{}">{}</ul>', css_class, items)


def _read_backwards(relation: Relation) -> tuple[str, str, Agreement]:
    label = RelationKind(relation.kind).inverse_label
    url = reverse("admin:agreements_agreement_change", args=[relation.agreement_id])
    return label, url, relation.agreement
