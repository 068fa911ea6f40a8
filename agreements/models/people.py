"""People who sign agreements, with every spelling of their names.

A signatory row keeps the name as the agreement has it; it may also say which person that is. A person is public only
while a published agreement says that they signed it.
"""

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Publication
from agreements.models.columns import Line, NaturalKeyManager, key_of, once, rule, text
from agreements.models.derived import Derives, SpellingsField
from agreements.models.parties import refuse_separator
from agreements.models.querysets import Renamed, has_name
from agreements.models.trees import FormerSlug, Slugged


class PersonQuerySet(Renamed):
    def named(self, text: str) -> "PersonQuerySet":
        """The people with a name that contains `text`; see `has_name`."""
        return self.filter(has_name(self.model, text))

    def in_public(self) -> "PersonQuerySet":
        """The people who signed a published agreement."""
        signatures = self.model._meta.get_field("signatures").related_model._default_manager
        published = signatures.filter(
            person=OuterRef("pk"), agreement__publication=Publication.PUBLISHED
        )
        return self.filter(Exists(published))


class FormerPersonSlug(FormerSlug):
    row = models.ForeignKey("Person", on_delete=models.CASCADE, related_name="former_slugs")

    class Meta:
        default_permissions = ()
        verbose_name = _("former slug of a person")
        verbose_name_plural = _("former slugs of people")


class Person(Derives, Slugged):
    slug = models.SlugField(
        _("slug"),
        max_length=120,
        unique=True,
        help_text=_("Used in URLs; do not change it once published."),
    )
    name = Line(
        _("name"),
        max_length=200,
        validators=[refuse_separator],
        help_text=_("As the person or their office writes it. Enter other spellings below."),
    )
    searched = SpellingsField(of=("name",))

    objects = NaturalKeyManager.from_queryset(PersonQuerySet)()
    natural_key = key_of("slug")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "slug")
        permissions = [("merge_person", "Can merge people")]
        indexes = [models.Index(fields=["name"])]
        constraints = [rule("person_has_name", ~models.Q(name=""), _("A person needs a name."))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agreements:person_detail", args=[self.slug])

    def is_in_public(self) -> bool:
        """Whether a published agreement says that this person signed it; one query."""
        return Person.objects.in_public().filter(pk=self.pk).exists()


class PersonName(Derives):
    """Another spelling of a person's name."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="names", verbose_name=_("person")
    )
    name = Line(_("name"), max_length=200)
    language = text(_("language"), 10, _("ISO 639 code, such as az, ru or uz."))
    note = text(_("note"), 255, _("Where or when this name was used."))
    searched = SpellingsField(of=("name",))

    objects = NaturalKeyManager["PersonName"]()
    natural_key = key_of("person.slug", "name", after=("person",))

    class Meta:
        verbose_name = _("other spelling")
        verbose_name_plural = _("other spellings")
        ordering = ("name",)
        constraints = [
            once("person_name_once", ["person", "name"], _("This person already has that name."))
        ]

    def __str__(self) -> str:
        return self.name
