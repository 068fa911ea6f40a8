"""Several files chosen or dropped at once on an agreement's page: each becomes a document, or is refused with a reason.

`AgreementAdmin` mixes `DroppedDocuments` in, before `Versions`. Files pass the same checks as one chosen in a row. Kind,
title and language are guessed from the name, and nothing is public until somebody ticks it.
"""

import hashlib
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.admin.screens import Context, Screen
from agreements.domain.document_names import described
from agreements.models import Agreement, Document

# the name of the input
DROPPED = "dropped"
MOST_FILES = 20
_TOLD = "dropped_told"


class DroppedDocuments(Screen):
    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        context["may_drop"] = _may_drop(request)
        context["most_files"] = MOST_FILES
        super().add_context(request, context, shown)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """If nothing was saved, say that the files have to be chosen again: browsers do not keep them."""
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        names = [str(file.name) for file in request.FILES.getlist(DROPPED)]
        if names and request.method == "POST" and response.status_code in (200, 409):
            sentence = _("Nothing was saved yet. Choose these files again: %(files)s.")
            messages.warning(request, sentence % {"files": get_text_list(names, _("and"))})
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        files = request.FILES.getlist(DROPPED)
        if not files:
            return
        if not _may_drop(request):
            messages.error(request, _("You may not add documents, so the files were not kept."))
            return
        kept = [
            document
            for file in files[:MOST_FILES]
            if (document := _kept(request, form.instance, file))
        ]
        if kept:
            sentence = ngettext(
                "%(n)d document was added: %(titles)s. Check its kind and title.",
                "%(n)d documents were added: %(titles)s. Check their kinds and titles.",
                len(kept),
            )
            titles = get_text_list([f"“{each}”" for each in kept], _("and"))
            messages.success(request, sentence % {"n": len(kept), "titles": titles})
        for file in files[MOST_FILES:]:
            refused = _("At most %(most)d files can be added at once. Add this one afterwards.")
            _refuse(request, file, refused % {"most": MOST_FILES})


def _may_drop(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("agreements.add_document"))


def _kept(request: HttpRequest, agreement: Agreement, file: UploadedFile) -> Document | None:
    """Return the document made of this file; None if it is refused, with a message that says why."""
    guess = described(str(file.name))
    document = Document(
        agreement=agreement, file=file, kind=guess.kind, title=guess.title, language=guess.language
    )
    try:
        document.full_clean()
    except ValidationError as refusal:
        _refuse(request, file, " ".join(refusal.messages))
        return None
    same = agreement.documents.filter(sha256=_digest(document))
    if (known := same.first()) is not None:
        _refuse(
            request,
            file,
            _("The agreement already has this file, as “%(title)s”.") % {"title": known},
        )
        return None
    document.save()
    return document


def _digest(document: Document) -> str:
    digest = hashlib.sha256()
    for chunk in iter(partial(document.file.read, 1 << 20), b""):
        digest.update(chunk)
    document.file.seek(0)
    return digest.hexdigest()


def _refuse(request: HttpRequest, file: UploadedFile, why: str) -> None:
    messages.error(request, _("%(file)s was not added: %(why)s") % {"file": file.name, "why": why})
