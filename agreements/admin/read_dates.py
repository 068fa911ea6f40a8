"""What a date means as it is typed: the page's script asks, and shows the answer beside the field.

Without the script the field shows the same words once the form was saved or came back.
"""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.admin.screens import Screen, viewers_only
from agreements.domain.partial_dates import PartialDate, PartialDateError, in_words, read

LONGEST_ASKED = 200


class ReadDates(Screen):
    pages: ClassVar = {"read_date": "read-date/"}

    @method_decorator(require_safe)
    @viewers_only
    def read_date_view(self, request: HttpRequest) -> HttpResponse:
        """Return, as JSON, the date typed in `date` in words, or why it cannot be read; both empty without a text."""
        typed = request.GET.get("date", "")[:LONGEST_ASKED].strip()
        try:
            return JsonResponse({"said": said_of(read(typed)) if typed else "", "refused": ""})
        except PartialDateError as refusal:
            return JsonResponse({"said": "", "refused": str(refusal)})


def said_of(date: PartialDate) -> str:
    """Return the date in words, with the weekday if it is one certain day."""
    if not date.is_exact:
        return in_words(date)
    said = {"weekday": date_format(date.earliest, "l"), "date": in_words(date)}
    return _("%(weekday)s, %(date)s") % said
