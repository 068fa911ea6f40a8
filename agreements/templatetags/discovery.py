"""Tags for the head of a page: what search engines and link previews read."""

from django import template
from django.http import QueryDict
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from agreements.domain.urls import permanent

register = template.Library()


@register.simple_tag(takes_context=True)
def page_url(context: template.Context) -> str:
    """Return the canonical URL of the page: full, without blanks, defaults and tracking parameters."""
    selection, page = context.get("selection"), context.get("page_obj")
    query = QueryDict(selection.canonical_query if selection else "", mutable=True)
    # the path of a portfolio already names its row
    query.pop(getattr(context.get("view"), "parameter", ""), None)
    if wanted := context.get("wanted"):
        query["q"] = wanted
    if page and page.number > 1:
        query["page"] = str(page.number)
    path: str = context["request"].path
    return permanent(f"{path}?{query.urlencode()}" if query else path)


@register.simple_tag
def card_url() -> str:
    """Return the full URL of the image for link previews."""
    return permanent(static("img/card.png"))


@register.simple_tag(takes_context=True)
def block_again(context: template.Context, name: str) -> SafeString:
    """Repeat a block of the page on one line, because a template may define a block only once."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return mark_safe(" ".join(block.render_annotated(context).split()))  # noqa: S308 - the block has escaped it
