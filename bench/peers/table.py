"""The figures of a run, as JSON with every turn, and as tables in Markdown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bench.peers.environment import PEERS
from bench.peers.measure import Habits, Measured

_NONE = "—"
_QUIET = 0.15  # of a core, that a machine takes for itself


@dataclass(slots=True)
class Ran:
    """What a run has measured so far.

    Attributes
    ----------
    about
        The machine, the date and the commit.
    sets
        By name, how much each set of documents holds: documents, bytes, tokens, questions.
    versions
        Of the packages of each peer.
    failures
        Of peers that could not be installed, why.
    measured
        By set, then by peer.
    """

    about: dict[str, Any]
    sets: dict[str, dict[str, int]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    measured: dict[str, dict[str, Measured]] = field(default_factory=dict)
    habits: dict[str, Habits] = field(default_factory=dict)


def as_json(ran: Ran) -> dict[str, Any]:
    """Return every figure, those of the table and what they were made of."""
    record = asdict(ran)
    for name, peers in ran.measured.items():
        for peer, measured in peers.items():
            record["measured"][name][peer]["figures"] = figures(measured, ran.sets[name]["tokens"])
    return record


def figures(measured: Measured, n_tokens: int) -> dict[str, float | None]:
    """Return what a row of the first table shows, in seconds, bytes and shares."""
    seconds = _median(measured.index_seconds)
    return {
        "hit@1": measured.share(1),
        "hit@5": measured.share(5),
        "mrr@10": measured.mean_reciprocal_rank(),
        "evidence@1": measured.evidence_share(1),
        "evidence@3": measured.evidence_share(3),
        "found_chars": measured.found_chars,
        "index_seconds": seconds,
        "tokens_per_second": None if seconds is None else n_tokens / seconds,
        "query_p50_seconds": _percentile(measured.query_seconds, 50),
        "query_p95_seconds": _percentile(measured.query_seconds, 95),
        "start_seconds": _median(measured.start_seconds),
        "peak_bytes": measured.peak_bytes,
        "disk_bytes": measured.disk_bytes,
    }


def as_markdown(ran: Ran) -> str:
    """Return the tables, what could not be measured, and with what the rest was."""
    parts = [_heading(ran)]
    parts += [_quality(ran, name) for name in ran.measured]
    if ran.habits:
        parts.append(_habits(ran))
    parts.append(_notes(ran))
    return "\n\n".join(filter(None, parts)) + "\n"


def _heading(ran: Ran) -> str:
    about = ran.about
    changed = ", with changes" if about["is_changed"] else ""
    return (
        f"{about['date']}, {about['cpu']}, {about['n_cores']} cores, "
        f"{about['memory_bytes'] / 1e9:.0f} GB, Python {about['python']}, "
        f"commit {about['commit'][:10]}{changed}"
    )


def _quality(ran: Ran, name: str) -> str:
    held = ran.sets[name]
    lines = [
        f"{name}: {held['documents']} documents, {held['bytes'] / 1e6:.2f} MB, {held['tokens']} "
        f"tokens, {held['questions']} questions",
        "",
        "| what | hit@1 | hit@5 | MRR@10 | evidence@1 | @3 | characters found | index, s "
        "| tokens/s | query, ms, p50 | p95 | start to first result, s | memory, MB | disk, MB |",
        "|" + "---|" * 14,
    ]
    for peer, measured in ran.measured[name].items():
        row = figures(measured, held["tokens"])
        cells = [
            *(_number(row[key], 3) for key in ("hit@1", "hit@5", "mrr@10")),
            *(_number(row[key], 3) for key in ("evidence@1", "evidence@3")),
            _number(row["found_chars"]),
            _number(row["index_seconds"], 1),
            _number(row["tokens_per_second"]),
            _number(row["query_p50_seconds"], 1, 1e3),
            _number(row["query_p95_seconds"], 1, 1e3),
            _number(row["start_seconds"], 2),
            _number(row["peak_bytes"], 0, 1e-6),
            _number(row["disk_bytes"], 1, 1e-6),
        ]
        lines.append(f"| {PEERS[peer].title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _habits(ran: Ran) -> str:
    lines = [
        "| what | nothing changed, indexed again, s | deleted file gone | latin-1 read "
        "| killed while indexing, still answers |",
        "|---|---|---|---|---|",
    ]
    for peer, habits in ran.habits.items():
        survived = _NONE
        if habits.n_survived is not None:
            survived = f"{habits.n_survived} of {habits.n_killed}"
        lines.append(
            f"| {PEERS[peer].title} | {_number(habits.again_seconds, 1)} "
            f"| {_yes(habits.deleted_is_gone)} | {_yes(habits.latin_1_is_read)} | {survived} |"
        )
    return "\n".join(lines)


def _notes(ran: Ran) -> str:
    """Tell what is missing of the tables and why, and the versions."""
    said = [f"{PEERS[peer].title}: {reason}" for peer, reason in ran.failures.items()]
    for name, peers in ran.measured.items():
        for peer, measured in peers.items():
            if measured.error:
                said.append(f"{PEERS[peer].title}, {name}: {measured.error}")
            others = max([*measured.others_indexing, measured.others_searching or 0.0])
            if others > _QUIET:
                said.append(
                    f"{PEERS[peer].title}, {name}: not quiet, other programs kept {others:.1f} "
                    "cores busy: the times of this row are not to be believed"
                )
    for peer, habits in ran.habits.items():
        for what, reason in habits.errors.items():
            said.append(f"{PEERS[peer].title}, {what}: {reason}")
    for peer, versions in ran.versions.items():
        shown = ", ".join(f"{package} {version}" for package, version in versions.items())
        said.append(f"{PEERS[peer].title}: {shown}")
    return "\n".join(f"- {line}" for line in said)


def _number(value: float | None, digits: int = 0, factor: float = 1.0) -> str:
    return _NONE if value is None else f"{value * factor:.{digits}f}"


def _yes(value: object) -> str:
    return _NONE if value is None else "yes" if value else "no"


def _median(values: list[float]) -> float | None:
    return float(np.median(values)) if values else None


def _percentile(values: list[float], at: int) -> float | None:
    return float(np.percentile(values, at)) if values else None
