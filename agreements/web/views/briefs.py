"""The brief of a party, or of any selection, as a page to print and as a Word file.

Visitors get the same brief, which is cached for all; staff who may see internal parts get the open commitments as well,
in an answer that no cache keeps.
"""

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from agreements.briefs.asking import LANGUAGES, Asked, path_of
from agreements.briefs.brief import Brief
from agreements.briefs.making import brief_of
from agreements.briefs.word import MEDIA_TYPE, word_file
from agreements.domain.permissions import may_see_internal
from agreements.exchange.exporting.file_names import disposition, stem
from agreements.models import Party
from agreements.web.views.agreement_files import refusal
from agreements.web.views.documents import FOR_STAFF
from agreements.web.views.errors import refused
from agreements.web.views.portfolios import moved_for_now


class BriefView(View):
    """What page and Word file share: the party, the parameters, and who may see what."""

    extension = ""

    def get(self, request: HttpRequest, slug: str = "") -> HttpResponse:
        party = self._party(slug) if slug else None
        if slug and party is None:
            return self._moved(slug)
        self.asked = Asked(request.GET, timezone.localdate(), party)
        if self.asked.problems:
            return self.refused()
        response = self.answer(brief_of(self.asked, may_see_internal=self.may_see_internal))
        patch_vary_headers(response, ["Cookie"])
        if self.may_see_internal:
            response["Cache-Control"] = FOR_STAFF
        return response

    @cached_property
    def may_see_internal(self) -> bool:
        return may_see_internal(self.request.user)

    def _party(self, slug: str) -> Party | None:
        return Party.objects.in_public().filter(slug=slug).first()

    def _moved(self, slug: str) -> HttpResponse:
        current = Party.objects.in_public().renamed([slug]).get(slug)
        if current is None or not Party.objects.in_public().filter(slug=current).exists():
            raise Http404
        return moved_for_now(path_of(Party(slug=current), self.extension), self.request)

    def refused(self) -> HttpResponse:
        raise NotImplementedError

    def answer(self, brief: Brief) -> HttpResponse:
        raise NotImplementedError


class BriefPageView(BriefView):
    """The brief in its own language, within a page in that of the site."""

    def refused(self) -> HttpResponse:
        return refused(self.request, [str(problem) for problem in self.asked.problems])

    def answer(self, brief: Brief) -> HttpResponse:
        with translation.override(brief.language):
            article = render_to_string("agreements/_brief.html", {"brief": brief})
        asked = self.asked
        context: dict[str, Any] = {
            "brief": brief,
            "article": article,
            "party": asked.party,
            "list_query": asked.selection.canonical_query,
            "word_url": f"{asked.path('docx')}?{asked.query_with()}".rstrip("?"),
            "languages": [
                (code, name, "" if code == asked.language else f"?{asked.query_with(lang=code)}")
                for code, name in LANGUAGES.items()
            ],
            "may_see_internal": self.may_see_internal,
            "other_copy": f"?{asked.query_with(internal='0' if brief.internal else '')}",
        }
        page = render_to_string("agreements/brief.html", context, self.request)
        return HttpResponse(page)


class BriefFileView(BriefView):
    extension = "docx"

    def refused(self) -> HttpResponse:
        return refusal(self.asked.problems)

    def answer(self, brief: Brief) -> HttpResponse:
        day = self.asked.selection.as_of
        name, plain = stem(brief.title, day), stem("brief", day)
        saved = disposition("attachment", f"{name}.docx", f"{plain}.docx")
        headers = {"Content-Disposition": saved}
        return HttpResponse(word_file(brief), content_type=MEDIA_TYPE, headers=headers)
