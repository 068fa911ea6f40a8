"""What the codes of the register mean, for people whose scripts use its data.

The data page prints it as the data dictionary; the agreement's page takes its sentence on verification from here.
Labels come from `choices`; this module adds only what a label cannot say.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from agreements.domain import choices
from agreements.domain.declarations import Text
from agreements.domain.facts import EvidenceCode


class Code(NamedTuple):
    code: str
    label: Text
    meaning: Text


class Vocabulary:
    """A fixed set of codes, where they occur, and the meaning of each code, unless the labels explain themselves."""

    def __init__(
        self, name: Text, codes_of: type[TextChoices], where: Text, **meanings: Text
    ) -> None:
        self.name, self.codes_of, self.where, self.meanings = name, codes_of, where, meanings

    @property
    def slug(self) -> str:
        return f"codes-{self.codes_of.__name__.lower()}"

    def __iter__(self) -> Iterator[Code]:
        return (Code(code.value, code.label, self.meanings.get(code, "")) for code in self.codes_of)


VERIFICATION = Vocabulary(
    _("Verification"),
    choices.Verification,
    _("Computed from the evidence; the parameter verification, the column verification."),
    unverified=_("No source is recorded for it yet: treat it as a lead, not as a fact."),
    single_source=_("Everything recorded about it comes from one publisher."),
    corroborated=_("Two or more publishers support it."),
    document_seen=_("The signed text or a certified copy of it can be read here."),
)

VOCABULARIES = (
    Vocabulary(
        _("Status"),
        choices.Status,
        _(
            "Computed for a day from the stage and the dates; the parameter status, the column status."
        ),
        proposed=_("Proposed; nothing has been concluded."),
        negotiation=_("Being negotiated, or concluded with a date of signature still to come."),
        signed=_("Concluded; its entry into force is still to come or not known."),
        provisionally_applied=_("Applied provisionally until it enters into force."),
        in_force=_("It has entered into force and has not ended."),
        suspended=_("Its operation is suspended for a time."),
        expired=_("The last day of its term has passed, or the next period has not begun."),
        terminated=_("It was ended before its term was over, or had no set term."),
        superseded=_("A later agreement has replaced it."),
        abandoned=_("Given up before it was concluded."),
        not_yet_concluded=_(
            "Of a past day: certainly concluded later. Only a selection that asks for this code has it."
        ),
        undetermined=_("Of a past day: the known dates cannot say where it stood."),
    ),
    Vocabulary(
        _("Stage"),
        choices.Stage,
        _("Stated by an editor; the column stage. Together with the dates it gives the status."),
        proposed=_("Suggested or put forward."),
        negotiation=_("The text is being negotiated."),
        concluded=_("Signed, or agreed in another form."),
        abandoned=_("Given up before it was concluded."),
    ),
    Vocabulary(
        _("Kind"), choices.Kind, _("What the parties call it; the parameter kind, the column kind.")
    ),
    Vocabulary(
        _("Legal nature"),
        choices.LegalNature,
        _("The parameter legal_nature, the column legal_nature. Never inferred from the title."),
        binding=_("The parties meant to be legally bound."),
        non_binding=_("The parties did not mean to be legally bound."),
        unclear=_("Somebody looked into it and could not tell."),
        not_assessed=_("Nobody has looked into it."),
    ),
    VERIFICATION,
    Vocabulary(
        _("Certainty"),
        choices.Certainty,
        _("How a partly known date is compared with a period; the parameter certainty."),
        possible=_("The date and the period overlap. This is the default."),
        certain=_("Every possible day of the date lies in the period."),
    ),
    Vocabulary(
        _("Basis of a fact"),
        choices.Basis,
        _("In the footnotes of an agreement's page."),
        stated=_("The source says so."),
        inferred=_("We infer it from what the source says."),
        contradicted=_("The source says otherwise."),
    ),
    Vocabulary(
        _("Role"),
        choices.Role,
        _("In the column parties, in square brackets after the name; a name alone is a party."),
    ),
    Vocabulary(
        _("As what a party takes part"),
        choices.Takes,
        _("Computed for a day; takes_part_as in participations.csv and in the JSON."),
        takes_part=_("It has no dates or consent of its own, so those of the agreement apply."),
        bound=_("The agreement is in force for it."),
        provisional=_("It applies the agreement before that is in force for it."),
        consented=_("It has ratified, acceded or consented in another form."),
        signatory=_(
            "It has signed and has not consented to be bound, or has taken its consent back."
        ),
        not_yet=_("It took part only later."),
        former=_("Its last day is over: it withdrew, or the agreement was not prolonged for it."),
    ),
    Vocabulary(
        _("Consent to be bound"),
        choices.Consent,
        _("How a party consented; consent in participations.csv and in the JSON."),
    ),
    Vocabulary(
        _("Why it ended for a party"),
        choices.Ended,
        _("ended_by in participations.csv and in the JSON."),
    ),
    Vocabulary(
        _("Term"),
        choices.TermKind,
        _("On an agreement's page."),
        fixed=_("It ends after some years, months or days, or on a given day."),
        indefinite=_("It says that it has no end."),
        automatic_renewal=_("It is renewed for further periods until a party gives notice."),
        unknown=_("How long it lasts is not known."),
    ),
    Vocabulary(
        _("Bilateral or multilateral"),
        choices.Plurality,
        _("In the column plurality and the filter of that name."),
        bilateral=_("Between two parties, or so a source says."),
        multilateral=_("Between three parties or more, or so a source says."),
    ),
    Vocabulary(
        _("Text"),
        choices.TextAvailability,
        _("text_availability in JSON; on an agreement's page."),
        public=_("Anyone can read it, here or elsewhere."),
        confidential=_("The parties are known to keep it to themselves."),
        not_found=_("Somebody looked for it and did not find it."),
        unknown=_("Nobody has recorded whether it can be read."),
    ),
    Vocabulary(
        _("Status of a text"),
        choices.TextStatus,
        _("Of each language in the JSON; on an agreement's page."),
        authentic=_("The parties agreed on the text in this language."),
        translation=_("Translated from an authentic text."),
        unknown=_("Nobody has recorded which of the two it is."),
    ),
    Vocabulary(_("Kind of party"), choices.PartyKind, _("On the pages of the parties.")),
    Vocabulary(_("Kind of name"), choices.NameKind, _("On the pages of the parties.")),
    Vocabulary(
        _("Kind of period"),
        choices.PeriodKind,
        _("On an agreement's page and in its JSON."),
        renewal=_("In force again, from its first to its last day."),
        extension=_("A new end: later, or earlier if an amendment brings it forward."),
        suspension=_("Its operation is suspended."),
        provisional_application=_("Applied before it has entered into force."),
    ),
    Vocabulary(_("Kind of event"), choices.EventKind, _("In the timeline of an agreement.")),
    Vocabulary(
        _("Kind of relation"),
        choices.RelationKind,
        _("Between two agreements, and shown on the pages of both."),
    ),
    Vocabulary(_("Kind of document"), choices.DocumentKind, _("On an agreement's page.")),
    Vocabulary(_("Progress of a commitment"), choices.Progress, _("On an agreement's page.")),
    Vocabulary(_("Fact"), EvidenceCode, _("What a footnote supports, on an agreement's page.")),
    Vocabulary(
        _("Publication"),
        choices.Publication,
        _("Set by staff. Pages and files contain only published records."),
    ),
)


def verification_in_words(code: str) -> str:
    """Return a sentence on what this level of verification means."""
    return str(VERIFICATION.meanings[code])
