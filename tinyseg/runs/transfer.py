"""How much earlier learning is worth: mean IoU against the number of labelled images, by three ways to begin."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.datasets import SegmentationBatches
from tinyseg.datasets.batches import SampleSource
from tinyseg.models import Model
from tinyseg.utils.files import atomic_path, read_table
from tinyseg.utils.random import set_random_seed
from tinyseg.utils.types import JsonObject
from tinyseg.visualization import plot_transfer, save_figure

from .encoded import preparation
from .evaluation import evaluate_samples
from .folder import read_json, write_json
from .settings import Settings, build_model, compile_model
from .training import RunData

WAYS = ("from scratch", "frozen", "fine-tuned")
COLUMNS = ("labels", "way", "seed", "mean_iou")
Begin = Callable[[Model, str], None]
"""Gives a fresh model what was learnt before, as a way has it."""


@dataclass(frozen=True)
class TransferPlan:
    """What a study tries.

    Attributes:
        labels: Numbers of labelled images.
        seeds: Of the choice of images, the order and the fresh parameters.
        steps: Updates of each training, whatever the number of images: few images are seen more often.

    Example:
        >>> from tinyseg.runs import TransferPlan
        >>> len(list(TransferPlan(labels=(5, 50), seeds=3, steps=100).cases()))
        18
    """

    labels: tuple[int, ...] = (5, 10, 20, 50, 100, 200, 500)
    seeds: int = 3
    steps: int = 400

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not self.labels or min(self.labels) < 1 or self.seeds < 1 or self.steps < 1:
            raise InvalidInput(
                f"transfer study: expected numbers of labelled images, seeds and steps of at least 1, got {self}"
            )

    def cases(self) -> Iterator[tuple[int, str, int]]:
        """Yield (labels, way, seed), a whole curve of one seed first, so that an unfinished study shows something."""
        for seed in range(self.seeds):
            for count in self.labels:
                for way in WAYS:
                    yield count, way, seed


Results = dict[tuple[int, str, int], float]
"""(labels, way, seed) -> mean IoU."""


class Chosen:
    """Some samples of a source."""

    def __init__(self, samples: SampleSource, positions: Sequence[int]) -> None:
        """Set which."""
        self.samples, self.positions = samples, [int(k) for k in positions]

    def __len__(self) -> int:
        """Return how many."""
        return len(self.positions)

    def __getitem__(self, k: int) -> tuple[Array, Array]:
        """Return a sample."""
        return self.samples[self.positions[k]]


def transfer_study(
    data: RunData,
    settings: Settings,
    plan: TransferPlan,
    out: str | os.PathLike[str],
    *,
    begin: Begin | None = None,
    source: str = "",
    most_tested: int | None = None,
    say: Callable[[str], None] = print,
    progress: Callable[[str], Callable[[int, int], None]] | None = None,
) -> Results:
    """Train from scratch, with what was learnt before frozen, and fine-tuned, on ever more labelled images.

    The images of a seed and number are the same for all ways, and those of a smaller number are among them. No
    validation image chooses an epoch, since it would have to be labelled: the last parameters count. Files:
    `study.json`, `results.csv` (a line for each training, written when it ends), `transfer.png` and `table.txt`.

    Args:
        data: The samples; `test` is measured on, or `val` without one.
        settings: Of all trainings; the number of epochs follows from `plan.steps`.
        plan: What to try.
        out: Folder; a study that was interrupted goes on.
        begin: Gives a fresh model what was learnt before; without it that is `settings.weights`.
        source: What was learnt before, in words.
        most_tested: How many samples to measure on at most, spread evenly.
        say: Takes lines of text.
        progress: Given a title, returns a function that shows (done, total).

    Raises:
        InvalidInput: Nothing was learnt before, fewer images than asked for, or another study is in the folder.

    Example:
        >>> from tinyseg.datasets import default_colors, digit_scenes
        >>> from tinyseg.runs import RunData, Settings, TransferPlan, transfer_study
        >>> samples = list(zip(*digit_scenes(4, size=32)))
        >>> names = ["background", *"0123456789"]
        >>> data = RunData("digit scenes", samples, samples, None, 1, names, default_colors(11))
        >>> plan = TransferPlan(labels=(2,), seeds=1, steps=1)
        >>> begin = lambda model, way: None
        >>> found = transfer_study(data, Settings(width=4, depth=1), plan, "study", begin=begin, say=lambda line: None)
        >>> sorted(way for _, way, _ in found)
        ['fine-tuned', 'from scratch', 'frozen']
    """
    if begin is None and settings.weights is None:
        raise InvalidInput("transfer study: expected weights of the encoder, a file or 'imagenet'")
    if max(plan.labels) > len(data.train):
        raise InvalidInput(f"transfer study: {data.name} has {len(data.train)} labelled images, got {plan.labels}")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    _same_study(folder, {"data": data.name, "settings": settings.as_json(), "steps": plan.steps, "source": source})
    results = read_results(folder / "results.csv")
    tested = data.val if data.test is None else data.test
    if most_tested is not None and most_tested < len(tested):
        tested = Chosen(tested, np.linspace(0, len(tested) - 1, most_tested).round().tolist())
    cases = [case for case in plan.cases() if case not in results]
    if results:
        say(f"{folder}: {len(results)} trainings are there, {len(cases)} are to come")
    show = None if progress is None else progress("trainings")
    for done, (count, way, seed) in enumerate(cases):
        order = np.random.default_rng([77, seed]).permutation(len(data.train))
        model = _train(Chosen(data.train, order[:count].tolist()), data, settings, way, seed, plan.steps, begin)
        report = evaluate_samples(model, tested, data.class_names, settings.multiple_of)
        results[count, way, seed] = report.mean_iou
        write_results(folder / "results.csv", results)
        say(f"{count} labelled images, {way}, seed {seed}: mean IoU {report.mean_iou:.3f}")
        if show is not None:
            show(done + 1, len(cases))
    name = Path(data.name).name or data.name
    title = f"{name}; learnt before:\n{source}" if source else name
    save_figure(plot_transfer(by_way(results), title), folder / "transfer.png")
    with atomic_path(folder / "table.txt") as temporary:
        temporary.write_text(table_text(results) + "\n", "utf-8")
    return results


def _train(
    samples: SampleSource, data: RunData, settings: Settings, way: str, seed: int, steps: int, begin: Begin | None
) -> Model:
    """Train one model for about as many steps as are asked for."""
    size = min(settings.batch_size, len(samples))
    batches = SegmentationBatches(
        samples, size, crop=settings.crop, augmentation=settings.augmentation, multiple_of=settings.multiple_of,
        shuffle=True, seed=seed, prepare=preparation(settings),
    )  # fmt: skip
    chosen = replace(settings, seed=seed, batch_size=size, epochs=max(1, -(-steps // len(batches))))
    if begin is None and way == "from scratch":
        chosen = replace(chosen, weights=None, encoder_rate=1.0)
    elif begin is None and way == "frozen":
        chosen = replace(chosen, freeze_encoder=True, encoder_rate=1.0)
    set_random_seed(seed)
    model = build_model(chosen, data.channels, len(data.class_names))
    if begin is not None and way != "from scratch":
        begin(model, way)
    compile_model(model, chosen, len(data.class_names), None, len(batches))
    model.fit(batches, epochs=chosen.epochs or 1, verbose=0)
    return model


def _same_study(folder: Path, content: JsonObject) -> None:
    """Write what the study is; refuse a folder that holds another one."""
    file = folder / "study.json"
    if not file.exists():
        write_json(file, content)
    elif read_json(file) != _as_read(content):
        raise InvalidInput(f"{folder}: holds a study of other data or settings; choose another folder")


def _as_read(content: JsonObject) -> JsonObject:
    import json

    found: JsonObject = json.loads(json.dumps(content))
    return found


def read_results(path: Path) -> Results:
    """Read the results of the trainings that ended; none where there is no file."""
    if not path.exists():
        return {}
    try:
        return {
            (int(row["labels"]), str(row["way"]), int(row["seed"])): float(row["mean_iou"]) for row in read_table(path)
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path}: expected the columns {', '.join(COLUMNS)} ({error})") from error


def write_results(path: Path, results: Results) -> None:
    """Write the results of the trainings that ended, whole or not at all."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([*case, f"{value:.6f}"] for case, value in sorted(results.items()))


def by_way(results: Results) -> dict[str, dict[int, list[float]]]:
    """Return way -> labels -> the mean IoU of each seed."""
    found: dict[str, dict[int, list[float]]] = {}
    for (count, way, _), value in sorted(results.items()):
        found.setdefault(way, {}).setdefault(count, []).append(value)
    return {way: found[way] for way in WAYS if way in found}


def table_text(results: Results) -> str:
    """Return a table: for each number of labelled images and way the mean over the seeds, the lowest and the highest.

    The last column is the least that the better of the other ways gained over a start from scratch with the same
    images: what is above 0 lies beyond the spread of the seeds.

    Example:
        >>> from tinyseg.runs import table_text
        >>> text = table_text({(5, "from scratch", 0): 0.25, (5, "frozen", 0): 0.5})
        >>> text.splitlines()[1].split()
        ['5', '0.250', '(0.250-0.250)', '0.500', '(0.500-0.500)', '+0.250']
    """
    ways = by_way(results)
    lines = [f"{'labels':>6}  " + "  ".join(f"{way:^21}" for way in ways) + "  least gain"]
    for count in sorted({count for count, _, _ in results}):
        cells = []
        for values in (ways[way].get(count, []) for way in ways):
            text = f"{np.mean(values):.3f} ({min(values):.3f}-{max(values):.3f})" if values else ""
            cells.append(f"{text:^21}")
        lines.append(f"{count:>6}  " + "  ".join(cells) + f"  {_least_gain(results, count)}")
    return "\n".join(lines)


def _least_gain(results: Results, count: int) -> str:
    gains: dict[str, list[float]] = {}
    for (labels, way, seed), value in results.items():
        start = results.get((count, WAYS[0], seed))
        if labels == count and way != WAYS[0] and start is not None:
            gains.setdefault(way, []).append(value - start)
    best = max((min(values) for values in gains.values()), default=None)
    return "" if best is None else f"{best:+.3f}"
