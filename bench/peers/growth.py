"""``python -m bench growth``: indexes of a thousand pieces to a million, ours and of some peers.

    python -m bench growth [PEER ...] [--sizes N ...] [--out FOLDER]

The pieces are made of real ones, vectors and all, as in ``bench.growth``; every peer is given the
same. Time to build is without the model; a search has it, since a question has to be embedded.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.figure import Figure

from bench.growth import Maker, bytes_of, real_texts, write_index
from bench.peers.environment import PEERS, UnavailableError, install, model_folder
from bench.peers.machine import about
from bench.peers.program import Installed, Program
from rag.index import Generation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OURS: Final = "ours"
_PEERS: Final = (_OURS, "langchain", "bm25s")
_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
_N_ASKED: Final = 100
_PLOT: Final = Path(__file__).parent.parent / "growth.png"
_RESULTS: Final = Path(__file__).parent.parent / "results"
_PANELS: Final = (
    ("build_seconds", "seconds to build", 1.0),
    ("query_p50_seconds", "milliseconds a question, p50", 1e3),
    ("peak_bytes", "MB of memory, searching", 1e-6),
)


@dataclass(frozen=True, slots=True)
class Grown:
    """An index of a size: how long it took to build, and what a search in it costs."""

    peer: str
    size: int
    build_seconds: float
    query_p50_seconds: float
    query_p95_seconds: float
    peak_bytes: int
    disk_bytes: int


def main(arguments: Sequence[str]) -> None:
    """Build and search each size; print a table and write a plot."""
    parser = argparse.ArgumentParser(prog="python -m bench growth")
    parser.add_argument("peers", nargs="*", metavar="PEER", default=_PEERS)
    parser.add_argument("--sizes", nargs="+", type=int, default=_SIZES)
    parser.add_argument("--out", type=Path, default=_RESULTS, help="folder of the results")
    asked = parser.parse_args(arguments)
    model = model_folder()
    peers = [Installed(name, install(name), model) for name in asked.peers]
    real, questions, _ = real_texts()
    machine = about()
    print(f"{machine['date']}, {machine['cpu']}, {machine['n_cores']} cores\n")
    print("| pieces | what | to build, s | query, ms, p50 | p95 | memory, MB | disk, MB |")
    print("|---|---|---|---|---|---|---|")
    grown: list[Grown] = []
    for size in asked.sizes:
        with TemporaryDirectory() as folder:
            given = Path(folder, "given")
            _write_pieces(given, real, size)
            for peer in peers:
                try:
                    one = _grow(peer, given, real, size, questions[:_N_ASKED])
                except UnavailableError as error:
                    print(f"| {size} | {PEERS[peer.name].title} | {error} |")
                    continue
                grown.append(one)
                print(_row(one), flush=True)
        _write(asked.out, machine, grown)  # after each size: the last takes as long as all others


def _write(folder: Path, machine: dict[str, Any], grown: Sequence[Grown]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    record = {"about": machine, "grown": [asdict(one) for one in grown]}
    (folder / "growth.json").write_text(json.dumps(record, indent=1), "utf-8")
    _plot(grown, _PLOT)


def _write_pieces(folder: Path, real: Generation, size: int) -> None:
    """Write what each peer is given: those pieces that ours has, and their vectors."""
    folder.mkdir()
    vectors = np.lib.format.open_memmap(
        folder / "vectors.npy", "w+", np.float16, (size, real.manifest.dimension)
    )
    row = 0
    with (folder / "pieces.jsonl").open("w", encoding="utf-8") as file:
        for content in Maker(real).documents(size):
            for chunk, own in zip(content.chunks, content.vectors, strict=True):
                record = {"text": chunk.text, "source": Path(chunk.path).name}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                if own is None:
                    raise AssertionError
                vectors[row] = own[0]
                row += 1


def _grow(
    peer: Installed, given: Path, real: Generation, size: int, questions: Sequence[str]
) -> Grown:
    with TemporaryDirectory(dir=given.parent) as folder:
        store = Path(folder)
        if peer.name == _OURS:
            started = time.perf_counter()
            write_index(store, real, size)
            seconds = time.perf_counter() - started
        else:
            with Program(peer, "load", given, store) as program:
                seconds = program.hear()["seconds"]
        disk_bytes = bytes_of(store)
        with Program(peer, "search", given, store) as program:
            program.search(questions[0])
            times = [program.search(question)["seconds"] for question in questions]
            peak_bytes = program.finish()["peak_bytes"]
        p50, p95 = (float(each) for each in np.percentile(times, (50, 95)))
        return Grown(peer.name, size, seconds, p50, p95, peak_bytes, disk_bytes)


def _row(one: Grown) -> str:
    return (
        f"| {one.size} | {PEERS[one.peer].title} | {one.build_seconds:.0f} "
        f"| {one.query_p50_seconds * 1e3:.1f} | {one.query_p95_seconds * 1e3:.1f} "
        f"| {one.peak_bytes / 1e6:.0f} | {one.disk_bytes / 1e6:.0f} |"
    )


def _plot(grown: Sequence[Grown], path: Path) -> None:
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    panels: Sequence[Axes] = figure.subplots(1, len(_PANELS))
    for axes, (field, label, factor) in zip(panels, _PANELS, strict=True):
        for peer in dict.fromkeys(one.peer for one in grown):
            own = [one for one in grown if one.peer == peer]
            values = [getattr(one, field) * factor for one in own]
            axes.loglog([one.size for one in own], values, marker="o", label=PEERS[peer].title)
        axes.set_xlabel("pieces")
        axes.set_title(label, fontsize=10)
        axes.grid(visible=True, which="major", alpha=0.3)
    panels[0].legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=110)
