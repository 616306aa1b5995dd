"""Small models of machines, whose counts decide what a clock can only suggest: threads on cores, a ring.

Chapters 11 and 13 count with them, and show them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from tinyseg_kernels.types import FloatArray


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

    Machine k sends to machine k + 1 only. The vectors are cut into K pieces; in each step machine k sends piece
    k - step, counted round. In the first K - 1 steps the next one adds it to its own: then machine k has the whole sum
    of piece k + 1. In K - 1 more steps the whole sums go round and take the place of what was there.

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
        sends = [(k - step) % machines for k in range(machines)]
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
