r"""The escapes of roff, as ``\fB``, ``\-``, ``\(bu``, ``\[u00F1]``, to the text they print."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NAME: Final = r"(?:\[[^\]\n]{0,64}\]|\(..|.)"
_ESCAPE: Final = re.compile(
    rf"""\\(?:
    (?P<comment>["\#].*)
    | \*(?P<accent>['`^~:,])(?P<accented>[a-zA-Z])
    | \*(?P<string>{_NAME})
    | (?P<set>[fFmMgkYVn])[+-]?{_NAME}
    | s(?:\[[^\]\n]{{0,64}}\]|\([+-]?..|[+-]?'[^'\n]{{0,200}}'|[+-]?(?:[1-3]\d|\d))
    | o(?P<over>'(?:[^'\\\n]|\\.){{0,20}}'|"[^"\n]{{0,200}}")
    | N'(?P<number>\d+)'
    | h(?P<space>'[^'\n]{{0,200}}')
    | [vwlLbDxXZRACSHB](?:'[^'\n]{{0,200}}'|"[^"\n]{{0,200}}")
    | \$(?:[*@]|{_NAME})
    | (?P<special>\[[^\]\n]{{1,64}}\]|\(..)
    | '(?P<acute>[aeiouAEIOU])
    | z(?P<kept>.)
    | (?P<sign>.)
    | \Z)""",
    re.VERBOSE,
)
_SIGNS: Final = MappingProxyType(
    {"e": "\\", "\\": "\\", " ": " ", "~": " ", "0": " ", "t": "\t", "-": "-", "E": "\\"}
    | dict.fromkeys("&,/|^%:{}cduprakz!?)", "")
)
_COMBINING: Final = MappingProxyType(
    {"'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", ":": "\u0308", ",": "\u0327"}
)
_GREEK: Final = str.maketrans(
    "abgdezyhiklmncoprstufxqwABGDEZYHIKLMNCOPRSTUFXQW",
    "αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
)
_SPECIALS: Final = MappingProxyType(
    {
        name: sign
        for name, _, sign in (
            pair.rpartition("=")
            for pair in """
        aq=' cq=’ oq=‘ lq=“ rq=” dq=" Bq=„ bq=‚ Fo=« Fc=» fo=‹ fc=› bu=• ci=○ sq=□ co=© rg=® tm=™
        em=— en=– hy=- mi=- pl=+ mu=× di=÷ de=° +-=± t+-=± ha=^ ti=~ rs=\\ sl=/ ga=` aa=´ ac=¸ ul=_
        or=| ba=| bv=| br=│ bb=¦ lB=[ rB=] lC={ rC=} la=⟨ ra=⟩ <==≤ >==≥ !==≠ ===≡ ~==≅ ap=~ no=¬
        ->=→ <-=← <>=↔ ua=↑ da=↓ if=∞ is=∫ pd=∂ sr=√ r!=¡ r?=¿ Of=ª Om=º ss=ß ae=æ AE=Æ oe=œ OE=Œ
        /o=ø /O=Ø oa=å oA=Å 12=½ 14=¼ 34=¾ S1=¹ S2=² S3=³ sc=§ ps=¶ dg=† dd=‡ ct=¢ Po=£ Ye=¥ Eu=€
        eu=€ Do=$ at=@ sh=# OK=✓ pc=· md=⋅ fm=′ sd=″ .i=ı -D=Ð Sd=ð Tp=þ TP=Þ Cs=¤ mc=µ ru=_ lh=☜
        rh=☞ ff=ff fi=fi fl=fl
        """.split()
        )
    }
)
# Those of the macro packages, and of pages that Perl's documentation was made into.
STRINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"lq": "“", "rq": "”", 'L"': "“", 'R"': "”", "Aq": "'", "C`": "“", "C'": "”", "R": "®"}
    | {"Tm": "™", "--": "–", "PI": "π", "Lq": "“", "Rq": "”", "Le": "≤", "Ge": "≥", "Ne": "≠"}
)


def unescaped(text: str, strings: Mapping[str, str] = STRINGS) -> str:  # noqa: C901
    r"""Return what a line prints, without fonts, sizes and comments.

    Parameters
    ----------
    strings
        What ``\*(xx`` stands for, as it is printed.
    """
    if "\\" not in text:
        return text

    def printed(match: re.Match[str]) -> str:
        kind = match.lastgroup
        found = match[kind] if kind else ""
        match kind:
            case "sign":
                return _SIGNS.get(found, found)
            case "string":
                return strings.get(_bare(found), "")
            case "special":
                return _special(_bare(found))
            case "accented":
                return _composed(found, match["accent"])
            case "acute":
                return _composed(found, "'")
            case "over":
                return _overstruck(found[1:-1])
            case "number":
                return _character(int(found[:7]))
            case "kept":
                return found
            case "space":
                return " " if found[1:2].isdigit() else ""
        return ""

    return _ESCAPE.sub(printed, text)


def _bare(name: str) -> str:
    """Return a name without the sign that says where it ends."""
    if name.startswith("["):
        return name[1:-1]
    return name[1:] if name.startswith("(") and len(name) > 1 else name


def _special(name: str) -> str:
    if name in _SPECIALS:
        return _SPECIALS[name]
    if len(name) == 2:  # «'a» is «á», «*a» is «α»
        if name[0] in _COMBINING:
            return _composed(name[1], name[0])
        if name[0] == "*":
            return name[1].translate(_GREEK)
    if found := re.fullmatch(r"u([0-9A-Fa-f]{4,6}(?:_[0-9A-Fa-f]{4,6})*)", name):
        signs = "".join(_character(int(each, 16)) for each in found[1].split("_"))
        return unicodedata.normalize("NFC", signs)
    if found := re.fullmatch(r"char(\d{1,3})", name):
        return _character(int(found[1]))
    base, _, accent = name.partition(" ")  # «[a aa]», «[e u0301]»
    mark = {"aa": "'", "ga": "`", "a^": "^", "a~": "~", "ad": ":", "ac": ","}.get(accent, "")
    return _composed(base, mark) if mark and len(base) == 1 else ""


def _character(code: int) -> str:
    is_one = 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_one else ""


def _composed(letter: str, accent: str) -> str:
    return unicodedata.normalize("NFC", letter + _COMBINING[accent])


def _overstruck(signs: str) -> str:
    """Return what signs printed one upon the other show: «a» and «´» an «á», else the first."""
    signs = re.sub(r"\\\(aa|\\'|\\\[aa\]", "'", signs)
    signs = re.sub(r"\\\(ga|\\`|\\\[ga\]", "`", signs)
    if len(signs) == 2 and signs[1] in _COMBINING and signs[0].isalpha():
        return _composed(signs[0], signs[1])
    if len(signs) == 2 and signs[0] in _COMBINING and signs[1].isalpha():
        return _composed(signs[1], signs[0])
    return signs[:1]
