"""Where statements come from: sources, and the evidence that a fact of an agreement rests on a source."""

import re
from functools import reduce
from operator import or_
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Basis, Publication
from agreements.domain.facts import FACTS, evidence_choices
from agreements.domain.partial_dates import PartialDateField, in_words
from agreements.models.agreements import Agreement
from agreements.models.columns import (
    Line,
    LongText,
    NaturalKeyManager,
    code,
    key_of,
    link,
    of_agreement,
    once,
    rule,
    supported_day,
    text,
)
from agreements.models.derived import Derives, SpellingsField
from agreements.models.edit_tokens import Tokened, TokenedQuerySet

_MAX_URL_SHOWN = 90
_TRACKING = re.compile(r"(utm_\w+|fbclid|gclid)(=.*)?")


def page_of(url: str) -> str:
    """Return the URL without tracking parameters and without the fragment.

    A fragment that begins with a slash or an exclamation mark is a route within an application, and is kept.
    """
    parts = urlsplit(url)
    asked = [each for each in parts.query.split("&") if each and not _TRACKING.fullmatch(each)]
    route = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit(
        (parts.scheme.lower(), parts.netloc.lower(), parts.path, "&".join(asked), route)
    )


class SourceQuerySet(TokenedQuerySet):
    def of_page(self, url: str) -> "Source | None":
        """Return the source with this URL, whatever its tracking parameters and fragment are; None if there is none."""
        page = page_of(url)
        bare = page.partition("?")[0].partition("#")[0]
        found = self.filter(url__istartswith=bare).iterator()
        return next((each for each in found if page_of(each.url) == page), None)

    def of_host(self, host: str) -> Self:
        """Keep the sources whose URL is on this site, with or without “www.”."""
        starts = (
            f"{scheme}://{www}{host}/" for scheme in ("https", "http") for www in ("", "www.")
        )
        return self.filter(reduce(or_, (Q(url__istartswith=start) for start in starts)))


class Source(Derives, Tokened):
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        blank=True,
        help_text=_("Made from publisher and date if left empty."),
    )
    publisher = Line(
        _("publisher"),
        max_length=200,
        help_text=_("The newspaper, ministry or register. Two publishers corroborate a fact."),
    )
    title = Line(_("title"), max_length=500, blank=True)
    author = Line(_("author"), max_length=200, blank=True)
    url = models.URLField(
        _("URL"), max_length=1000, blank=True, help_text=_("The page itself, not the front page.")
    )
    published = PartialDateField(_("published"), help_text=_("As precisely as the page states it."))
    published_at = models.DateTimeField(
        _("moment of publication"),
        null=True,
        blank=True,
        help_text=_("If the page prints a time of day."),
    )
    retrieved = models.DateField(
        _("retrieved"),
        null=True,
        blank=True,
        validators=[supported_day],
        help_text=_("The day on which somebody last read it."),
    )
    language = text(_("language"), 10, _("ISO 639 code, such as en or az."))
    note = LongText(
        _("note"), blank=True, help_text=_("For example, that the page is a syndicated copy.")
    )

    searched = SpellingsField(of=("publisher", "title", "author"))

    objects = NaturalKeyManager.from_queryset(SourceQuerySet)()
    natural_key = key_of("slug")

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("publisher", "published_earliest", "slug")
        constraints = [
            PartialDateField.constraint("published"),
            rule("source_has_publisher", ~Q(publisher=""), _("A source needs a publisher.")),
            rule(
                "source_can_be_found",
                ~Q(url="") | ~Q(title=""),
                _("A source needs a URL or a title."),
            ),
            once(
                "source_address_once",
                ["url"],
                _("There is already a source with this URL. Choose that one."),
                ~Q(url=""),
            ),
        ]

    def __str__(self) -> str:
        """Return publisher and date, then the title, or the URL if there is no title."""
        url = self.url.partition("://")[2].removeprefix("www.").rstrip("/")
        return f"{self.origin}: {self.title or Truncator(url).chars(_MAX_URL_SHOWN)}"

    @property
    def origin(self) -> str:
        """Return who published it and when, as far as that is known."""
        published = in_words(self.published) if self.published else ""
        return ", ".join(filter(None, (self.publisher, published)))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a URL that differs from another source's only in tracking parameters or the fragment.

        The parameter `known` of the error is the other source.
        """
        super().clean()
        if not self.url or Source.objects.filter(pk=self.pk, url=self.url).exists():
            return
        known = Source.objects.exclude(pk=self.pk).of_page(self.url)
        if known is not None:
            sentence = _(
                "There is already a source with this URL: “%(name)s” (%(url)s). "
                "Choose that one: search for its title, publisher or URL."
            )
            told = {"name": known if known.title else known.origin, "url": known.url}
            error = ValidationError(sentence, code="unique", params={**told, "known": known})
            raise ValidationError({"url": error})

    def is_in_public(self) -> bool:
        """Whether a fact or an event of a published agreement rests on this source; up to two queries."""
        return any(
            rows.filter(agreement__publication=Publication.PUBLISHED).exists()
            for rows in (self.evidence, self.events)
        )

    def _free_slug(self) -> str:
        wanted = slugify(f"{self.publisher} {self.published or ''} {self.title}")[:100] or "source"
        taken = set(Source.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
        numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
        return next(slug for slug in (wanted, *numbered) if slug not in taken)


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def in_public(self) -> Self:
        """Leave out the evidence of relations, periods and commitments of agreements that show none of them.

        A footnote would tell that there are some.
        """
        shown = Agreement.objects.filter(pk=OuterRef("agreement"))
        published = Publication.PUBLISHED
        relations = Exists(shown.filter(relations_out__target__publication=published)) | Exists(
            shown.filter(relations_in__agreement__publication=published)
        )
        periods = Exists(shown.filter(periods__is_public=True))
        commitments = Exists(shown.filter(commitments__is_public=True))
        return self.filter(
            ~Q(fact__in=["relations", "periods", "commitments"])
            | Q(relations, fact="relations")
            | Q(periods, fact="periods")
            | Q(commitments, fact="commitments")
        )


class Evidence(Derives):
    """A fact of an agreement rests on a source, or on a document of this agreement, at a place in it.

    Of a document that is not public, the public learns only that there is one: neither title, place nor link.
    """

    agreement = of_agreement("evidence")
    fact = models.CharField(_("fact"), max_length=20, choices=evidence_choices)
    source = link(Source, "evidence", _("source"))
    document = models.ForeignKey(
        "Document",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("or document"),
        help_text=_(
            "One of this agreement's documents, instead of a source. Of one that is not public, the footnote says "
            "only “a document held by the register”."
        ),
    )
    locator = text(
        _("place in the source"), 200, _("Paragraph, page or article, such as “paragraph 9”.")
    )
    basis = code(
        _("basis"),
        Basis,
        Basis.STATED,
        _(
            "Stated: the source says so. Inferred: it follows from the source. Contradicted: the source says otherwise."
        ),
    )
    note = LongText(_("note"), blank=True, help_text=_("Shown to the public in the footnote."))

    searched = SpellingsField(of=("note",))

    objects = NaturalKeyManager.from_queryset(EvidenceQuerySet)()
    natural_key = key_of(
        "agreement.ref", "fact", "source.slug", "locator", after=("agreement", "source", "document")
    )

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("id",)
        constraints = [
            once(
                "evidence_once",
                ["agreement", "fact", "source", "locator"],
                _("This place in this source is already entered for the same fact."),
            ),
            once(
                "evidence_of_document_once",
                ["agreement", "fact", "document", "locator"],
                _("This place in this document is already entered for the same fact."),
            ),
            rule(
                "evidence_rests_on_one",
                Q(source__isnull=False, document__isnull=True)
                | Q(source__isnull=True, document__isnull=False),
                _("Choose either a source or one of the agreement's documents."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_fact_display()}: {self.source or self.document}"

    def clean(self) -> None:
        super().clean()
        if self.document and self.document.agreement_id != self.agreement_id:
            another = _(
                "This document belongs to another agreement. Choose one of this agreement's."
            )
            raise ValidationError({"document": another})
        if self._is_of_nothing() and not self._is_stored():
            void = _(
                "Nothing is entered for “%(fact)s” that evidence could support. Enter it, or leave this out."
            )
            raise ValidationError(void, params={"fact": self.get_fact_display()})

    def _is_of_nothing(self) -> bool:
        """Whether what its agreement says of the fact is that it is not known; rows may be about to be saved as well."""
        fact = next((each for each in FACTS if each.code == self.fact), None)
        agreement = getattr(self, "agreement", None)
        if fact is None or agreement is None or fact.rows or fact.is_computed:
            return False
        return not fact.is_given(agreement)

    def _is_stored(self) -> bool:
        return Evidence.objects.filter(pk=self.pk, fact=self.fact).exists()

    @property
    def is_on_hidden_document(self) -> bool:
        """Whether it rests on a document that the public may not see."""
        return self.document is not None and not self.document.is_public


@receiver([post_save, post_delete], sender=Evidence, dispatch_uid="evidence_changes_verification")
def _evidence_changed(instance: Evidence, **kwargs: object) -> None:
    Agreement.objects.filter(pk=instance.agreement_id).refresh_verification()


@receiver(post_save, sender=Source, dispatch_uid="publisher_changes_verification")
def _source_changed(instance: Source, created: bool, **kwargs: object) -> None:
    if not created:
        resting = Evidence.objects.filter(source=instance).values("agreement")
        Agreement.objects.filter(pk__in=resting).refresh_verification()
