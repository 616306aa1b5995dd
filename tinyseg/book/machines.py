"""Small models of machines, whose counts decide what a clock can only suggest: a cache, threads on cores, a ring.

Chapters 11 and 13 count with them, and show them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

Function = TypeVar("Function", bound=Callable[..., Any])

SETS, WAYS, LINE = 16, 8, 64
"""The modelled cache: 16 sets of 8 lines of 64 bytes, 8 KiB."""


def _compiled(function: Function) -> Function:
    compiled: Function = njit(function)
    return compiled


@_compiled
def fetch(lines: Any, used: Any, now: int, address: int) -> int:
    """Touch an address; return 1 if its line has to be fetched.

    `lines` and `used` (sets, ways) hold which line lies where, and when it was touched last. The last digits of a
    line's number name its set; of a full set the line that was not used for longest has to go.
    """
    line, oldest = address // LINE, 0
    place = line % lines.shape[0]
    for way in range(lines.shape[1]):
        if lines[place, way] == line:
            used[place, way] = now
            return 0
        if used[place, way] < used[place, oldest]:
            oldest = way
    lines[place, oldest], used[place, oldest] = line, now
    return 1


def lines_fetched(order: str, n: int, block: int) -> NDArray[np.int64]:
    """Count the lines of a, b and c that a matrix product c[i, j] += a[i, k] * b[k, j] fetches.

    Args:
        order: The three loops from the outside in, such as 'ikj'.
        n: Rows and columns of each of the three float32 matrices, which lie one after the other, row by row.
        block: The loops go over blocks of block^3 products, in the same order; it divides n.

    Returns:
        (3,): lines of a, of b, of c.

    Raises:
        InvalidInput: Another order, or a block that does not divide n.

    Example:
        >>> lines_fetched("ikj", 32, 32).tolist()  # all three fit, almost: each of their 64 lines about once
        [64, 126, 64]
    """
    if sorted(order) != ["i", "j", "k"] or block < 1 or n % block:
        raise InvalidInput(f"expected an order of 'i', 'j', 'k' and a block that divides {n}, got {order!r} and {block}")
    p, q, r = ("ijk".index(letter) for letter in order)
    return np.asarray(_lines_fetched(p, q, r, n, block))


@_compiled
def _lines_fetched(p: int, q: int, r: int, n: int, block: int) -> Any:
    lines, used, found = np.full((SETS, WAYS), -1), np.zeros((SETS, WAYS), np.int64), np.zeros(3, np.int64)
    at, now, across = np.zeros(3, np.int64), 0, n // block
    for number in range(across**3):
        first = number // across**2 * block, number // across % across * block, number % across * block
        for u in range(first[0], first[0] + block):
            for v in range(first[1], first[1] + block):
                for w in range(first[2], first[2] + block):
                    at[p], at[q], at[r] = u, v, w
                    i, j, k = at
                    now += 1
                    found[0] += fetch(lines, used, now, 4 * (i * n + k))
                    found[1] += fetch(lines, used, now, 4 * (n * n + k * n + j))
                    found[2] += fetch(lines, used, now, 4 * (2 * n * n + i * n + j))
    return found


class Turn(NamedTuple):
    """A thread has a core: from when, for how long [ms], and whether it is a worker."""

    core: int
    is_worker: bool
    begin: float
    length: float


def schedule(
    spinners: int, kernels: int = 40, work: float = 0.2, slice_: float = 3.0, step: float = 0.05
) -> tuple[list[Turn], float]:
    """Let two workers and some spinning threads share two cores.

    A kernel is done when both workers have had a core for `work` milliseconds; then the next one begins. A worker that
    is early spins, too. The scheduler of each core gives a thread `slice_` milliseconds, then the next one its turn.

    Args:
        spinners: Threads of another pool, shared out evenly between the cores.
        kernels: How many kernels are to be done, one after the other.
        work: Milliseconds that a kernel takes each worker.
        slice_: Milliseconds that a thread has a core; the second core is half a slice out of step.
        step: Milliseconds of a step of the model.

    Returns:
        Who had which core when, and the milliseconds until all kernels were done.

    Example:
        >>> schedule(0, kernels=2)[1].__round__(3), schedule(2, kernels=40)[1] > 2 * schedule(0, kernels=40)[1]
        (0.4, True)
    """
    cores = [[True] + [False] * (spinners // 2) for _ in range(2)]
    left, until, now, turns = [work, work], [slice_, slice_ / 2], 0.0, []
    begun = [0.0, 0.0]
    while kernels:
        now += step
        for core, threads in enumerate(cores):
            left[core] -= step * threads[0]
            if now > until[core] - step / 2:
                turns.append(Turn(core, threads[0], begun[core], now - begun[core]))
                threads.append(threads.pop(0))
                begun[core], until[core] = now, now + slice_
        if max(left) < step / 2:
            kernels, left = kernels - 1, [work, work]
    turns += [Turn(core, threads[0], begun[core], now - begun[core]) for core, threads in enumerate(cores)]
    return turns, now


def ring_all_reduce(vectors: Sequence[FloatArray]) -> int:
    """Let each vector become the sum of all, as K machines in a ring do; return how many numbers each of them sends.

    Machine k sends to machine k + 1 only. The vectors are cut into K pieces. In the first K - 1 steps machine k sends
    piece k - step, which the next one adds to its own: then machine k has the whole sum of piece k + 1. In K - 1 more
    steps it sends on the newest whole sum that it has.

    Args:
        vectors: One of each machine, all of the same size; changed in place.

    Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009.

    Example:
        >>> vectors = [np.array([1.0, 2.0]), np.array([10.0, 20.0])]
        >>> ring_all_reduce(vectors), vectors[0].tolist()
        (2, [11.0, 22.0])
    """
    machines, sent = len(vectors), 0
    pieces = [np.array_split(vector, machines) for vector in vectors]  # views: what is written there is in the vectors
    for step in range(2 * (machines - 1)):
        sends = [(k - step if step < machines - 1 else k - step + machines) % machines for k in range(machines)]
        parcels = [pieces[k][sends[k]].copy() for k in range(machines)]  # all machines send at the same time
        for k, parcel in enumerate(parcels):
            target = pieces[(k + 1) % machines][sends[k]]
            target[...] = target + parcel if step < machines - 1 else parcel
        sent += max(parcel.size for parcel in parcels)
    return sent


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest time of a few runs, after one that compiles and brings data into the caches.

    The shortest, since whatever else happens on a machine only ever adds to a time.
    """
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
