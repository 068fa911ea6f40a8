"""The languages in which the text of an agreement exists, and which of these texts counts."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import TextStatus
from agreements.domain.languages import language_tag
from agreements.models.columns import (
    LONGEST_TITLE,
    LongText,
    NaturalKeyManager,
    code,
    key_of,
    of_agreement,
    once,
    rule,
)


def refuse_unknown_form(tag: str) -> None:
    """Refuse what is not a language tag (BCP 47) in its usual writing."""
    if language_tag(tag) != tag:
        raise ValidationError(
            _("“%(tag)s” is not a language tag. Write one such as az, en, sr-Latn or zh-Hant."),
            code="language",
            params={"tag": tag[:40]},
        )


_PREVAILS_ONLY_IF_AUTHENTIC = _(
    "A translation cannot prevail. Choose “Authentic text”, or untick “prevails”."
)


class LanguageVersion(models.Model):
    """The text of an agreement in one language: authentic or a translation (Vienna Convention, article 33)."""

    agreement = of_agreement("languages")
    language = models.CharField(
        _("language"),
        max_length=35,
        validators=[refuse_unknown_form],
        help_text=_("Language tag (BCP 47), such as az, en, ru or sr-Latn."),
    )
    status = code(
        _("status of this text"),
        TextStatus,
        TextStatus.UNKNOWN,
        _("Authentic: the parties agreed on it, and the final clauses name its language."),
    )
    prevails = models.BooleanField(
        _("prevails"),
        default=False,
        help_text=_("The agreement says that this text decides if the authentic texts differ."),
    )
    title = LongText(
        _("title in this language"),
        max_length=LONGEST_TITLE,
        blank=True,
        help_text=_("Shown to the public."),
    )
    summary = LongText(
        _("summary in this language"), blank=True, help_text=_("Shown to the public.")
    )

    objects = NaturalKeyManager["LanguageVersion"]()
    natural_key = key_of("agreement.ref", "language", after=("agreement",))

    class Meta:
        verbose_name = _("language version")
        verbose_name_plural = _("language versions")
        # the codes of the status sort authentic texts before translations
        ordering = ("-prevails", "status", "language")
        constraints = [
            once(
                "language_version_once",
                ["agreement", "language"],
                _("This language is entered twice. Remove one of the two."),
            ),
            rule(
                "language_version_has_language",
                ~Q(language=""),
                _("A language version needs its language."),
            ),
            rule(
                "language_version_prevails_if_authentic",
                Q(prevails=False) | ~Q(status=TextStatus.TRANSLATION),
                _PREVAILS_ONLY_IF_AUTHENTIC,
            ),
        ]

    def __str__(self) -> str:
        return self.language

    def clean(self) -> None:
        """Refuse a translation that prevails, without a query: imports ask for many rows."""
        super().clean()
        if self.prevails and self.status == TextStatus.TRANSLATION:
            raise ValidationError({"prevails": _PREVAILS_ONLY_IF_AUTHENTIC})
