"""The macros of mdoc(7), which mark what words mean, to the words as they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_AROUND: Final = MappingProxyType(
    {"Op": "[]", "Oo": "[]", "Bq": "[]", "Bo": "[]", "Pq": "()", "Po": "()", "Aq": "<>", "Ao": "<>"}
    | {"Dq": "“”", "Do": "“”", "Sq": "‘’", "So": "‘’", "Ql": "''", "Qq": '""', "Qo": '""'}
    | {"Brq": "{}", "Bro": "{}"}
)
_CLOSERS: Final = MappingProxyType(
    {"Oc": "]", "Bc": "]", "Pc": ")", "Ac": ">", "Dc": "”", "Sc": "’", "Qc": '"', "Brc": "}"}
)
_PLAIN: Final = frozenset(
    """
    Ar Pa Li Em Sy Cm Ic Ev Va Vt Fa Ft Dv Er No An Ad Ms Mt Tn Sx Ns Nm Fl Xr Fn Lk Pf Cd In St
    Lb
    """.split()
)
_SYSTEMS: Final = MappingProxyType(
    {"Bx": "BSD", "Nx": "NetBSD", "Fx": "FreeBSD", "Ox": "OpenBSD", "Dx": "DragonFly", "Ux": "UNIX"}
    | {"At": "AT&T UNIX", "Bsx": "BSD/OS"}
)
_BOUNDARIES: Final = frozenset("Pp Lp Bl El It Bd Ed D1 Dl Rs Re".split())
_SILENT: Final = frozenset("Bl El Bd Ed Pp Lp Rs Re Dd Os Bk Ek Sm Rv Ex Tg Ta Nd".split())
_ATTACHED: Final = frozenset(". , ; : ) ] ? !".split())
_ATTACHING: Final = frozenset("( [".split())


@dataclass(slots=True)
class Mdoc:
    """What a page has said of itself, which later macros print again."""

    name: str = ""

    def knows(self, macro: str) -> bool:
        """Say whether a name is one of mdoc's macros."""
        return (
            macro in _PLAIN or macro in _AROUND or macro in _CLOSERS or macro in _SYSTEMS
            or macro in _BOUNDARIES or macro in _SILENT or macro.startswith("%")
        )  # fmt: skip

    def printed(self, macro: str, arguments: list[str]) -> tuple[bool, str]:
        """Return whether a macro begins a paragraph, and what it prints."""
        if macro == "Nm" and arguments and not self.name:
            self.name = arguments[0]
        if macro == "Nd":
            return False, f"- {' '.join(arguments)}"
        if macro in _SILENT:
            return macro in _BOUNDARIES, ""
        is_boundary = macro in _BOUNDARIES
        return is_boundary, self._line(arguments if is_boundary else [macro, *arguments])

    def _line(self, tokens: list[str]) -> str:  # noqa: C901 - a case each kind of macro
        """Print words among macros, as all but the first of a line may be."""
        printed: list[str] = []
        closers: list[str] = []
        is_near = True  # to what stands before: no space between them
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            word = token
            if token in _AROUND:
                opener, closer = tuple(_AROUND[token])
                if token.endswith(("q", "p", "l")):
                    closers.append(closer)
                printed.append(opener if is_near else f" {opener}")
                is_near = True
                continue
            if token in _CLOSERS:
                printed.append(_CLOSERS[token])
                is_near = False
                continue
            if token == "Ns":  # noqa: S105 - a macro: no space
                is_near = True
                continue
            if token in _PLAIN or (token.startswith("%") and len(token) == 2):
                word, at = self._word(token, tokens, at)
            elif token in _SYSTEMS:
                word = _SYSTEMS[token]
            if not word:
                continue
            if token in _ATTACHED:
                if at == len(tokens) and not is_near:  # after the brackets that this line opened
                    printed += reversed(closers)
                    closers = []
                is_near = True
            printed.append(word if is_near else f" {word}")
            is_near = token in _ATTACHING or token == "Pf"  # noqa: S105
        return "".join([*printed, *reversed(closers)])

    def _word(self, macro: str, tokens: list[str], at: int) -> tuple[str, int]:
        """Return the first word that a macro prints, and where its other words begin."""
        after = tokens[at] if at < len(tokens) else ""
        is_word = bool(after) and not self.knows(after) and after not in _ATTACHED
        if macro == "Nm":
            return (after, at + 1) if is_word else (self.name, at)
        if macro == "Fl":
            return (f"-{after}", at + 1) if is_word else ("-", at)
        if macro == "Ar" and not is_word:
            return "file ...", at
        if not is_word:
            return "", at
        following = tokens[at + 1] if at + 1 < len(tokens) else ""
        if macro == "Xr" and following[:1].isdigit():
            return f"{after}({following})", at + 2
        if macro == "Fn":
            inside = [each for each in tokens[at + 1 :] if each not in _ATTACHED]
            return f"{after}({', '.join(inside)})", at + 1 + len(inside)
        return after, at + 1
