"""From a case to a row: build both sides, see that they agree, then time them in turn."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from tinyseg_kernels.backend import current
from tinyseg_kernels.device import device_module, to_device, to_host
from tinyseg_kernels.gpu.memory import out_of_memory_error

from ..common.arrays import from_torch
from ..common.networks import NetworkCase, compiled
from ..common.statistics import Ratio
from .case import (
    TOLERANCE,
    Case,
    build_ours,
    build_peer,
    expected,
    largest_error,
    largest_error_on_device,
    rotation,
    upload,
)
from .clock import Clock, Timing, ratio, time_in_turn
from .networks import our_step, peer_step
from .precision import ours_in, set_torch_precision
from .roofline import Roofline
from .rows import Row

LOSSES_AGREE = {"float32": 0.01, "tf32": 0.05, "float16": 0.05}
"""Relative difference of two losses.

Adam's first step depends on little more than the gradients' signs, some of which differ.
"""


class Disagreement(RuntimeError):
    """Both sides computed different numbers: there is nothing to time."""


@dataclass(frozen=True)
class Bench:
    """Where and how rows are measured."""

    clock: Clock
    torch: Any
    """The module, or None."""
    device: str
    """PyTorch's: 'cuda', or 'cpu' beside the emulator."""
    roofline: Roofline | None
    cache_bytes: int
    """Size of the chip's last cache."""
    rounds: int = 9
    sample: float = 0.02


def measure(bench: Bench, case: Case) -> Row:
    """Return the case's row; a side that fails is told in the row's note, and the rest goes on."""
    row = Row(case.name, case.group, case.precision)
    return _guarded(bench, row, lambda: _measure(bench, case, row))


def _measure(bench: Bench, case: Case, row: Row) -> Row:
    inputs = case.inputs()
    arrays, tensors = [to_device(array) for array in inputs], None
    if bench.torch is not None and case.peer is not None:
        set_torch_precision(bench.torch, case.precision)
        tensors = upload(case, inputs, bench.torch, bench.device)
    error = check(bench, case, inputs, arrays, tensors)
    copies = 1 if case.in_place else rotation(inputs, bench.cache_bytes)
    ours = [build_ours(case, arrays) for _ in range(copies)]
    peer = None if tensors is None else [build_peer(case, tensors, bench.torch) for _ in range(copies)]
    timing = time_in_turn(bench.clock, ours, peer, rounds=bench.rounds, sample=bench.sample)
    row = _timed(replace(row, error=error), timing)
    assert row.ours is not None
    work = case.work
    rate, unit = (work.flops / row.ours, "flop/s") if work.flops else (work.bytes / row.ours, "B/s")
    share = bench.roofline.share(work, row.ours, case.precision) if bench.roofline is not None else None
    return replace(row, rate=rate, unit=unit, share=share)


def check(
    bench: Bench, case: Case, inputs: Sequence[np.ndarray], arrays: Sequence[Any], tensors: Sequence[Any] | None
) -> float:
    """Compare one step of ours with PyTorch's (without it, with the NumPy backend's) and return the error.

    Raises:
        Disagreement: It is larger than the precision explains.
    """
    ours = build_ours(case, arrays)()
    if tensors is None:
        error = largest_error(case, ours, expected(case, inputs))
    else:
        results = build_peer(case, tensors, bench.torch)()
        if bench.device == "cuda":
            error = largest_error_on_device(case, bench.torch, ours, results)
        else:
            reference = [from_torch(tensor, layout) for tensor, layout in zip(results, case.results, strict=True)]
            error = largest_error(case, ours, reference)
    if not error <= TOLERANCE[case.precision]:
        raise Disagreement(
            f"the results differ by {error:.1e} of the largest number; {TOLERANCE[case.precision]:.0e} is allowed"
        )
    return error


def measure_network(bench: Bench, case: NetworkCase, *, cpu: tuple[str, float] | None = None) -> list[Row]:
    """Return the row against PyTorch and, with the CPU's time per image, the row against that.

    A batch that does not fit into the device's memory is halved until it does; the row says so.
    """
    batch = case.batch
    while True:
        row = Row(f"{case.name}, {'x'.join(map(str, (batch, *case.image)))}, training step", case.group, case.precision)
        row = _guarded(bench, row, partial(_measure_network, bench, case, row, batch))
        if row.note != OUT_OF_MEMORY or batch == 1:
            break
        batch //= 2
    if batch != case.batch and not row.note:
        row = replace(row, note=f"batch {case.batch} did not fit into the device's memory")
    if cpu is None:
        return [row]
    name, per_image = cpu
    beside = replace(
        row,
        group="U-Net against the CPU",
        peer=per_image * batch,
        ratio=None,
        error=None,
        note=f"CPU: backend {name!r}, per image",
    )
    if row.ours is not None and row.ours_low is not None and row.ours_high is not None:
        whole = per_image * batch
        beside = replace(beside, ratio=Ratio(whole / row.ours, whole / row.ours_high, whole / row.ours_low))
    return [row, beside]


def _measure_network(bench: Bench, case: NetworkCase, row: Row, batch: int) -> Row:
    images, labels = case.data(batch)
    with ours_in(case.precision):
        model = compiled(case)
        theirs = None
        if bench.torch is not None:
            set_torch_precision(bench.torch, case.precision)
            theirs = peer_step(bench.torch, case, model, images, labels, bench.device)
        step = our_step(model, images, labels)
        first = [float(to_host(step()))]
        if theirs is not None:
            first.append(float(theirs()))
            # The losses of the second step follow from all gradients of the first.
            second = [float(to_host(step())), float(theirs())]
            error = max(abs(a - b) / abs(b) for a, b in (first, second))
            if not error < LOSSES_AGREE[case.precision]:
                raise Disagreement(
                    f"losses of the first steps: ours {first[0]:.5f}, {second[0]:.5f}; PyTorch's {first[1]:.5f}, "
                    f"{second[1]:.5f}"
                )
            row = replace(row, error=error)
        peer = None if theirs is None else [theirs]
        timing = time_in_turn(
            bench.clock, [step], peer, rounds=min(bench.rounds, 5), sample=10 * bench.sample, most_calls=5, warm_up=1
        )
    return _timed(row, timing)


def _timed(row: Row, timing: Timing) -> Row:
    ours = median(timing.ours)
    peer = median(timing.peer) if timing.peer else None
    return replace(
        row, ours=ours, ours_low=min(timing.ours), ours_high=max(timing.ours), peer=peer, ratio=ratio(timing)
    )


OUT_OF_MEMORY = "out of device memory"


def _guarded(bench: Bench, row: Row, work: Callable[[], Row]) -> Row:
    """Run `work`; turn what it raises into a note, and give all device memory back."""
    out_of_memory: tuple[type[BaseException], ...] = (out_of_memory_error(), MemoryError)
    if bench.torch is not None:
        out_of_memory = (*out_of_memory, bench.torch.OutOfMemoryError)
    try:
        return work()
    except out_of_memory:
        return replace(row, note=OUT_OF_MEMORY)
    except Exception as error:  # one broken row must not cost all the others
        return replace(row, note=f"{type(error).__name__}: {error}".splitlines()[0][:300])
    finally:
        gc.collect()
        if not current().emulate:
            device_module().get_default_memory_pool().free_all_blocks()
        if bench.torch is not None and bench.device == "cuda":
            bench.torch.cuda.empty_cache()
