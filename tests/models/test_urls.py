"""URLs that people type or import lead somewhere and run nothing."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements.models import Document, Party, Source

FIELDS = [(Source, "url"), (Document, "address"), (Party, "website")]


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=lambda each: getattr(each, "__name__", ""))
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,<script>", "//evil.example", "/a/b"]
)
def test_what_is_no_address_of_a_page_is_refused(model: Any, name: str, url: str) -> None:
    field = model._meta.get_field(name)

    with pytest.raises(ValidationError):
        field.clean(url, model(**{name: url}))
    assert field.clean("https://register.example.org/a?b=c", model())
