"""The blocks of a page that are what it says, without those that lead through its site.

To leave out content is worse than to keep a menu: what is left out calls itself boilerplate, or is
nothing but links at the beginning or the end; and if little would be left, nothing is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from rag.load.html.block import Block, Region

_MIN_SHARE: Final = 0.05  # of the words of a page, which are content
_MIN_MAIN_SHARE: Final = 0.75  # of the content, which the main element or the articles must have
_MIN_LINK_SHARE: Final = 0.8  # of the characters of a block that only leads elsewhere
_MAX_LINK_WORDS: Final = 15
_MIN_LINK_BLOCKS: Final = 2  # next to one another
_MIN_TEXT_SHARE: Final = 0.33  # of the content, which is no such links; with less, it is an index
_BOILERPLATE: Final[frozenset[Region]] = frozenset(("menu", "contents", "edge"))
_HEADER: Final[frozenset[Region]] = frozenset(("header",))


def content(blocks: Sequence[Block]) -> Sequence[Block]:
    """Choose the blocks that are content, as few as can be without losing any.

    Parameters
    ----------
    blocks
        Of a page, in order.
    """
    n_words = [_n_words(block) for block in blocks]
    left_out = _BOILERPLATE if _is_titled_in_header(blocks) else _BOILERPLATE | _HEADER
    outside = _without(left_out, blocks)
    chosen = _mainly(blocks, n_words, outside)
    text = _between_links(blocks, chosen)
    index = _without(left_out - {"contents"}, blocks)
    for kept, wanted in (
        (text, max(_MIN_SHARE * sum(n_words), _MIN_TEXT_SHARE * _sum(n_words, chosen))),
        (chosen, _MIN_SHARE * sum(n_words)),
        (index, _MIN_SHARE * sum(n_words)),
    ):
        if _sum(n_words, kept) > wanted:
            return [blocks[at] for at in kept]
    return blocks


def _without(regions: Collection[Region], blocks: Sequence[Block]) -> list[int]:
    return [at for at, block in enumerate(blocks) if block.region not in regions]


def _is_titled_in_header(blocks: Sequence[Block]) -> bool:
    """Say whether the only main title is in the header, which then is the beginning of the text."""
    regions = {block.region for block in blocks if block.level == 1}
    return "header" in regions and regions.isdisjoint(("body", "main"))


def _mainly(blocks: Sequence[Block], n_words: Sequence[int], outside: list[int]) -> list[int]:
    """Return what is in the main element or in articles, if that is most of it; else all."""
    main = [at for at in outside if blocks[at].region in ("main", "header")]
    is_most = _sum(n_words, main) > _MIN_MAIN_SHARE * _sum(n_words, outside)
    return main if is_most else outside


def _between_links(blocks: Sequence[Block], chosen: list[int]) -> list[int]:
    """Leave out the links at the beginning and at the end."""
    before = _leading_links(blocks, chosen)
    after = _leading_links(blocks, chosen[::-1])
    return [at for at in chosen if at not in before and at not in after]


def _leading_links(blocks: Sequence[Block], order: Sequence[int]) -> set[int]:
    """Return which blocks only lead elsewhere, until one that does not and is no title."""
    found: set[int] = set()
    for at in order:
        block = blocks[at]
        if _only_leads(block):
            found.add(at)
        elif block.level is None:
            break
    return found if len(found) >= _MIN_LINK_BLOCKS else set()


def _only_leads(block: Block) -> bool:
    n_chars = sum(map(len, block.text.removeprefix("- ").split()))
    return block.n_link_chars >= _MIN_LINK_SHARE * n_chars and _n_words(block) <= _MAX_LINK_WORDS


def _sum(n_words: Sequence[int], which: Iterable[int]) -> int:
    return sum(n_words[at] for at in which)


def _n_words(block: Block) -> int:
    return len(block.text.split())
