"""The buttons for two similar records that are two things after all, and for two that may be one after all.

They stand in the notes of `likeness` and `party_likeness`, which mix `ApartButtons` in, store what a button says and
word what was done.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views.decorators.http import require_POST

from agreements.admin.saving import again_if_deadlocked, is_key
from agreements.admin.screens import Context, Screen
from agreements.curation.kept_apart import KeptApartError

# the buttons; their value is the id of the other record
APART = "apart"
TOGETHER = "together"


class ApartButtons(Screen):
    pages: ClassVar = {"apart": "likeness/<int:of>/apart/"}
    # what was done to `one` and `other`, by the button; and what is said if the other one is gone
    apart_words: ClassVar[dict[str, Promise]]
    other_is_gone: ClassVar[Promise]

    def keep_apart(self, request: HttpRequest, one: Any, other: Any) -> None:
        """Store that these are two; may raise `KeptApartError`."""
        raise NotImplementedError

    def join_again(self, request: HttpRequest, one: Any, other: Any) -> None:
        """Store that these may be one after all; may raise `KeptApartError`."""
        raise NotImplementedError

    def called(self, record: Any) -> str:
        """Return what a record is called in `apart_words`."""
        return str(record)

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        context["may_keep_apart"] = self.has_change_permission(request, shown)
        super().add_context(request, context, shown)

    @method_decorator(require_POST)
    def apart_view(self, request: HttpRequest, of: int) -> HttpResponse:
        """Keep this stored record and the one of the button apart, or no longer; return to its page."""
        record = self._record(of)
        if record is None:
            raise Http404
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        return again_if_deadlocked(request, lambda: self._pair(request, record))

    def _pair(self, request: HttpRequest, record: Model) -> HttpResponse:
        page = HttpResponseRedirect(self.url_of("change", record.pk))
        button = APART if APART in request.POST else TOGETHER
        key = request.POST.get(button, "")
        other = self._record(key) if is_key(key) else None
        if other is None or other == record:
            messages.error(request, str(self.other_is_gone))
            return page
        try:
            (self.keep_apart if button == APART else self.join_again)(request, record, other)
        except KeptApartError as refusal:
            messages.error(request, str(refusal))
            return page
        names = {"one": self.called(record), "other": self.called(other)}
        sentence = str(self.apart_words[button]) % names
        for each in (record, other):
            self.log_change(request, each, sentence)
        messages.success(request, sentence)
        return page

    def _record(self, key: int | str) -> Model | None:
        return self.model._default_manager.filter(pk=key).first()
