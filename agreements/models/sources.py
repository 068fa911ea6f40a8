"""Where statements come from: sources, and the evidence that one field of one agreement rests on a source."""

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Basis, Publication
from agreements.domain.facts import evidence_choices
from agreements.domain.partial_dates import PartialDateField, in_words
from agreements.models.agreements import Agreement
from agreements.models.edit_tokens import Tokened
from agreements.models.querysets import TokenedQuerySet

_ADDRESS_SHOWN = 90
_HOW_ONE_CAME = re.compile(r"(utm_\w+|fbclid|gclid)(=.*)?")


def page_of(address: str) -> str:
    """Return the address without what readers bring along: campaigns, and the place on the page.

    A fragment that begins with a slash or an exclamation mark is the way within an application, and stays.
    """
    parts = urlsplit(address)
    asked = [each for each in parts.query.split("&") if each and not _HOW_ONE_CAME.fullmatch(each)]
    route = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit(
        (parts.scheme.lower(), parts.netloc.lower(), parts.path, "&".join(asked), route)
    )


def _already_there(known: "Source") -> ValidationError:
    """Return the refusal that names the source which has the address; it carries it as its parameter `known`."""
    sentence = _(
        "There is a source with this address already: “%(name)s” (%(address)s). "
        "Choose that one: its title, its publisher or its address finds it."
    )
    told = {"name": known if known.title else known.origin, "address": known.url}
    return ValidationError(sentence, code="unique", params={**told, "known": known})


class SourceManager(models.Manager.from_queryset(TokenedQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, slug: str) -> "Source":
        return self.get(slug=slug)


class Source(Tokened):
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        blank=True,
        help_text=_("Made from publisher and date if left empty."),
    )
    publisher = models.CharField(
        _("publisher"),
        max_length=200,
        help_text=_("The newspaper, ministry or register; two of them corroborate."),
    )
    title = models.CharField(_("title"), max_length=500, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    url = models.URLField(
        _("address"),
        max_length=1000,
        blank=True,
        help_text=_("The page itself, not the front page."),
    )
    published = PartialDateField(
        _("published"), blank=True, help_text=_("As far as the page says.")
    )
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
        help_text=_("The day on which somebody last read it."),
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("ISO 639 code, such as en or az.")
    )
    note = models.TextField(
        _("note"), blank=True, help_text=_("For instance, that the page is a syndicated copy.")
    )

    objects = SourceManager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ("publisher", "published_earliest", "slug")
        constraints = [
            PartialDateField.constraint("published"),
            models.CheckConstraint(
                name="source_has_publisher",
                condition=~Q(publisher=""),
                violation_error_message=_("A source needs a publisher."),
            ),
            models.CheckConstraint(
                name="source_can_be_found",
                condition=~Q(url="") | ~Q(title=""),
                violation_error_message=_("A source needs an address or a title to be found by."),
            ),
            models.UniqueConstraint(
                fields=["url"],
                condition=~Q(url=""),
                name="source_address_once",
                violation_error_message=_(
                    "There is a source with this address already. Choose that one."
                ),
            ),
        ]

    def __str__(self) -> str:
        """Return publisher and date, then the title by which it is told from others, or its address without one."""
        address = self.url.partition("://")[2].removeprefix("www.").rstrip("/")
        return f"{self.origin}: {self.title or Truncator(address).chars(_ADDRESS_SHOWN)}"

    @property
    def origin(self) -> str:
        """Return who published it and when, as far as that is known."""
        published = in_words(self.published) if self.published else ""
        return ", ".join(filter(None, (self.publisher, published)))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        """Refuse an address that is another source's but for what only says how somebody came to it."""
        super().clean()
        if not self.url or Source.objects.filter(pk=self.pk, url=self.url).exists():
            return
        page = page_of(self.url)
        bare = page.partition("?")[0].partition("#")[0]
        others = Source.objects.filter(url__istartswith=bare).exclude(pk=self.pk)
        known = next((each for each in others.iterator() if page_of(each.url) == page), None)
        if known is not None:
            raise ValidationError({"url": _already_there(known)})

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
        return (
            wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)
        )


class EvidenceManager(models.Manager["Evidence"]):
    def get_by_natural_key(self, ref: str, fact: str, source: str, locator: str) -> "Evidence":
        return self.get(agreement__ref=ref, fact=fact, source__slug=source, locator=locator)


class Evidence(models.Model):
    """This fact of this agreement rests on that source, at that place in it."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="evidence", verbose_name=_("agreement")
    )
    fact = models.CharField(_("fact"), max_length=20, choices=evidence_choices)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="evidence", verbose_name=_("source")
    )
    locator = models.CharField(
        _("place in the source"),
        max_length=200,
        blank=True,
        help_text=_("Paragraph, page or article, such as “paragraph 9”."),
    )
    basis = models.CharField(
        _("basis"),
        max_length=20,
        choices=Basis,
        default=Basis.STATED,
        help_text=_(
            "Stated: the source says it. Inferred: we conclude it. Contradicted: the source says otherwise."
        ),
    )
    note = models.TextField(
        _("note"), blank=True, help_text=_("Shown to the public in the footnote.")
    )

    objects = EvidenceManager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "fact", "source", "locator"],
                name="evidence_once",
                violation_error_message=_(
                    "This place of this source is entered for the same fact already."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_fact_display()}: {self.source}"

    def natural_key(self) -> tuple[str, str, str, str]:
        return (self.agreement.ref, self.fact, self.source.slug, self.locator)

    natural_key.dependencies = ["agreements.agreement", "agreements.source"]  # type: ignore[attr-defined]


@receiver([post_save, post_delete], sender=Evidence, dispatch_uid="evidence_changes_verification")
def _evidence_changed(instance: Evidence, **kwargs: Any) -> None:
    Agreement.objects.filter(pk=instance.agreement_id).refresh_derived()


@receiver(post_save, sender=Source, dispatch_uid="publisher_changes_verification")
def _source_changed(instance: Source, created: bool, **kwargs: Any) -> None:
    if not created:
        resting = Evidence.objects.filter(source=instance).values("agreement")
        Agreement.objects.filter(pk__in=resting).refresh_derived()
