"""What the head of a page tells search engines and those who share its address."""

from django import template
from django.http import QueryDict
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from agreements.domain.urls import permanent

register = template.Library()


@register.simple_tag(takes_context=True)
def page_address(context: template.Context) -> str:
    """Return the one full address of a page that may be reached by many: no blanks, defaults or trackers in it."""
    selection, page = context.get("selection"), context.get("page_obj")
    query = QueryDict(selection.canonical_query if selection else "", mutable=True)
    # what a portfolio is of, its path says already
    query.pop(getattr(context.get("view"), "parameter", ""), None)
    if wanted := context.get("wanted"):
        query["q"] = wanted
    if page and page.number > 1:
        query["page"] = str(page.number)
    path: str = context["request"].path
    return permanent(f"{path}?{query.urlencode()}" if query else path)


@register.simple_tag
def card_address() -> str:
    """Return the full address of the picture that stands for the register where its pages are shared."""
    return permanent(static("img/card.png"))


@register.simple_tag(takes_context=True)
def block_again(context: template.Context, name: str) -> SafeString:
    """Write a block of the page once more, on one line; a template may hold a block in one place only."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return mark_safe(" ".join(block.render_annotated(context).split()))  # noqa: S308 - the block has escaped it
