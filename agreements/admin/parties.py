"""Parties: who makes agreements, with all their names."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from agreements.admin.deletions import NamedObstacles
from agreements.admin.entry import PartyChoicesView, RegisterEntry, countries_named
from agreements.admin.folded_search import searched_words
from agreements.admin.merges import DuplicatesFilter, PartyMerging
from agreements.admin.party_choice import PartiesInPlace
from agreements.admin.rights import SharedRights, why_slug_is_kept
from agreements.admin.screens import Context, count_column, count_of
from agreements.admin.versions import RecordForm, Versions
from agreements.models import (
    FormerPartySlug,
    Membership,
    Participation,
    Party,
    PartyName,
    Succession,
)
from agreements.security import security_log


class PartyForm(RecordForm):
    slug = forms.SlugField(
        label=_("Slug"),
        required=False,
        max_length=120,
        help_text=_(
            "Part of the URL. Made from the name if left empty; do not change it once published."
        ),
    )

    def clean(self) -> Context:
        """Make a unique slug if none is given: two ministries of labour must not block data entry."""
        cleaned = super().clean()
        if given := cleaned.get("slug"):
            if kept := why_slug_is_kept(self.user, given, party=self.instance.pk):
                security_log.note_refusal("slug_refused", of=given, why=kept)
                self.add_error("slug", forms.ValidationError(kept, code="former"))
            return cleaned
        if "slug" not in self.errors and cleaned.get("name"):
            parent = cleaned.get("parent")
            country = cleaned.get("country") or (parent.country if parent else "")
            cleaned["slug"] = _free_slug(cleaned["name"], str(country), self.instance.pk)
        return cleaned


def _free_slug(name: str, country: str, own: int | None) -> str:
    """Return the name as a slug, followed by the country or a number if another party has or had that slug."""
    plain = slugify(name)[:100].strip("-") or "party"
    national = f"{plain}-{country.lower()}" if country else plain
    others = Party.objects.exclude(pk=own or 0), FormerPartySlug.objects.exclude(row=own)
    taken = {
        slug
        for some in others
        for slug in some.filter(slug__startswith=plain).values_list("slug", flat=True)
    }
    numbered = (f"{national}-{n}" for n in range(2, len(taken) + 3))
    return next(slug for slug in (plain, national, *numbered) if slug not in taken)


class PartyNameInline(RegisterEntry, admin.StackedInline):
    model = PartyName
    fields = (("name", "kind", "language"), ("used_from", "used_until"), "note")
    extra = 0


class SuccessionInline(RegisterEntry, admin.StackedInline):
    model = Succession
    fk_name = "predecessor"
    fields = (("successor", "date"),)
    autocomplete_fields = ("successor",)
    verbose_name = _("successor")
    verbose_name_plural = _("successors: who took its place")
    extra = 0


class MembershipInline(RegisterEntry, admin.StackedInline):
    model = Membership
    fk_name = "organisation"
    fields = (("member", "since", "until"),)
    autocomplete_fields = ("member",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("organisation", "member")


@admin.register(Party)
class PartyAdmin(NamedObstacles, Versions, PartiesInPlace, PartyMerging, SharedRights):
    pages: ClassVar = {"choices": "choices/"}
    form = PartyForm
    inlines = (PartyNameInline, SuccessionInline, MembershipInline)
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": ("name", "short_name", "kind", "parent", "country", "website", "slug")}),
        (_("If it is an organisation"), {"fields": ("binds_members",), "classes": ("collapse",)}),
    )
    list_display = ("name", "kind", "country", "parent", "own_agreements")
    list_filter = (DuplicatesFilter, "kind")
    actions = ("merge_chosen",)
    list_select_related = ("parent",)
    search_fields = ("name",)
    search_help_text = _("Any name or spelling, in any language, or the country.")
    own_agreements = count_column("agreement_count", _("own agreements"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Party]:
        counted = count_of(Participation, "party", "agreement")
        return super().get_queryset(request).annotate(agreement_count=counted)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Party], search_term: str
    ) -> tuple[QuerySet[Party], bool]:
        """Find a body by its country as well: people search for a ministry as “labour azerbaijan”."""
        for word in searched_words(search_term):
            queryset = queryset.filter(
                Q(pk__in=Party.objects.named(word).values("pk"))
                | Q(country__in=countries_named(word))
            )
        return queryset, False

    def choices_view(self, request: HttpRequest) -> HttpResponseBase:
        return PartyChoicesView.as_view(admin_site=self.admin_site)(request)

    def get_view_on_site_url(self, obj: Party | None = None) -> str | None:
        """Return the URL of the public page, which only parties of published agreements have.

        That of the stored slug: a refused form may have left another in the object, or none.
        """
        stored = Party.objects.in_public().filter(pk=obj.pk).first() if obj else None
        return stored.get_absolute_url() if stored else None
