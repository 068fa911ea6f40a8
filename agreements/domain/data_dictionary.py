"""What the codes of the register mean, for people who script against it.

The data page prints it as the data dictionary; the agreement's page takes its sentence on verification from here.
Labels come from `choices`; this module adds only what a label cannot say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.domain import choices
from agreements.domain.facts import EvidenceCode

Text = str | Promise


@dataclass(frozen=True)
class Code:
    code: str
    label: Text
    meaning: Text


@dataclass(frozen=True)
class Vocabulary:
    """A fixed set of codes, where they occur, and the meaning of those whose label does not explain them."""

    name: Text
    codes_of: type[TextChoices]
    where: Text
    meanings: Mapping[Any, Text] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return f"codes-{self.codes_of.__name__.lower()}"

    def __iter__(self) -> Iterator[Code]:
        return (Code(code.value, code.label, self.meanings.get(code, "")) for code in self.codes_of)


VERIFICATION = Vocabulary(
    _("Verification"),
    choices.Verification,
    _("Computed from the evidence; the parameter verification, the column verification."),
    {
        choices.Verification.UNVERIFIED: _(
            "No source is recorded for it yet: take it as a hint, not as a finding."
        ),
        choices.Verification.SINGLE_SOURCE: _("All that is recorded of it rests on one publisher."),
        choices.Verification.CORROBORATED: _("Two publishers or more support it."),
        choices.Verification.DOCUMENT_SEEN: _(
            "The signed text or a certified copy of it can be read here."
        ),
    },
)

VOCABULARIES = (
    Vocabulary(
        _("Status"),
        choices.Status,
        _(
            "Computed for a day from the stage and the dates; the parameter status, the column status."
        ),
        {
            choices.Status.PROPOSED: _("Spoken of or put forward; nothing is concluded."),
            choices.Status.NEGOTIATION: _(
                "Being negotiated, or concluded with a date of signature that is not reached."
            ),
            choices.Status.SIGNED: _(
                "Concluded; an entry into force is not reached or not known to us."
            ),
            choices.Status.IN_FORCE: _("Its entry into force is reached and no end of it is."),
            choices.Status.EXPIRED: _("The end by its own terms is reached."),
            choices.Status.TERMINATED: _("It was ended before or apart from its term."),
            choices.Status.SUPERSEDED: _("A later agreement took its place."),
            choices.Status.ABANDONED: _("Given up before it was concluded."),
        },
    ),
    Vocabulary(
        _("Stage"),
        choices.Stage,
        _("Stated by an editor; the column stage. What the dates add to it is the status."),
        {
            choices.Stage.PROPOSED: _("Spoken of or put forward."),
            choices.Stage.NEGOTIATION: _("The text is being worked on."),
            choices.Stage.CONCLUDED: _("Signed, or agreed in another form."),
            choices.Stage.ABANDONED: _("Given up before it was concluded."),
        },
    ),
    Vocabulary(
        _("Kind"),
        choices.Kind,
        _("What the parties call it; the parameter kind, the column kind."),
    ),
    Vocabulary(
        _("Legal nature"),
        choices.LegalNature,
        _("The parameter legal_nature, the column legal_nature. Never read off the title."),
        {
            choices.LegalNature.BINDING: _("The parties meant to be bound by law."),
            choices.LegalNature.NON_BINDING: _("The parties did not mean to be bound by law."),
            choices.LegalNature.UNCLEAR: _("Somebody looked into it and could not tell."),
            choices.LegalNature.NOT_ASSESSED: _("Nobody has looked into it."),
        },
    ),
    VERIFICATION,
    Vocabulary(
        _("Certainty"),
        choices.Certainty,
        _("How a date known in part meets a period; the parameter certainty."),
        {
            choices.Certainty.POSSIBLE: _("The date and the period overlap. This is the default."),
            choices.Certainty.CERTAIN: _("Every day that the date can be lies in the period."),
        },
    ),
    Vocabulary(
        _("Basis of a fact"),
        choices.Basis,
        _("In the footnotes of an agreement's page."),
        {
            choices.Basis.STATED: _("The source says it."),
            choices.Basis.INFERRED: _("We conclude it from what the source says."),
            choices.Basis.CONTRADICTED: _("The source says otherwise."),
        },
    ),
    Vocabulary(
        _("Role"),
        choices.Role,
        _("In the column parties, in square brackets after the name; nothing follows a party."),
    ),
    Vocabulary(
        _("Term"),
        choices.TermKind,
        _("On an agreement's page."),
        {
            choices.TermKind.FIXED: _("It ends after a number of months or on a named day."),
            choices.TermKind.INDEFINITE: _("It says that it has no end."),
            choices.TermKind.AUTOMATIC_RENEWAL: _(
                "It goes on for further periods until somebody gives notice."
            ),
            choices.TermKind.UNKNOWN: _("How long it lasts is not known to us."),
        },
    ),
    Vocabulary(_("Kind of party"), choices.PartyKind, _("On the pages of the parties.")),
    Vocabulary(_("Kind of name"), choices.NameKind, _("On the pages of the parties.")),
    Vocabulary(_("Kind of event"), choices.EventKind, _("In the timeline of an agreement.")),
    Vocabulary(
        _("Kind of relation"),
        choices.RelationKind,
        _("Between two agreements, and shown on both their pages."),
    ),
    Vocabulary(_("Kind of document"), choices.DocumentKind, _("On an agreement's page.")),
    Vocabulary(_("Progress of a commitment"), choices.Progress, _("On an agreement's page.")),
    Vocabulary(_("Fact"), EvidenceCode, _("What a footnote supports, on an agreement's page.")),
    Vocabulary(
        _("Publication"),
        choices.Publication,
        _("Kept by staff. Every page and file holds published records only."),
    ),
)


def verification_in_words(code: str) -> str:
    """Return a sentence on what this level of verification means."""
    return str(VERIFICATION.meanings[choices.Verification(code)])
