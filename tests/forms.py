"""Reads the forms on a page and returns what a browser without JavaScript would send for them."""

from html.parser import HTMLParser

from django.http import HttpResponse


class _Forms(HTMLParser):
    """Collects the fields of every form whose method is POST, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._form: dict[str, list[str]] | None = None
        self._textarea: str | None = None
        self._select: str | None = None
        self._chosen: list[str] = []
        self._first_option: str | None = None
        self._is_multiple = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form" and (has.get("method") or "").lower() == "post":
            self._form = {}
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(has)
        elif tag == "textarea":
            self._textarea = has.get("name")
            self._add(self._textarea, "")
        elif tag == "select":
            self._select, self._chosen, self._first_option = has.get("name"), [], None
            self._is_multiple = "multiple" in has
        elif tag == "option" and self._select:
            value = has.get("value") or ""
            self._first_option = value if self._first_option is None else self._first_option
            self._chosen += [value] if "selected" in has else []

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            # the first line break belongs to the page
            self._form[self._textarea][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._textarea and self._form is not None:
            text = self._form[self._textarea][-1]
            self._form[self._textarea][-1] = text.removeprefix("\r").removeprefix("\n")
            self._textarea = None
        elif tag == "select" and self._select:
            shown = [] if self._is_multiple or self._first_option is None else [self._first_option]
            for value in self._chosen or shown:
                self._add(self._select, value)
            self._select = None

    def _input(self, has: dict[str, str | None]) -> None:
        kind = (has.get("type") or "text").lower()
        if kind in ("submit", "button", "image", "file") or "disabled" in has:
            return
        if kind in ("checkbox", "radio"):
            if "checked" in has:
                self._add(has.get("name"), has.get("value") or "on")
            return
        self._add(has.get("name"), has.get("value") or "")

    def _add(self, name: str | None, value: str) -> None:
        if name and self._form is not None:
            self._form.setdefault(name, []).append(value)


def filled_in(response: HttpResponse, holding: str) -> dict[str, list[str]]:
    """Return the data of the form that contains a field with this name, as the page fills it in."""
    parser = _Forms()
    parser.feed(response.content.decode())
    [found] = [form for form in parser.forms if holding in form]
    return {
        name: values
        for name, values in found.items()
        if name != "csrfmiddlewaretoken" and "__prefix__" not in name
    }
