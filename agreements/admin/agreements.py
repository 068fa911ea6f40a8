"""The list of agreements and the page of one: the heart of the staff's work.

The page begins with the source you enter from and follows a document from its title to its last clause, with the
evidence beside each fact (`entry_sections`, `statements`); the steps of publication are in `publication`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.admin import filters
from agreements.admin.agreement_form import FIXED_CHOSEN, AgreementForm
from agreements.admin.agreement_list import AgreementColumns, AgreementList
from agreements.admin.card import StandingCard, end_in_words
from agreements.admin.carrying import Carrying
from agreements.admin.document_texts import in_documents
from agreements.admin.dropped_documents import DroppedDocuments
from agreements.admin.entry_sections import Drawing, Plan, planned
from agreements.admin.imports import Imported
from agreements.admin.inlines import (
    CommitmentInline,
    DocumentInline,
    EventInline,
    EvidenceInline,
    IdentifierInline,
    LanguageInline,
    PeriodInline,
    RelationInline,
)
from agreements.admin.likeness import LikenessNotes
from agreements.admin.party_rows import ParticipationInline, SignatoryInline
from agreements.admin.pasted_source import PastedSources
from agreements.admin.people import People
from agreements.admin.proposals import ProposalPages
from agreements.admin.publication import PublicationActions
from agreements.admin.read_dates import ReadDates
from agreements.admin.screens import Context
from agreements.admin.statements import Rests, beside_facts, changed_facts
from agreements.admin.versions import Versions
from agreements.curation import workflow
from agreements.curation.told_dates import fill, told_dates
from agreements.domain.choices import RelationKind
from agreements.domain.partial_dates import in_words
from agreements.domain.sections import PEOPLE, SECTIONS, SOURCE, Section
from agreements.exchange.exporting.csv import stream_csv
from agreements.models import Agreement, Event, Source
from agreements.models.querysets import AgreementQuerySet
from agreements.serving.export_slots import whole_file

# the button that fills in a date from the timeline
FILL = "fill"

PUBLICATION = Section("publication", _("Publication"), is_optional=False)

INLINES = (
    ParticipationInline,
    SignatoryInline,
    PeriodInline,
    EventInline,
    DocumentInline,
    RelationInline,
    CommitmentInline,
    LanguageInline,
    IdentifierInline,
    EvidenceInline,
)
# fields that are no facts, by the section that they begin
_BEGINNING = {SOURCE: (("pasted",), ("source",)), PEOPLE: (("responsible",),)}
# what the register says about a saved record
_ABOUT_IT = Plan(PUBLICATION, ((("elsewhere",), ("published_at", "created_at", "updated_at")),))


@admin.register(Agreement)
class AgreementAdmin(
    StandingCard,
    Carrying,
    AgreementColumns,
    Imported,
    DroppedDocuments,
    Versions,
    People,
    LikenessNotes,
    PastedSources,
    ProposalPages,
    ReadDates,
    PublicationActions,
):
    # The list

    list_filter = (
        filters.MineFilter,
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
        "Words from the title, summary, a party in any spelling, a signatory or the text of a document; or a reference."
    )
    # the newest entries come first
    ordering = ("-updated_at",)
    actions = ("export_csv", "submit", "recall", "return_with_reason", "publish", "withdraw")

    def get_queryset(self, request: HttpRequest) -> AgreementQuerySet:
        found: Any = super().get_queryset(request)
        return found.with_status(timezone.localdate())

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[AgreementList]:
        return AgreementList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Agreement], search_term: str
    ) -> tuple[QuerySet[Agreement], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        containing = Agreement.objects.containing(term).values("pk")
        in_record = Q(pk__in=containing) | Q(ref__icontains=term)
        return queryset.filter(in_record | in_documents(request, term)), False

    # The page

    form = AgreementForm
    readonly_fields = ("elsewhere", "end", "incoming", "published_at", "created_at", "updated_at")
    reading_order = (
        *(planned(each, INLINES, first=_BEGINNING.get(each, ())) for each in SECTIONS),
        _ABOUT_IT,
    )
    fieldsets: ClassVar[Any] = tuple(each for plan in reading_order for each in plan.fieldsets)
    inlines = tuple(inline for plan in reading_order for inline in plan.inlines)

    def get_fieldsets(self, request: HttpRequest, obj: Agreement | None = None) -> Any:
        shown = {
            **dict.fromkeys(("pasted", "source"), self._may_cite(request, obj)),
            "incoming": obj is not None and obj.relations_in.exists(),
            **dict.fromkeys(("end", "elsewhere", "published_at"), obj is not None),
        }
        kept = (
            (name, tuple(line for line in options["fields"] if shown.get(line[0], True)))
            for name, options in self.fieldsets
        )
        return [(name, {"fields": lines}) for name, lines in kept if lines]

    def _may_cite(self, request: HttpRequest, obj: Agreement | None) -> bool:
        writes = self.has_change_permission(request, obj) if obj else True
        return writes and request.user.has_perm("agreements.add_evidence")

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        context["fillable"] = [told for told in told_dates(shown) if told.missing] if shown else []
        inlines = {type(each.opts): each for each in context["inline_admin_formsets"]}
        context["evidence_rows"] = inlines.get(EvidenceInline)
        drawing = Drawing(context, shown, beside_facts(context, context["evidence_rows"]))
        drawn = [each for plan in self.reading_order if (each := drawing.drawn(plan))]
        context["sections"] = [each for each in drawn if not each.is_folded]
        context["more_sections"] = [each for each in drawn if each.is_folded]
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
        if form.chose_fixed_term:
            messages.info(request, f"{gettext('Term')}: {FIXED_CHOSEN}")
        if self._may_cite(request, form.instance) and (source := self._source_of(request, form)):
            self._cite(request, source, form, formsets)

    def _source_of(self, request: HttpRequest, form: Any) -> Source | None:
        """Return the source that was chosen or pasted, saved if it is new."""
        if form.adds_source:
            form.new_source.instance.retrieved = timezone.localdate()
            added: Source = form.new_source.save()
            self.admin_site.get_model_admin(Source).log_addition(request, added, [{"added": {}}])
            link = format_html(
                '<a href="{}">{}</a>',
                reverse("admin:agreements_source_change", args=[added.pk]),
                added,
            )
            messages.success(
                request, format_html(gettext("New source: {}. Check what was read."), link)
            )
            if form.replaced:
                said = gettext("It replaces the source that was chosen: %(source)s.")
                messages.info(request, said % {"source": form.replaced})
            return added
        if form.known:
            said = gettext("The register already has this source: %(source)s.")
            messages.info(request, said % {"source": form.known})
        chosen: Source | None = form.cleaned_data.get("source")
        return chosen

    def _cite(self, request: HttpRequest, source: Source, form: Any, formsets: Any) -> None:
        """Record what the source says about the facts, and the source of the events that were entered."""
        said, void = form.statements(changed_facts(form, formsets))
        workflow.cite(form.instance, source=source, statements=said)
        entered = [row for each in formsets for row in each.new_objects if isinstance(row, Event)]
        if form.rests("events") != Rests.NOT:
            workflow.cite_events(entered, source=source)
        if void:
            sentence = gettext(
                "Nothing is entered that the source could support for %(facts)s. No evidence was recorded for that."
            )
            messages.warning(request, sentence % {"facts": get_text_list(void, gettext("and"))})
        if not said:
            sentence = gettext(
                "Nothing new rests on “%(source)s”. To add it as a source of what is already entered, choose it again "
                "and choose “Stated by this source” beside the fact."
            )
            messages.warning(request, sentence % {"source": source})

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
