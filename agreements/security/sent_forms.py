"""What somebody sent in a form, kept to be offered again if it could not be saved, but never passwords or codes."""

from dataclasses import dataclass

from django.http import HttpRequest

# In the session: where a form waits to be sent again, packed and signed with this salt.
FIELD = "unsent"
SALT = "agreements.staff.accounts.unsent"


@dataclass(frozen=True)
class SentForm:
    """Its URL path, what was typed, and the files to choose again: the field and the name of each."""

    path: str
    fields: list[list[str]]
    files: list[list[str]]

    @classmethod
    def of(cls, request: HttpRequest) -> "SentForm | None":
        """Return what was posted; None if nothing was typed or it must not be kept."""
        fields = [[name, value] for name, values in request.POST.lists() for value in values]
        typed = [field for field in fields if field[0] != "csrfmiddlewaretoken"]
        if not typed or any(_is_secret(name) for name, _value in typed):
            return None
        files = [[name, file.name or ""] for name, files in request.FILES.lists() for file in files]
        return cls(request.get_full_path(), typed, files)

    @property
    def size(self) -> int:
        """The number of characters that were typed."""
        return sum(len(name) + len(value) for name, value in self.fields)


def _is_secret(name: str) -> bool:
    return name == "code" or "password" in name or "otp" in name
