"""A brief as a Word file, from the register's own template or the one in `BRIEF_TEMPLATE`."""

from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Undefined
from jinja2.sandbox import SandboxedEnvironment

from agreements.briefs.brief import Brief
from agreements.briefs.shipped_template import shipped_template
from agreements.domain.plain_text import legible

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_file(brief: Brief) -> bytes:
    """Return the brief as a .docx file."""
    return rendered(template(), brief)


def template() -> bytes:
    """Return the template that is set, or the register's own."""
    path = settings.BRIEF_TEMPLATE
    return Path(path).read_bytes() if path else shipped_template()


def rendered(source: bytes, brief: Brief, *, is_strict: bool = False) -> bytes:
    """Return a template with its fields filled in; if `is_strict`, an unknown field is an error instead of empty.

    Raises what reading a broken file raises, and `jinja2.TemplateError`.
    """
    document = DocxTemplate(BytesIO(source))
    missing = StrictUndefined if is_strict else Undefined
    # sandboxed, so that a template reads the brief and nothing else; escaped, because titles may contain markup
    environment = SandboxedEnvironment(autoescape=True, undefined=missing)
    document.render(_legible(asdict(brief)), jinja_env=environment, autoescape=True)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _legible(value: Any) -> Any:
    """Return the value with every text in it made fit for XML."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {name: _legible(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_legible(each) for each in value]
    return value
