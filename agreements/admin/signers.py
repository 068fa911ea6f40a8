"""People who signed agreements: their names in every spelling, and the signatories linked to them."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.deletions import NamedObstacles
from agreements.admin.entry import RegisterEntry
from agreements.admin.folded_search import searched_words
from agreements.admin.rights import SharedRights
from agreements.admin.screens import Context, count_column, count_of
from agreements.admin.versions import RecordForm, Versions
from agreements.curation import people
from agreements.domain import permissions
from agreements.models import FormerPersonSlug, Person, PersonName, Signatory


class PersonForm(RecordForm):
    slug = forms.SlugField(
        label=gettext_lazy("Slug"),
        required=False,
        max_length=120,
        help_text=gettext_lazy(
            "Part of the URL. Made from the name if left empty; do not change it once published."
        ),
    )

    def clean(self) -> Context:
        cleaned: Context = super().clean()
        if given := cleaned.get("slug"):
            former = FormerPersonSlug.objects.filter(slug=given).exclude(row=self.instance.pk)
            kept = former.select_related("row").first()
            if kept is not None and not permissions.may_change_shared(self.user, kept.row):
                refusal = _(
                    "“%(slug)s” is a former slug of “%(person)s”, whom published agreements name, and still "
                    "leads there. Choose another slug, or ask a publisher."
                ) % {"slug": given, "person": kept.row}
                self.add_error("slug", forms.ValidationError(refusal, code="former"))
        elif "slug" not in self.errors and cleaned.get("name"):
            cleaned["slug"] = people.free_slug(cleaned["name"], self.instance.pk)
        return cleaned


class PersonNameInline(RegisterEntry, admin.StackedInline):
    model = PersonName
    fields = (("name", "language", "note"),)
    extra = 0


@admin.register(Person)
class PersonAdmin(NamedObstacles, Versions, SharedRights):
    form = PersonForm
    inlines = (PersonNameInline,)
    fields = ("name", "slug")
    list_display = ("name", "signed_agreements")
    search_fields = ("name",)
    search_help_text = gettext_lazy("A name, in any spelling and script.")
    actions = ("merge_chosen",)
    signed_agreements = count_column("agreement_count", gettext_lazy("agreements signed"))
    permission_to_merge: ClassVar = permissions.MERGE_PERSON

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        counted = count_of(Signatory, "person", "agreement")
        return super().get_queryset(request).annotate(agreement_count=counted)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Person], search_term: str
    ) -> tuple[QuerySet[Person], bool]:
        for word in searched_words(search_term):
            queryset = queryset.filter(pk__in=Person.objects.named(word).values("pk"))
        return queryset, False

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(self.permission_to_merge))

    @admin.action(
        description=gettext_lazy("Merge the chosen people into the one entered first"),
        permissions=["merge"],
    )
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        """Their names stay as spellings, and their URLs redirect."""
        if queryset.count() > people.MOST_AT_ONCE:
            refusal = _("Choose at most %(n)d people at a time.") % {"n": people.MOST_AT_ONCE}
            self.message_user(request, refusal, messages.ERROR)
            return
        kept = people.merge(queryset, by=request.user)
        done = _("They are now one person: “%(name)s”.") % {"name": kept}
        self.message_user(request, done, messages.SUCCESS)

    def get_view_on_site_url(self, obj: Person | None = None) -> str | None:
        """Return the URL of the public page, which only signatories of published agreements have."""
        stored = Person.objects.in_public().filter(pk=obj.pk).first() if obj else None
        return stored.get_absolute_url() if stored else None
