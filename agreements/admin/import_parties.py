"""The page of an import on which staff say what the unknown names of parties mean.

Every name may be one of the parties offered, any other of the register, a new one, several parties, or no party at all.
`agreements.exchange.importing.answers` says how an import stores that.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_countries import countries

from agreements.admin.entry import in_full
from agreements.admin.import_steps import PARTIES, TITLES, steps
from agreements.admin.saving import is_key
from agreements.admin.screens import Screen
from agreements.domain.choices import ImportState, ImportWork, PartyKind
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing import answers, working
from agreements.exchange.importing.answers import (
    LONGEST_NAME,
    MOST_PARTS,
    Answer,
    Existing,
    New,
    Nothing,
    Parts,
)
from agreements.exchange.importing.names import country_of, key_of
from agreements.exchange.importing.readers import where
from agreements.exchange.importing.reconciling import PartyBook, Unknown
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.exchange.importing.report import ANSWERED
from agreements.exchange.importing.statements import Named
from agreements.models import Import, Party
from agreements.security import security_log
from agreements.security.people import logged_in

NAMES_A_PAGE = 25
# how many names the preview shows, and a message that tells of them
FEW_NAMES = 10
OTHER, MAKE, SEVERAL, NOTHING, SAME = "other", "make", "several", "nothing", "same"
_MOST_TYPED = 300
# a party as the page's suggestions write it: its name, and its id, which decides
_WITH_ID = re.compile(r".*\[(\d+)\]|(\d+)", re.DOTALL)
_KINDS = [("", _("Choose a kind")), *PartyKind.choices]


class Asked:
    """A name that the page asks about: a line of `importing.report`, with the stored answer."""

    def __init__(
        self, line: Mapping[str, Any], stored: Mapping[str, Any], sheets: Sequence[str]
    ) -> None:
        self.line, self.sheets = line, sheets
        self.key: str = line["key"]
        self.name: str = line["name"]
        self.offered: list[list[Any]] = line["offered"]
        self.answer = answers.read(stored.get(self.key))
        self.like: Asked | None = None

    @property
    def prefix(self) -> str:
        """What begins the names of its fields, whatever other names the page shows."""
        return "n" + hashlib.sha256(self.key.encode()).hexdigest()[:12]

    @property
    def new(self) -> New:
        """A new party with this name, as the file describes it."""
        return New(**self.line["new"])

    @property
    def if_new(self) -> str:
        """What a new party would be, as the file or its name says."""
        kind = PartyKind(self.new.kind).label if self.new.kind else ""
        country = countries.name(self.new.country) if self.new.country else ""
        return ", ".join(filter(None, [str(kind), country]))

    @property
    def where(self) -> str:
        """The number of places in the file, and the first rows."""
        rows, count = self.line["rows"], self.line["count"]
        told = ", ".join(where(row, self.sheets) for row in rows) + (
            ", …" if count > len(rows) else ""
        )
        sentence = ngettext("%(n)d time, in row %(rows)s", "%(n)d times, in rows %(rows)s", count)
        return sentence % {"n": count, "rows": told}

    @property
    def other_spellings(self) -> list[str]:
        return [each for each in self.line["spellings"] if each != self.name]


def asked_about(run: Import) -> list[Asked]:
    """Return the names that nobody has answered, those like each other together, and then the answered ones."""
    answered = [line["asked"] for line in run.notes if line["kind"] == ANSWERED]
    sheets = run.survey.get("sheets", ())
    asked = {
        line["key"]: Asked(line, run.answers, sheets) for line in (*run.unknown_parties, *answered)
    }
    for one in asked.values():
        one.like = asked.get(one.line.get("like", ""))
    return list(asked.values())


class Register:
    """The parties of the register, read once when the first answer names one."""

    @cached_property
    def book(self) -> PartyBook:
        return PartyBook()

    def chosen(self, typed: str) -> Existing:
        """Return the party of this name or id. Raises `ValidationError` with what to do."""
        found = _WITH_ID.fullmatch(typed)
        key = next(filter(None, found.groups()), "") if found else ""
        if is_key(key) and int(key) in self.book.parties:
            return Existing(int(key))
        meant = self.book.find(Named(typed))
        if isinstance(meant, int):
            return Existing(meant)
        offered = meant.offered if isinstance(meant, Unknown) else ()
        shown = ", ".join(f"{self._in_full(each)} [{each}]" for each, _name in offered)
        names = {"name": quoted(typed), "names": shown}
        if isinstance(meant, Unknown) and meant.is_ambiguous and shown:
            sentence = _(
                "Several parties have the name “%(name)s”. Type the number of the one you mean: %(names)s."
            )
        elif shown:
            sentence = _(
                "No party has the name “%(name)s”. If it is one of these, type its number: %(names)s."
            )
        else:
            sentence = _("No party has the name “%(name)s”. Correct it, or choose “A new party”.")
        raise forms.ValidationError(sentence % names)

    def _in_full(self, key: int) -> str:
        return in_full(self.book.parties[key])

    def refuse_known(self, new: New) -> None:
        """Raise `ValidationError` if the register has a party of this name in this country."""
        for key, party in self.book.parties.items():
            if key_of(party.name) == key_of(new.name) and str(party.country or "") == new.country:
                sentence = _("The register already has %(party)s. Choose it, or change the name.")
                shown = f"“{party.name}” [{key}]"
                raise forms.ValidationError(sentence % {"party": shown})


class NameForm(forms.Form):
    """What one name means."""

    choice = forms.ChoiceField(label=_("It means"), required=False, widget=forms.RadioSelect)
    other = forms.CharField(
        label=_("Name or number of the party"), required=False, max_length=_MOST_TYPED
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=_MOST_TYPED)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_KINDS)
    country = forms.CharField(
        label=_("Country"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "import-countries", "autocomplete": "off"}),
    )
    parts = forms.CharField(
        label=_("Parties, each on a line of its own"),
        required=False,
        max_length=MOST_PARTS * (LONGEST_NAME + 2),
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40}),
    )
    # the choice that the page showed: what somebody else has chosen since is not taken back by a name left alone
    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, asked: Asked, data: QueryDict | None, *, names: Mapping[int, str], may_make: bool
    ) -> None:
        """`names` are those of the parties that answers name, by id."""
        self.asked = asked
        self.may_make = may_make
        self.register = Register()
        self.answer: Answer | None = None
        super().__init__(data, prefix=asked.prefix, initial=self._initial(names))
        choice: Any = self.fields["choice"]
        choice.choices = list(self._choices())

    def _choices(self) -> Iterator[tuple[str, Any]]:
        yield "", _("Not answered")
        for key, name in self.asked.offered:
            yield str(key), name
        if self.asked.like:
            yield SAME, format_lazy(_("The same as “{name}”"), name=self.asked.like.name)
        yield OTHER, _("Another party of the register")
        if self.may_make:
            yield MAKE, _("A new party")
        yield SEVERAL, _("Several parties")
        yield NOTHING, _("Nothing: leave this name out")

    def _initial(self, names: Mapping[int, str]) -> dict[str, Any]:
        asked = self.asked
        new, choice, more = asked.new, "", {}
        match asked.answer:
            case Existing(key):
                offered = {each for each, _name in asked.offered}
                choice = str(key) if key in offered else OTHER
                more = {"other": f"{names.get(key, '')} [{key}]".strip()}
            case New() as described:
                new, choice = described if described.name else new, MAKE
            case Parts(parts):
                choice, more = SEVERAL, {"parts": "\n".join(parts)}
            case Nothing():
                choice = NOTHING
        country = str(countries.name(new.country)) if new.country else ""
        return {
            "choice": choice,
            "was": choice,
            "name": new.name,
            "kind": new.kind,
            "country": country,
            "parts": "\n".join(asked.line["parts"]),
            **more,
        }

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        choice = said.get("choice", "")
        if not choice and said.get("other"):
            choice = OTHER
        match choice:
            case _ if self.errors:
                pass
            case "" | "same":
                pass
            case "other":
                self._told("other", lambda: self.register.chosen(said["other"]))
            case "make":
                self._told("name", self._made)
            case "several":
                names = tuple(
                    filter(None, (" ".join(x.split()) for x in said["parts"].splitlines()))
                )
                self._told("parts", lambda: Parts(tuple(dict.fromkeys(names))))
            case "nothing":
                self.answer = Nothing()
            case _:
                self.answer = Existing(int(choice))
        return said

    @property
    def is_same(self) -> bool:
        """Whether the name means the same as the one that it is like."""
        return bool(self.cleaned_data.get("choice") == SAME)

    def _made(self) -> New:
        said = self.cleaned_data
        typed = said["country"].strip()
        codes = {str(name).casefold(): code for code, name in countries}
        code = codes.get(typed.casefold()) or country_of(typed) or typed.upper()
        new = New(" ".join(said["name"].split()), said["kind"], code if typed else "")
        if not new.name:
            raise forms.ValidationError(_("Type the name of the new party."))
        if typed and code not in dict(countries):
            sentence = _("“%(country)s” is not a country. Choose one from the list.")
            raise forms.ValidationError(sentence % {"country": quoted(typed)})
        self.register.refuse_known(new)
        return new

    def _told(self, field: str, answer: Any) -> None:
        """Take this answer, or say at the field why it is none."""
        try:
            found = answer()
            if why := answers.why_wrong(found):
                raise forms.ValidationError(why)
            self.answer = found
        except forms.ValidationError as error:
            self.add_error(field, error)


class RestForm(forms.Form):
    """The kind of the new parties for all names that nobody has answered."""

    all_kind = forms.ChoiceField(
        label=_("Kind of all that are no countries"),
        required=False,
        choices=[("", _("as the file or each name says")), *PartyKind.choices],
    )


class ImportParties(Screen):
    """The page of unknown names."""

    pages = {"parties": "<int:pk>/parties/"}

    def parties_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what the unknown names mean; by POST, store the answers and preview again."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        screen: Any = self
        run: Import = screen.run_of(request, pk)
        working.settle(run, timezone.now())
        onward: HttpResponse = screen.onward(run)
        asked = asked_about(run)
        if run.work or run.state != ImportState.PREVIEWED or not asked:
            return onward
        page = Paginator(asked, NAMES_A_PAGE).get_page(request.GET.get("page"))
        may_make = request.user.has_perm("agreements.add_party")
        data = request.POST if request.method == "POST" else None
        name_forms = _name_forms(page, data, may_make=may_make)
        rest = RestForm(data if data and "all" in data else None)
        if data is not None:
            given = _given(name_forms, run)
            is_whole = all(form.is_valid() for form in name_forms if form.is_bound)
            if "all" in data and may_make and rest.is_valid():
                given |= _made_for(asked, given, rest.cleaned_data["all_kind"])
            elif "all" in data:
                is_whole = False
            if is_whole:
                return self._answered(request, run, asked, given, is_all="all" in data)
        return self.page(
            request,
            "import/parties",
            title=TITLES[PARTIES],
            run=run,
            steps=list(steps(run, PARTIES)),
            page=page,
            pages=page.paginator.get_elided_page_range(page.number),
            name_forms=name_forms,
            rest=rest if may_make else None,
            left=sum(one.answer is None for one in asked),
            countries=[name for _code, name in countries],
            forms=[*name_forms, rest],
            is_refused=any(form.errors for form in (*name_forms, rest)),
        )

    def _answered(
        self,
        request: HttpRequest,
        run: Import,
        asked: Sequence[Asked],
        given: dict[str, Answer | None],
        *,
        is_all: bool,
    ) -> HttpResponse:
        kept = {key: each for key, each in run.answers.items() if key not in given}
        stored = {**kept, **{key: answers.written(each) for key, each in given.items() if each}}
        left = [one.name for one in asked if one.key not in stored]
        screen: Any = self
        if stored == run.answers:
            # nobody has more to say: the preview tells what becomes of the rows with the names that are left
            self._tell_left(request, left if is_all else [])
            moved: HttpResponse = screen.moved(run)
            return moved
        try:
            by, at = logged_in(request), timezone.now()
            working.start(run, ImportWork.PREVIEW, by=by, at=at, answers=stored)
        except ImportRefusedError as error:
            security_log.note_refusal("import_refused", of=str(run), why=str(error))
            messages.error(request, str(error))
            return redirect(self.url_of("change", run.pk))
        self._tell_left(request, left if is_all else [])
        onward: HttpResponse = screen.onward(run)
        return onward

    def _tell_left(self, request: HttpRequest, left: Sequence[str]) -> None:
        """Say which names cannot be new parties as they are."""
        if left:
            told = ngettext(
                "%(n)d name cannot be a new party as it is: %(names)s. Answer it by itself.",
                "%(n)d names cannot be new parties as they are: %(names)s. Answer them one by one.",
                len(left),
            )
            names = ", ".join(f"“{quoted(name)}”" for name in left[:FEW_NAMES])
            more = ", …" if len(left) > FEW_NAMES else ""
            messages.warning(request, told % {"n": len(left), "names": names + more})


def _name_forms(page: Page, data: QueryDict | None, *, may_make: bool) -> list[NameForm]:
    """Return the forms of a page's names; one that the request says nothing about is not bound."""
    keys = {one.answer.key for one in page if isinstance(one.answer, Existing)}
    names = {party.pk: in_full(party) for party in Party.objects.filter(pk__in=keys)}
    made = []
    register = Register()
    for one in page:
        is_sent = data is not None and _is_chosen(data, one.prefix)
        form = NameForm(one, data if is_sent else None, names=names, may_make=may_make)
        form.register = register
        made.append(form)
    return made


def _is_chosen(data: QueryDict, prefix: str) -> bool:
    """Whether somebody has said something about a name, be it that its answer is taken back."""
    choice, was = data.get(f"{prefix}-choice"), data.get(f"{prefix}-was")
    if choice is None:
        return False
    is_typed = not choice and bool(data.get(f"{prefix}-other"))
    return choice != was or choice in (OTHER, MAKE, SEVERAL) or is_typed


def _given(name_forms: Sequence[NameForm], run: Import) -> dict[str, Answer | None]:
    """Return the answers that were sent, None for a name that is left open; one `same` as another takes its answer."""
    given: dict[str, Answer | None] = {}
    for form in name_forms:
        if not form.is_bound or not form.is_valid():
            continue
        key, like = form.asked.key, form.asked.like
        if form.is_same and like:
            same = given[like.key] if like.key in given else answers.read(run.answers.get(like.key))
            if same is None:
                sentence = _("Answer “%(name)s” first.") % {"name": like.name}
                form.add_error("choice", sentence)
            elif isinstance(same, New) and not same.name:
                same = like.new
            given[key] = same
        else:
            given[key] = form.answer
    return given


def _made_for(
    asked: Sequence[Asked], given: Mapping[str, Answer | None], kind: str
) -> dict[str, Answer | None]:
    """Return a new party of this kind for each name without an answer; a country stays what it is."""
    made: dict[str, Answer | None] = {}
    for one in asked:
        answer = given.get(one.key, one.answer)
        if answer is not None or one.line["is_ambiguous"]:
            continue
        new = one.new if one.new.country else New(one.new.name, kind or one.new.kind)
        if not answers.why_wrong(new):
            made[one.key] = new
    return made
