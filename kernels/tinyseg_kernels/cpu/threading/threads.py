"""One team of threads for all compiled kernels.

Libraries that each bring threads of their own (BLAS, OpenMP, Numba) fight for the cores: those that wait spin, and slow
the working ones down, up to a hundred times. Here a kernel is a compiled function over a range of independent pieces
that releases the interpreter's lock; the range is cut into as many parts as there are threads, always the same way, so
the same number of threads gives the same bits, whoever computes a part. Who waits sleeps, after a fraction of a
millisecond, or at once if there are more threads than cores (`team.py`); while others need the cores the calling thread
computes all parts (`pace.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable

from ...errors import InvalidInput
from .cores import usable_cores as usable_cores
from .team import PACE, Task, run_together

ENVIRONMENT_VARIABLE = "TINYSEG_NUM_THREADS"

_chosen: int | None = None


def set_num_threads(count: int) -> None:
    """Let compiled kernels use this many threads, from the next call on; raises `InvalidInput` for less than 1.

    Example:
        >>> import tinyseg
        >>> before = tinyseg.get_num_threads()
        >>> tinyseg.set_num_threads(1)
        >>> tinyseg.get_num_threads()
        1
        >>> tinyseg.set_num_threads(before)
    """
    global _chosen
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InvalidInput(f"set_num_threads: expected an integer of at least 1, got {count!r}")
    _chosen = count
    PACE.reset()


def get_num_threads() -> int:
    """Return how many threads kernels use: `set_num_threads`, else TINYSEG_NUM_THREADS, else the usable cores.

    Example:
        >>> import tinyseg
        >>> tinyseg.get_num_threads() >= 1
        True
    """
    return _chosen or _choose_at_first()


def _choose_at_first() -> int:
    global _chosen
    text = os.environ.get(ENVIRONMENT_VARIABLE, "").strip()
    if text and not (text.isdigit() and int(text) >= 1):
        raise InvalidInput(f"{ENVIRONMENT_VARIABLE}: expected an integer of at least 1, got {text!r}")
    _chosen = int(text) if text else usable_cores()
    return _chosen


def parallel(kernel: Callable[..., None], count: int, *args: object) -> None:
    """Call `kernel(start, stop, *args)` for parts of range(count), one in each thread, and wait for all of them.

    Part t of n is [t * count // n, (t + 1) * count // n). When another thread of the program is in here already, all is
    done in the calling thread, with the same bits unless the kernel keeps sums per part (`parallel_parts`).
    """
    parts = min(get_num_threads(), count)
    if parts <= 1:
        if count:
            kernel(0, count, *args)
        return
    bounds = [count * t // parts for t in range(parts + 1)]
    tasks: list[Task] = [lambda t=t: kernel(bounds[t], bounds[t + 1], *args) for t in range(parts)]  # type: ignore[misc]
    run_together(tasks, _work(kernel, count, args))


def parallel_parts(kernel: Callable[..., None], count: int, parts: int, *args: object) -> None:
    """Call `kernel(part, start, stop, *args)` for every part, for kernels that keep a sum of their own in each part."""
    if parts == 1:
        kernel(0, 0, count, *args)
        return
    bounds = [count * t // parts for t in range(parts + 1)]
    tasks: list[Task] = [lambda t=t: kernel(t, bounds[t], bounds[t + 1], *args) for t in range(parts)]  # type: ignore[misc]
    run_together(tasks, _work(kernel, count, args))


def _work(kernel: Callable[..., None], count: int, args: tuple[object, ...]) -> Hashable:
    """Return what the time of a kernel depends on, as far as it can be told in no time.

    How often it repeats what, and with how many bytes.
    """
    return kernel, count, getattr(args[0], "nbytes", 0) if args else 0
