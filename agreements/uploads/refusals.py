"""Why an uploaded file is refused, in sentences that a process without Django's settings can pass on."""

from typing import Any

from django.utils.translation import gettext


class ContentError(Exception):
    """The file is not accepted; the text says what is wrong with it and what to upload instead.

    `sentence` and the texts among `names` are marked with `gettext_noop`, and are translated when the error is shown.
    """

    def __init__(self, sentence: str, **names: Any) -> None:
        super().__init__(sentence, names)
        self.sentence = sentence
        self.names = names

    def __str__(self) -> str:
        names = {
            name: gettext(said) if said and isinstance(said, str) else said
            for name, said in self.names.items()
        }
        return gettext(self.sentence) % names


class ScannerError(ContentError):
    """The virus scanner gave no answer, so the file could not be checked."""
