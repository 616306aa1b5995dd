"""Times functions of two libraries in turn, so that both meet the same chip at the same temperature and clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..common.statistics import Ratio, ratio_of

Function = Callable[[], Any]


class Timing(NamedTuple):
    """Seconds per call in each round, of this library and of the peer (empty without one)."""

    ours: tuple[float, ...]
    peer: tuple[float, ...]


class HostClock:
    """Wall-clock time, for the emulator and the CPU."""

    def seconds(self, functions: Sequence[Function], calls: int) -> float:
        """Call the functions one after the other, `calls` times in all; return the time of all calls."""
        started = time.perf_counter()
        for k in range(calls):
            functions[k % len(functions)]()
        return time.perf_counter() - started

    def wait(self) -> None:
        """Nothing runs behind the host's back."""


class GpuClock:
    """CUDA events on the null stream, on which both CuPy and PyTorch compute.

    The time of the device, host overhead included where it is the slower one.
    """

    def __init__(self, cupy: Any) -> None:
        """Take CuPy's events; those of PyTorch are the same ones."""
        self.cuda = cupy.cuda

    def seconds(self, functions: Sequence[Function], calls: int) -> float:
        """Call the functions one after the other, `calls` times in all; return the time of all calls on the device."""
        start, stop = self.cuda.Event(), self.cuda.Event()
        start.record()
        for k in range(calls):
            functions[k % len(functions)]()
        stop.record()
        stop.synchronize()
        return float(self.cuda.get_elapsed_time(start, stop)) / 1e3

    def wait(self) -> None:
        """Wait for the device."""
        self.cuda.Device().synchronize()


Clock = HostClock | GpuClock


def time_in_turn(
    clock: Clock,
    ours: Sequence[Function],
    peer: Sequence[Function] | None,
    *,
    rounds: int = 9,
    sample: float = 0.02,
    most_calls: int = 200,
    warm_up: int = 2,
) -> Timing:
    """Time two sides in turn.

    Args:
        clock: How to measure.
        ours: Functions that do the same on different arrays, called in rotation so that no cache holds the inputs.
        peer: The peer's, or None.
        rounds: How often each side is measured; the side that begins changes from round to round.
        sample: Seconds that a measurement should take at least, by repeating the call.
        most_calls: Calls in a measurement at most.
        warm_up: Rotations before measuring: compilation, allocation, and the peer's search for its fastest algorithm.
    """
    sides = [ours] if peer is None else [ours, peer]
    calls = []
    for functions in sides:
        clock.seconds(functions, warm_up * len(functions))
        once = clock.seconds(functions, len(functions)) / len(functions)
        calls.append(max(1, min(most_calls, round(sample / max(once, 1e-9)))))
    times: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for side in order:
            times[side].append(clock.seconds(sides[side], calls[side]) / calls[side])
    return Timing(tuple(times[0]), tuple(times[1]) if peer is not None else ())


def ratio(timing: Timing) -> Ratio | None:
    """Return the median over rounds of the ratios within a round, and their range; None without a peer."""
    return ratio_of(timing.ours, timing.peer)
