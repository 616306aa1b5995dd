"""Time and memory of a training step and of inference against image size and against channels.

They should be linear in the pixels, without cliffs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from ..common.records import now, software
from .memory import available_bytes
from .peers import OURS, Peer, available
from .process import PeerFailed, PeerProcess
from .report import PACKAGES, processor
from .sizes import BASE, BATCH, DEPTH, EDGE, growth_name

SIZES = (64, 128, 256, 512, 1024, 2048)
CHANNELS = (8, 16, 32, 64, 128, 256)
CLIFF = 1.5
"""A step up in size may cost this many times what the numbers it adds explain."""


@dataclass(frozen=True)
class Point:
    """One measurement along 'size' or 'channels'.

    'size' is the edge of an image (U-Net base 16), 'channels' the base of the U-Net (images of 64x64).
    """

    peer: str
    axis: str
    value: int
    train: float
    inference: float
    added: int
    """Bytes that training added to the process."""

    @property
    def work(self) -> float:
        """What time should be proportional to: pixels.

        With channels it grows from linear (memory) to square (products).
        """
        return float(self.value**2)


def measure(peer: Peer, threads: int, axis: str, values: Sequence[int]) -> list[Point]:
    """Measure one peer, each case in a fresh process; a case that does not fit into memory ends the row."""
    points: list[Point] = []
    for value in values:
        expected = 5 * points[-1].added if points else 0
        if expected > available_bytes():
            print(f"{peer.name}, {axis} {value}: left out, it may need {expected / 2**30:.1f} GiB", flush=True)
            break
        process = PeerProcess(peer, threads)
        try:
            process.ask("prepare", case=growth_name(axis, value), tiny=False)
            times = {}
            for kind in ("inference", "train"):
                first = process.ask("time", kind=kind, calls=1, warm=1)["seconds"]
                calls = max(1, min(50, round(0.3 / first)))
                rounds = [process.ask("time", kind=kind, calls=calls, warm=0)["seconds"] for _ in range(3)]
                times[kind] = sorted(rounds)[1]
            memory = process.ask("memory")
        except PeerFailed as failed:
            print(failed, flush=True)
            break
        finally:
            process.close()
        points.append(
            Point(peer.key, axis, value, times["train"], times["inference"], memory["peak"] - memory["before"])
        )
        print(
            (
                f"{peer.name}, {axis} {value}: step {times['train'] * 1e3:.2f} ms, inference "
                f"{times['inference'] * 1e3:.2f} ms, {points[-1].added / 2**20:.0f} MiB"
            ),
            flush=True,
        )
    return points


def cliffs(points: Sequence[Point]) -> list[str]:
    """Return where time or memory of a training step grows by more than the larger size explains."""
    found = []
    for before, after in pairwise(points):
        factor = after.work / before.work
        for what in ("train", "inference", "added"):
            grown = getattr(after, what) / max(getattr(before, what), 1e-9)
            if grown > CLIFF * factor:
                found.append(
                    f"{after.peer}, {after.axis} {before.value} to {after.value}: {what} grows {grown:.1f} times, "
                    f"{factor:g} were expected"
                )
    return found


def main(folder: Path, threads: int, keys: Sequence[str], *, tiny: bool = False) -> int:
    """Measure, print, and write the record and the picture; return 1 when this library has a cliff."""
    peers, notes = available(keys or [OURS.key, "torch-cl"])
    for note in notes:
        print(note)
    axes = {"size": (8, 16), "channels": (2, 4)} if tiny else {"size": SIZES, "channels": CHANNELS}
    points = [
        point for axis, values in axes.items() for peer in peers for point in measure(peer, threads, axis, values)
    ]
    steps: list[str] = []
    for axis in axes:
        steps += cliffs([p for p in points if p.peer == OURS.key and p.axis == axis])
    for text in steps:
        print(f"cliff: {text}")
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{now()[:10]}-cpu-growth"
    content = {
        "date": now(), "processor": processor(), "threads": threads, "software": software(PACKAGES), "cliffs": steps,
        "network": f"U-Net depth {DEPTH}, batch {BATCH}; base {BASE} along size, images {EDGE}x{EDGE} along channels",
        "points": [asdict(p) for p in points],
    }  # fmt: skip
    (folder / f"{stem}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draw(points, processor(), threads, folder / f"{stem}.png")
    print(f"wrote {folder / stem}.json and .png")
    return 1 if steps else 0


def draw(points: Sequence[Point], title: str, threads: int, path: Path) -> None:
    """Draw time and memory along both axes.

    A dotted line shows what is proportional to the pixels, or to the square of the channels.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 9), layout="constrained")
    panels = figure.subplots(3, 2)
    kinds = (
        ("train", 1e3, "training step, ms"),
        ("inference", 1e3, "inference, ms"),
        ("added", 2**-20, "memory of training, MiB"),
    )
    for column, axis in enumerate(("size", "channels")):
        for row, (what, factor, label) in enumerate(kinds):
            axes = panels[row][column]
            for key in dict.fromkeys(point.peer for point in points):
                line = [point for point in points if point.peer == key and point.axis == axis]
                if line:
                    xs, ys = [p.value for p in line], [getattr(p, what) * factor for p in line]
                    axes.plot(xs, ys, marker="o", label=key)
                    axes.plot(
                        xs, [ys[-1] * p.work / line[-1].work for p in line], color="grey", linestyle=":", linewidth=0.8
                    )
            axes.set_xscale("log", base=2)
            axes.set_yscale("log")
            axes.set_xlabel("height = width" if axis == "size" else "channels of the first level")
            axes.set_ylabel(label)
    panels[0][0].legend(fontsize=8)
    figure.suptitle(f"{title}, {threads} threads; dotted: in proportion to the square", fontsize=10)
    figure.savefig(path, dpi=120)
