"""What the elements of HTML, and the names that pages give them, say of what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from rag.load.html.block import Region
from rag.load.html.tokens import Attribute

VOID: Final = frozenset(
    """
    area base basefont bgsound br col embed frame hr img input keygen link meta param source track
    wbr
    """.split()
)
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
BLOCKS: Final = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup html legend li listing main
    menu nav ol optgroup option p pre search section select summary table tbody td textarea tfoot
    th thead title tr ul
    """.split()
)
# Beside words without being part of one.
SPACED: Final = frozenset(("button", "label", "object"))

_ROWS: Final = frozenset(("tr", "tbody", "thead", "tfoot"))
# Which beginnings end a block that has no end tag.
ENDED_BY: Final[Mapping[str, frozenset[str]]] = {
    "p": BLOCKS,
    "li": frozenset(("li",)),
    **dict.fromkeys(("dt", "dd"), frozenset(("dt", "dd"))),
    **dict.fromkeys(HEADINGS, frozenset(HEADINGS)),
    **dict.fromkeys(("td", "th", "caption"), _ROWS | {"td", "th"}),
    "tr": _ROWS,
    **dict.fromkeys(("tbody", "thead", "tfoot"), _ROWS - {"tr"}),
    **dict.fromkeys(("option", "optgroup"), frozenset(("option", "optgroup"))),
    "head": frozenset(("body",)),
}

# What browsers do not show, or show only where something else fails.
UNSEEN: Final = frozenset(
    """
    annotation annotation-xml audio canvas datalist iframe math-annotation noembed noframes noscript
    rp rt script style svg template title video xmp
    """.split()
)
_UNSEEN_STYLE: Final = re.compile(
    r"display:none|visibility:hidden|(?:font-size|opacity):0(?![.\d]*[1-9])"
)
_SPACE: Final = re.compile(r"\s+")
# Beside a title or a line of code: a mark to link to it, its number.
_UNSEEN_CLASSES: Final = frozenset(
    "headerlink anchorjs-link anchor-link mw-editsection linenos lineno linenodiv gutter".split()
)

_ELEMENT_REGIONS: Final[Mapping[str, Region]] = {
    "nav": "menu",
    "search": "menu",
    "select": "menu",
    "header": "header",
    "footer": "edge",
    "aside": "edge",
    "main": "main",
    "article": "main",
}
_ROLE_REGIONS: Final[Mapping[str, Region]] = {
    **dict.fromkeys("navigation search menu menubar toolbar".split(), "menu"),
    **dict.fromkeys(("main", "article"), "main"),
    "banner": "header",
    **dict.fromkeys(("contentinfo", "complementary"), "edge"),
    **dict.fromkeys(("doc-toc", "directory"), "contents"),
}
# A class or an id is a name of boilerplate when each of its words is in one of these lists, and one
# of them in the first: «site-footer», «cookie_banner», but neither «with-sidebar» nor «menu-day».
_MENU_WORDS: Final = frozenset(
    """
    nav navbar navigation navigacion navegacion navheader navfooter menu menus submenu sidebar
    sphinxsidebar sphinxsidebarwrapper breadcrumb breadcrumbs migas cookie cookies related
    pagination pager skip skiplink prevnext
    """.split()
)
_EDGE_WORDS: Final = frozenset(("footer", "pie", "copyright"))
_CONTENTS_WORDS: Final = frozenset(("toc", "tableofcontents", "localtoc", "globaltoc"))
_FILLING_WORDS: Final = frozenset(
    """
    site page main global top bottom left right primary secondary mobile header bar banner notice
    consent container wrapper list links link inner outer area nav menu principal lateral superior
    inferior de pagina sitio posts articles news noticias entradas block box section content col
    column wrap ul items widgets widget
    """.split()
)
_WORD_END: Final = re.compile(r"[-_]+")


def is_hidden(name: str, found: Mapping[str, Attribute]) -> bool:
    """Say whether nobody who opens the page sees an element."""
    if name in UNSEEN or (name == "dialog" and "open" not in found):
        return True
    if not found or name in ("html", "body"):  # a program shows those once it has begun
        return False
    if "hidden" in found or ("aria-hidden" in found and found["aria-hidden"].value == "true"):
        return True
    if "style" in found and _UNSEEN_STYLE.search(_SPACE.sub("", found["style"].value).lower()):
        return True
    return "class" in found and not _UNSEEN_CLASSES.isdisjoint(found["class"].value.split())


def region_in(name: str, found: Mapping[str, Attribute], around: Region) -> Region:
    """Return what an element is of a page, given what the one around it is."""
    own = _ELEMENT_REGIONS.get(name)
    if found and name not in ("html", "body"):
        if "role" in found:
            own = _ROLE_REGIONS.get(found["role"].value.strip().lower(), own)
        if own is None or own in ("header", "edge"):
            own = _named_region(found) or own
    if own is None:
        return around
    if around == "main":  # an article has a header, a footer and asides of its own
        return around if own in ("header", "edge") else own
    if around == "body" or own == "main":
        return own
    return own if own == "menu" and around in ("header", "edge") else around


def _named_region(found: Mapping[str, Attribute]) -> Region | None:
    """Return what the class or the id of an element says that it is."""
    for attribute in ("class", "id"):
        if attribute not in found:
            continue
        for name in found[attribute].value.lower().split()[:20]:
            words = set(_WORD_END.split(name.strip("-_")))
            for region, telling in _REGION_WORDS:
                if not telling.isdisjoint(words) and words <= telling | _FILLING_WORDS:
                    return region
    return None


_REGION_WORDS: Final[tuple[tuple[Region, frozenset[str]], ...]] = (
    ("menu", _MENU_WORDS),
    ("edge", _EDGE_WORDS),
    ("contents", _CONTENTS_WORDS),
)
