"""How the pages of an import say where in its file something is."""

from django import template

from agreements.exchange.importing.readers import where
from agreements.models import Import

register = template.Library()


@register.filter
def row_of(number: int | str, run: Import) -> str:
    """Say which row of the import's file this number means, and of which sheet, if it reads several."""
    return where(int(number), run.survey.get("sheets"))
