"""Agreements that are not in the register yet, noted by title in a relation: saving makes a draft of each, a stub.

An amending protocol is often entered before the agreement that it amends. The stub holds the title and a note for
staff; somebody completes it later. A title that the register has names that agreement instead.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.screens import Context
from agreements.domain.choices import Kind
from agreements.models import Agreement
from agreements.models.columns import LONGEST_TITLE

STUB = "stub"


def known_by(title: str) -> Agreement | None:
    """Return the agreement with this title, in capitals or small letters; one query."""
    return Agreement.objects.filter(title__iexact=title).order_by("ref").first()


def noted(title: str, by: Agreement) -> Agreement:
    """Return the agreement with this title; a new draft if the register has none, which says where it was named."""
    note = _("Noted by title only, from %(ref)s, which names it. Complete it.") % {"ref": by.ref}
    known = known_by(title)
    return known or Agreement.objects.create(title=title, kind=Kind.OTHER, internal_notes=note)


class RelationForm(forms.ModelForm):
    """Takes the other agreement, or the title of one that is not in the register yet."""

    may_add = False

    stub = forms.CharField(
        label=gettext_lazy("Not in the register yet: its title"),
        required=False,
        max_length=LONGEST_TITLE,
        help_text=gettext_lazy("Saving notes it as a draft, to be completed later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].required = False

    def clean_stub(self) -> str:
        return " ".join(self.cleaned_data[STUB].split())

    def clean(self) -> Context:
        cleaned: Context = super().clean() or self.cleaned_data
        target, title = cleaned.get("target"), cleaned.get(STUB)
        if title and target and target != known_by(title):
            self.add_error(STUB, _("Choose the other agreement or type a title, not both."))
        elif title:
            cleaned["target"] = target or known_by(title)
            if cleaned["target"] is None and not self.may_add:
                self.add_error(STUB, _("Only editors can note an agreement. Ask one of them."))
        elif target is None and "target" not in self.errors:
            self.add_error("target", _("Choose the other agreement, or type its title."))
        return cleaned


class Stubs(forms.BaseInlineFormSet):
    """Makes the stubs when its rows are saved; mixed into the formset of the relations."""

    def clean(self) -> None:
        """Refuse the same relation to the same new title twice."""
        super().clean()
        seen = set()
        for form in self.forms:
            sent = getattr(form, "cleaned_data", {})
            title = sent.get(STUB)
            if not title or sent.get("DELETE"):
                continue
            said = (sent.get("kind"), title.casefold())
            if said in seen:
                sentence = _("“%(title)s” has this relation twice. Remove one of the rows.")
                raise ValidationError(sentence % {"title": title})
            seen.add(said)

    def save_new(self, form: Any, commit: bool = True) -> Any:
        self._note(form)
        return super().save_new(form, commit)

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> Any:
        self._note(form)
        return super().save_existing(form, obj, commit)

    def _note(self, form: Any) -> None:
        title = form.cleaned_data.get(STUB)
        if title and form.cleaned_data.get("target") is None:
            form.instance.target = noted(title, by=self.instance)
