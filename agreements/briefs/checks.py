"""The system check of an operator's own Word template: it is filled in once, before somebody needs it."""

from collections.abc import Iterator
from zipfile import BadZipFile

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from jinja2 import TemplateError

from agreements.briefs import words
from agreements.briefs.brief import (
    Brief,
    Figure,
    Line,
    Point,
    Points,
    Promise,
    Promises,
    Signing,
)

PRODUCTION = "production"


@register(PRODUCTION)
def brief_template_works(**kwargs: object) -> Iterator[CheckMessage]:
    """Error E023: the file in BRIEF_TEMPLATE must be a Word file whose fields the register knows."""
    if not settings.BRIEF_TEMPLATE:
        return
    # imported here because every command runs the checks, and few need to write Word files
    from agreements.briefs.word import rendered, template

    try:
        rendered(template(), sample(), is_strict=True)
    except (OSError, BadZipFile, KeyError, ValueError, TemplateError) as error:
        yield Error(
            f"BRIEF_TEMPLATE cannot be used: {error}",
            hint="Start from the register's own: manage.py write_brief_template brief.docx. "
            'docs/operating.md, "The Word template of briefs", lists the fields.',
            id="agreements.E023",
        )


def sample() -> Brief:
    """Return a made-up brief in which every field has a value, so that a template uses all its parts."""
    point = Point("Labour migration", "AGR-0001", "https://register.example/", "ends: 2027")
    promise = Promise("Exchange of experts", "AGR-0001", "due: 2026", "31 days late")
    return Brief(
        language="en",
        title="A and B",
        subtitle="Brief",
        day="30 November 2026",
        as_of="status as of 30 November 2026",
        internal="Internal",
        figures=(Figure("1", "agreement"),),
        points=(Points("Ending soon", (point,), "and 1 more"),),
        events=(point,),
        lines=(
            Line(
                "Labour", "Labour migration", "They exchange experts.", "AGR-0001",
                "https://register.example/", "2023", "2027", "In force", "in_force",
            ),
        ),
        notes=("A note.",),
        signings=(Signing("Labour migration", "AGR-0001", "https://register.example/", "2023", "N"),),
        commitments=(Promises("Open commitments", (promise,), "and 1 more"),),
        sources="They rest on 1 source.",
        url="https://register.example/",
        headings=words.headings(),
        is_long=False,
    )  # fmt: skip
