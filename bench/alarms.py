"""Table 13: how often ordinary documents are taken for attacks.

The corpora of the repository and, where they are installed, Debian's manuals and pages in Spanish
(``apt-get install debian-reference-es manpages-es maint-guide-es debian-edu-doc-es``).
"""

from __future__ import annotations

import gzip
import html
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.corpora import ROOT, SHARED
from rag.hostile import find_signs, orders
from rag.split import sentence_spans

_DEBIAN = (
    "/usr/share/debian-reference",
    "/usr/share/doc/maint-guide-es",
    "/usr/share/doc/debian-edu-doc-es",
)
_CHUNK_CHARS = 1500  # about what a chunk of ours holds


def documents() -> dict[str, list[str]]:
    """Return the texts there are on this machine, by corpus."""
    plain = {
        "seeds": sorted([*(ROOT / "seeds").glob("*.md"), *(ROOT / "seeds").glob("*.txt")]),
        "shared seeds": sorted((SHARED / "seeds").glob("*.txt")),
    }
    texts = {name: [path.read_text("utf-8") for path in paths] for name, paths in plain.items()}
    manuals = [path for folder in _DEBIAN for path in sorted(Path(folder).rglob("*.es.html*"))]
    manuals += [
        path
        for folder in _DEBIAN
        for path in sorted(Path(folder).rglob("*.html"))
        if ".es." not in path.name and "-es" in str(path)
    ]
    texts["Debian manuals"] = [_from_html(_read(path)) for path in manuals]
    pages = sorted(Path("/usr/share/man/es").rglob("*.gz"))
    texts["manual pages"] = [_from_roff(_read(path)) for path in pages]
    return {name: found for name, found in texts.items() if found}


def _read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "replace")


def _from_html(text: str) -> str:
    text = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", text)
    text = re.sub(r"</(p|li|td|tr|h\d|dd|dt|pre|div)>", "\n\n", text)
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def _from_roff(text: str) -> str:
    lines = (re.sub(r"^\.\S+ ?", "", line) for line in text.splitlines() if line[:3] != '.\\"')
    return re.sub(
        r"\\f[A-Z]|\\[&-]|\\\(\w\w", lambda m: "-" if m[0] == "\\-" else "", "\n".join(lines)
    )


def chunks(text: str) -> Iterator[str]:
    """Cut a text at paragraphs, about as chunks are."""
    held = ""
    for paragraph in text.split("\n\n"):
        if held and len(held) + len(paragraph) > _CHUNK_CHARS:
            yield held
            held = ""
        held += paragraph + "\n\n"
    yield held


def main() -> None:
    """Print the table in Markdown; with ``-v`` what was taken for an attack."""
    print(
        "| corpus | sentences | taken for orders | parts withheld | warnings | "
        "per 10,000 sentences | ms a chunk |\n|---|---|---|---|---|---|---|"
    )
    for name, texts in documents().items():
        n_sentences = n_orders = n_withheld = n_warnings = n_chunks = 0
        seconds = 0.0
        for chunk in (chunk for text in texts for chunk in chunks(text)):
            sentences = [chunk[a:b] for a, b in sentence_spans(chunk)]
            n_sentences += len(sentences)
            started = time.perf_counter()
            signs = find_signs(chunk)
            seconds += time.perf_counter() - started
            n_chunks += 1
            n_orders += sum(map(orders, sentences))
            n_withheld += sum(sign.withholds for sign in signs)
            alarms = [sign for sign in signs if sign.warns]
            n_warnings += len(alarms)
            if "-v" in sys.argv:
                for sign in alarms:
                    said = " ".join(chunk[sign.start : sign.end].split())
                    print(f"    {name}: {sign.kind}: {said[:240]!r}")
        rate = 10_000 * n_warnings / n_sentences
        print(
            f"| {name} | {n_sentences} | {n_orders} | {n_withheld} | {n_warnings} | {rate:.1f} | "
            f"{1000 * seconds / n_chunks:.2f} |"
        )


if __name__ == "__main__":
    main()
