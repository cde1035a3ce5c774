"""The figures that have a word of their own: ``python -m bench WORD``."""

from __future__ import annotations

import argparse
from importlib import import_module

_WORDS = {"peers": "bench.peers.run", "growth": "bench.peers.growth"}


def main() -> None:
    """Hand what follows the word to the module that knows it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("word", choices=_WORDS, help="what to measure")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="its own: WORD --help")
    arguments = parser.parse_args()
    import_module(_WORDS[arguments.word]).main(arguments.rest)


if __name__ == "__main__":
    main()
