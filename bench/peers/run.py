"""``python -m bench peers``: ours beside its peers, with the same weights and the same documents.

    python -m bench peers [PEER ...] [--corpus SET] [--turns N] [--questions N] [--out FOLDER]

Peers that compute vectors do it in float32, which is what they do with the weights of the hub; ours
does it in 8 bits, which is what it does.

To be run on a machine that does nothing else: how much others did meanwhile is told beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tokenizers import Tokenizer

from bench.peers.documents import Documents, names, read
from bench.peers.environment import PEERS, UnavailableError, install, model_folder, versions
from bench.peers.machine import about
from bench.peers.measure import Bench, Measured
from bench.peers.program import Installed
from bench.peers.table import Ran, as_json, as_markdown

_RESULTS: Final = Path(__file__).parent.parent / "results"


def main(arguments: Sequence[str]) -> None:
    """Measure, and write what was measured after every step, whatever becomes of the next."""
    asked = _parse(arguments)
    ran = Ran(about())
    file = asked.out / f"peers-{ran.about['date'].replace(':', '')}"
    peers = _install(asked.peers or list(PEERS), ran)
    for name in asked.corpus or names():
        documents = read(name).part(asked.documents, asked.questions)
        ran.sets[name] = _size(documents, peers[0].model)
        ran.measured[name] = {peer.name: Measured() for peer in peers}
        with TemporaryDirectory() as folder:
            _measure(Bench(documents, Path(folder)), peers, asked.turns, ran, file)
    print(as_markdown(ran))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench peers")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"of {', '.join(PEERS)}; all")
    parser.add_argument("--corpus", action="append", help="a set, and again for another one")
    parser.add_argument("--turns", type=int, default=3, help="times that each indexes")
    parser.add_argument("--questions", type=int, help="how many of them, drawn once")
    parser.add_argument("--documents", type=int, help="only the first ones")
    parser.add_argument("--out", type=Path, default=_RESULTS, help="folder of the results")
    asked = parser.parse_args(arguments)
    unknown = set(asked.peers) - set(PEERS)
    if unknown:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return asked


def _install(wanted: Sequence[str], ran: Ran) -> list[Installed]:
    model = model_folder()
    peers = []
    for name in wanted:
        _tell(f"{name}: environment")
        try:
            python = install(name)
        except UnavailableError as error:
            ran.failures[name] = str(error)
            continue
        ran.versions[name] = versions(name, python)
        peers.append(Installed(name, python, model))
    if not peers:
        raise SystemExit(as_markdown(ran))
    return peers


def _measure(bench: Bench, peers: Sequence[Installed], turns: int, ran: Ran, file: Path) -> None:
    name = bench.documents.name
    measured = ran.measured[name]
    for turn in range(1, turns + 1):  # all once, then again: the noise of the machine is shared
        for peer in peers:
            _tell(f"{name}, {peer.name}: indexing, {turn} of {turns}")
            bench.index(peer, measured[peer.name])
            _write(ran, file)
    for peer in peers:
        if measured[peer.name].error is None:
            _tell(f"{name}, {peer.name}: searching")
            bench.search(peer, measured[peer.name])
            _write(ran, file)
    if name == next(iter(ran.measured)):
        for peer in peers:
            if measured[peer.name].error is None:
                _tell(f"{name}, {peer.name}: changes and deaths")
                ran.habits[peer.name] = bench.habits(peer)
                _write(ran, file)


def _size(documents: Documents, model: Path) -> dict[str, int]:
    """Tell how much there is to index, in tokens of the model: of the texts alone, once each."""
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    texts = list(documents.texts.values())
    encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
    return {
        "documents": len(texts),
        "bytes": sum(len(text.encode()) for text in texts),
        "tokens": sum(len(each.ids) for each in encoded),
        "questions": len(documents.questions),
    }


def _write(ran: Ran, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(ran), ensure_ascii=False, indent=1)
    file.with_suffix(".json").write_text(text, "utf-8")
    file.with_suffix(".md").write_text(as_markdown(ran), "utf-8")


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
