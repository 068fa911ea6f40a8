"""The list of agreements and the page of one: the heart of the staff's work.

The page begins with the source you enter from and follows a document from its title to its last clause, with the
evidence beside each fact (`entry_sections`, `statements`); the steps of publication are in `publication`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agreements.admin import filters
from agreements.admin.agreement_form import AgreementForm
from agreements.admin.entry_sections import Drawing, Plan, planned
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
from agreements.admin.pasted_source import PastedSources
from agreements.admin.people import People
from agreements.admin.publication import PublicationActions, with_link
from agreements.admin.read_dates import ReadDates
from agreements.admin.screens import Context, date_column
from agreements.admin.statements import Rests, beside_facts, changed_facts
from agreements.admin.versions import Versions
from agreements.curation import workflow
from agreements.curation.quality_checks import LIKELY_DUPLICATE, findings_of
from agreements.curation.told_dates import fill, told_dates
from agreements.domain.choices import RelationKind, Status
from agreements.domain.deadlines import notice_deadline_in_words
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.sections import PEOPLE, SECTIONS, SOURCE, Section
from agreements.exchange.exporting.csv import stream_csv
from agreements.models import Agreement, Event, Source
from agreements.models.querysets import AgreementQuerySet, SortTitle
from agreements.serving.export_slots import whole_file

# the button that fills in a date from the timeline
FILL = "fill"
TITLE_SHOWN = 90
NAME_SHOWN = 60
PARTIES_SHOWN = 3

STANDING = Section("standing", _("Where it stands"), is_optional=False)
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
_ABOUT_IT = (
    Plan(STANDING, ((("ref", "verification"), ("standing",), ("elsewhere",), ("findings",)),)),
    Plan(
        PUBLICATION, ((("publication",), ("steps",), ("published_at", "created_at", "updated_at")),)
    ),
)


class AgreementList(ChangeList):
    def get_queryset(self, *args: Any, **kwargs: Any) -> AgreementQuerySet:
        """Also fetch what the columns show, for the list only: the page of an agreement must not use stale rows."""
        found: Any = super().get_queryset(*args, **kwargs)
        return found.with_parties()


@admin.register(Agreement)
class AgreementAdmin(
    Imported, Versions, People, LikenessNotes, PastedSources, ReadDates, PublicationActions
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
    readonly_fields = (
        "ref",
        "standing",
        "elsewhere",
        "verification",
        "findings",
        "end",
        "incoming",
        "publication",
        "steps",
        "published_at",
        "created_at",
        "updated_at",
    )
    reading_order = (
        *(planned(each, INLINES, first=_BEGINNING.get(each, ())) for each in SECTIONS),
        *_ABOUT_IT,
    )
    fieldsets: ClassVar[Any] = tuple(each for plan in reading_order for each in plan.fieldsets)
    inlines = tuple(inline for plan in reading_order for inline in plan.inlines)

    def get_fieldsets(self, request: HttpRequest, obj: Agreement | None = None) -> Any:
        shown = {
            **dict.fromkeys(("pasted", "source"), self._may_cite(request, obj)),
            "incoming": obj is not None and obj.relations_in.exists(),
            **dict.fromkeys(("end", "ref", "standing", "elsewhere", "findings"), obj is not None),
            **dict.fromkeys(("publication", "steps", "published_at"), obj is not None),
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

    @admin.display(description=_("status today"))
    def standing(self, agreement: Agreement) -> str:
        return str(agreement.standing(timezone.localdate()))

    @admin.display(description=_("quality checks"))
    def findings(self, agreement: Agreement) -> str | SafeString:
        """List the quality findings, except what the note at the top of an unpublished record already says."""
        found = findings_of(agreement)
        shown = [
            with_link(each)
            for each in found
            if agreement.is_public or each.code != LIKELY_DUPLICATE
        ]
        if shown:
            return _as_list(shown, "findings")
        return gettext("No other findings.") if found else gettext("No findings.")

    @admin.display(description=_("computed end"))
    def end(self, agreement: Agreement) -> str:
        today = timezone.localdate()
        period_end = agreement.period_end(today) if agreement.pk else None
        if agreement.expires:
            end = in_words(agreement.expires)
        elif period_end:
            end = gettext("The current period ends %(end)s.") % {"end": in_words(period_end)}
        else:
            return gettext("None, or unknown.")
        deadline = notice_deadline_in_words(agreement, today)
        if not deadline:
            return end
        last_day = gettext("Last day for notice: %(day)s.") % {"day": deadline}
        return f"{end.removesuffix('.')}. {last_day}"

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
            return added
        if form.known:
            said = gettext("The register already has this source: %(source)s.")
            messages.info(request, said % {"source": form.known})
        chosen: Source | None = form.cleaned_data.get("source")
        return chosen

    def _cite(self, request: HttpRequest, source: Source, form: Any, formsets: Any) -> None:
        """Record what the source says about the facts, and the source of the events that were entered."""
        said = form.statements(changed_facts(form, formsets))
        workflow.cite(form.instance, source=source, statements=said)
        entered = [row for each in formsets for row in each.new_objects if isinstance(row, Event)]
        if form.rests("events") != Rests.NOT:
            workflow.cite_events(entered, source=source)
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
