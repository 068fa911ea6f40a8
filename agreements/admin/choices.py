"""A field that two people changed, as the pages for conflicts and list edits show it: theirs, yours and the old value."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from agreements.admin.answers import TAKE, answer_of, typed_over
from agreements.admin.typed_forms import names_of, raw_of
from agreements.curation.edit_conflicts import FieldConflict, Typed, Unread, Who
from agreements.curation.history.states import Value
from agreements.curation.history.words import label, value_in_words

Values = Mapping[str, Value]


class LostFile:
    """A file to choose again: a browser does not send it twice."""

    def __init__(self, bound: BoundField, lost_file: str) -> None:
        self.bound, self.lost_file = bound, lost_file
        form: Any = bound.form
        self.column = form._meta.model._meta.get_field(bound.name)
        self.label = label(self.column)
        self.names = names_of(bound)


class Choice(LostFile):
    """A field to settle: three values in words, the input with yours, and what theirs would send.

    `form` has yours, `stored` theirs, None if the row was deleted. `base` and `theirs` are all values of the row; `base`
    is None if no base is known. `sent` is the name under which yours was sent, if it differs from that in `form`. If
    yours was edited although “Theirs” was ticked, the question is asked again with the reason.
    """

    def __init__(
        self,
        request: HttpRequest,
        conflict: FieldConflict,
        form: BaseForm,
        stored: BaseForm | None,
        *,
        base: Values | None,
        theirs: Values,
        sent: str = "",
    ) -> None:
        # clean it now: cleaning may lock rows, and the page is rendered after the transaction
        form.is_valid()
        bound = form[conflict.name]
        sent = sent or bound.html_name
        upload = request.FILES.get(sent) if isinstance(conflict.yours, Unread) else None
        super().__init__(bound, str(upload.name) if upload else "")
        self.take = bound.html_name
        self.has_base = base is not None
        self.base = value_in_words(self.column, conflict.base, base or {})
        self.theirs = value_in_words(self.column, conflict.theirs, theirs)
        self.yours = typed_in_words(self.column, conflict.yours)
        self.yours_sent = list(_sent_by(bound, bound))
        self.theirs_sent = list(_sent_by(stored[conflict.name], bound)) if stored else []
        self.answer = answer_of(request, TAKE, sent, _PRESELECTED[conflict.who])
        self.problem = ""
        if sent in typed_over(request):
            self.answer = ""
            self.problem = _(
                "%(field)s: you edited yours, but “Theirs” was ticked, so your edit would be lost. "
                "Tick “Yours” to save what you typed, or “Theirs” again to discard it."
            ) % {"field": self.label}


_PRESELECTED = {Who.BOTH: "", Who.THEY: "theirs", Who.YOU: "yours"}


def _sent_by(stored: BoundField, bound: BoundField) -> Iterator[tuple[str, str]]:
    """Yield what the field would send as `stored` shows it, under the names that it has in the form with yours."""
    for name, values in raw_of(stored).items():
        for value in values:
            yield bound.html_name + name.removeprefix(stored.html_name), value


def typed_in_words(column: Any, value: Typed) -> str:
    """Return a typed value in words; if it cannot be read, as it was typed."""
    return value.text if isinstance(value, Unread) else value_in_words(column, value, {})
