"""The list of agreements and the page of one: the heart of the staff's work.

The page follows a document from its title to its last clause, with the related rows in between; then come the
sources, the notes and the publication, whose steps are in `publication`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agreements.admin import filters
from agreements.admin.agreement_form import AgreementForm
from agreements.admin.card import StandingCard, end_in_words
from agreements.admin.carrying import Carrying
from agreements.admin.imports import Imported
from agreements.admin.inlines import (
    CommitmentInline,
    DocumentInline,
    EventInline,
    EvidenceInline,
    IdentifierInline,
    LanguageInline,
    ParticipationInline,
    PeriodInline,
    RelationInline,
    SignatoryInline,
)
from agreements.admin.likeness import LikenessNotes
from agreements.admin.people import People
from agreements.admin.publication import PublicationActions
from agreements.admin.screens import Context, date_column
from agreements.admin.versions import Versions
from agreements.curation import workflow
from agreements.curation.told_dates import fill, told_dates
from agreements.domain.choices import RelationKind, Status
from agreements.domain.facts import DOCUMENT, FEWER_PARTIES, NOTES, SIGNATURE, TERM, form_lines
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.exchange.exporting.csv import stream_csv
from agreements.models import Agreement, Event
from agreements.models.querysets import AgreementQuerySet, SortTitle
from agreements.serving.export_slots import whole_file

# the button that fills in a date from the timeline
FILL = "fill"
TITLE_SHOWN = 90
NAME_SHOWN = 60
PARTIES_SHOWN = 3

RELATED = _("How other agreements affect it")
SOURCES = _("One source for several facts")
PUBLICATION = _("Publication")


class AgreementList(ChangeList):
    def get_queryset(self, *args: Any, **kwargs: Any) -> AgreementQuerySet:
        """Also fetch what the columns show, for the list only: the page of an agreement must not use stale rows."""
        found: Any = super().get_queryset(*args, **kwargs)
        return found.with_parties()


@admin.register(Agreement)
class AgreementAdmin(
    StandingCard, Carrying, Imported, Versions, People, LikenessNotes, PublicationActions
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
    search_fields = ("ref", "title")
    search_help_text = _(
        "Words from the title, summary, a party in any spelling or a signatory; or a reference."
    )
    # the newest entries come first
    ordering = ("-updated_at",)
    actions = ("export_csv", "submit", "recall", "return_with_reason", "publish", "withdraw")
    signed_in_words = date_column("signed", pgettext_lazy("date", "signed"))

    def get_queryset(self, request: HttpRequest) -> AgreementQuerySet:
        found: Any = super().get_queryset(request)
        return found.with_status(timezone.localdate())

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return AgreementList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Agreement], search_term: str
    ) -> tuple[QuerySet[Agreement], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        containing = Agreement.objects.containing(term).values("pk")
        return queryset.filter(Q(pk__in=containing) | Q(ref__icontains=term)), False

    @admin.display(description=_("title"), ordering=SortTitle("title_sort"))
    def short_title(self, agreement: Agreement) -> str:
        return Truncator(agreement.title).chars(TITLE_SHOWN)

    @admin.display(description=_("status today"), ordering="status")
    def status_today(self, agreement: Any) -> str:
        return str(Status(agreement.status).label)

    @admin.display(description=_("parties"))
    def participants(self, agreement: Agreement) -> str:
        rows = agreement.participations.all()
        names = [Truncator(row.party.name).chars(NAME_SHOWN) for row in rows[:PARTIES_SHOWN]]
        if (more := len(rows) - PARTIES_SHOWN) > 0:
            names.append(ngettext("%(n)d more", "%(n)d more", more) % {"n": more})
        return "; ".join(names)

    @admin.display(description=_("updated"), ordering="updated_at")
    def updated(self, agreement: Agreement) -> str:
        return in_words(PartialDate.from_date(timezone.localdate(agreement.updated_at)))

    # The page

    form = AgreementForm
    readonly_fields = ("elsewhere", "end", "incoming", "published_at", "created_at", "updated_at")
    # in the order of a document: fieldsets, with the rows of other tables in between
    reading_order = (
        (DOCUMENT, form_lines(DOCUMENT)),
        ParticipationInline,
        (FEWER_PARTIES, form_lines(FEWER_PARTIES)),
        (SIGNATURE, form_lines(SIGNATURE)),
        SignatoryInline,
        (TERM, form_lines(TERM)),
        PeriodInline,
        EventInline,
        DocumentInline,
        RelationInline,
        (RELATED, ("incoming",)),
        CommitmentInline,
        LanguageInline,
        IdentifierInline,
        (SOURCES, ("source", "stated_facts")),
        EvidenceInline,
        (NOTES, ("responsible", *form_lines(NOTES))),
        (PUBLICATION, ("elsewhere", ("published_at", "created_at", "updated_at"))),
    )
    fieldsets: ClassVar[Any] = tuple(
        (part[0], {"fields": part[1]}) for part in reading_order if isinstance(part, tuple)
    )
    inlines = tuple(part for part in reading_order if isinstance(part, type))

    def get_fieldsets(self, request: HttpRequest, obj: Agreement | None = None) -> Any:
        shown = {
            RELATED: obj is not None and obj.relations_in.exists(),
            SOURCES: self._may_cite(request, obj),
            PUBLICATION: obj is not None,
        }
        return [(name, options) for name, options in self.fieldsets if shown.get(name, True)]

    def _may_cite(self, request: HttpRequest, obj: Agreement | None) -> bool:
        writes = self.has_change_permission(request, obj) if obj else True
        return writes and request.user.has_perm("agreements.add_evidence")

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        order = [part if isinstance(part, type) else part[0] for part in self.reading_order]
        context["fillable"] = [told for told in told_dates(shown) if told.missing] if shown else []
        context["sections"] = sorted(
            [*context["adminform"], *context["inline_admin_formsets"]],
            key=lambda part: order.index(type(part.opts) if hasattr(part, "opts") else part.name),
        )
        super().add_context(request, context, shown)

    def get_view_on_site_url(self, obj: Agreement | None = None) -> str | None:
        """Return the URL of the public page, which only published agreements have."""
        return obj.get_absolute_url() if obj and obj.is_public else None

    @admin.display(description=_("computed end"))
    def end(self, agreement: Agreement) -> str:
        return end_in_words(agreement) or gettext("None, or unknown.")

    @admin.display(description=_("relations stated by others"))
    def incoming(self, agreement: Agreement) -> SafeString:
        links = [
            format_html(
                '{}: <a href="{}">{}</a>',
                RelationKind(row.kind).inverse_label,
                self.url_of("change", row.agreement_id),
                row.agreement,
            )
            for row in agreement.relations_in.select_related("agreement")
        ]
        return _as_list(links, "incoming")

    # Saving

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if (name := request.POST.get(FILL)) and (told := fill(form.instance, name)):
            done = gettext("%(field)s: filled in from the timeline, %(told)s.")
            shown = {
                "field": capfirst(str(told.label)),
                "told": in_words(told.missing) if told.missing else "",
            }
            messages.success(request, done % shown)
        source, facts = form.cleaned_data.get("source"), form.cleaned_data.get("stated_facts")
        if not source or not self._may_cite(request, form.instance):
            return
        workflow.cite(form.instance, source=source, facts=facts)
        if "events" in facts:
            entered = (row for formset in formsets for row in formset.new_objects)
            workflow.cite_events((row for row in entered if isinstance(row, Event)), source=source)

    # Actions of the list

    @admin.action(description=_("Download selected agreements as CSV"), permissions=["view"])
    @whole_file
    def export_csv(
        self, request: HttpRequest, queryset: AgreementQuerySet
    ) -> StreamingHttpResponse:
        chosen = Agreement.objects.filter(pk__in=queryset.order_by().values("pk")).order_by("ref")
        return StreamingHttpResponse(
            stream_csv(chosen, day=timezone.localdate()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="agreements.csv"'},
        )


def _as_list(lines: Iterable[str], css_class: str) -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html('<ul class="{}">{}</ul>', css_class, items)
