"""`numba.cuda.random` where Numba is not installed: the generator xoroshiro128+.

Blackman and Vigna, Scrambled linear pseudorandom number generators (2021); states are seeded by SplitMix64 and lie 2^64
steps apart, as in Numba.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np

MASK = 2**64 - 1
JUMP = 0xD86B048B86AA9922BEAC0467EBA5FACB
"""Which states of the next 128 steps add up to the state after 2^64 steps."""

DTYPE = np.dtype([("s0", np.uint64), ("s1", np.uint64)], align=True)
UNIT = 2.0**-53


def seeded(seed: int) -> tuple[int, int]:
    """Return the first state, by one step of SplitMix64."""
    z = (seed + 0x9E3779B97F4A7C15) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    z ^= z >> 31
    return z, z


def step(s0: int, s1: int) -> tuple[int, int]:
    """Return the next state."""
    s1 ^= s0
    return _rotated(s0, 55) ^ s1 ^ (s1 << 14 & MASK), _rotated(s1, 36)


def jumped(s0: int, s1: int) -> tuple[int, int]:
    """Return the state 2^64 steps later."""
    a = b = 0
    for bit in range(128):
        if JUMP >> bit & 1:
            a, b = a ^ s0, b ^ s1
        s0, s1 = step(s0, s1)
    return a, b


def _rotated(x: int, bits: int) -> int:
    return (x << bits | x >> 64 - bits) & MASK


def create_states(n: int, seed: int, subsequence_start: int = 0) -> Any:
    """Return n states."""
    states = np.zeros(n, DTYPE)
    state = seeded(seed)
    for _ in range(subsequence_start):
        state = jumped(*state)
    for k in range(n):
        states[k] = state
        state = jumped(*state)
    return states


def random_module(cuda: Any) -> ModuleType:
    """Return the module, with functions that kernels call."""
    module: Any = ModuleType("numba.cuda.random")

    def advance(states: Any, index: Any) -> int:
        s0, s1 = int(states[index]["s0"]), int(states[index]["s1"])
        states[index]["s0"], states[index]["s1"] = step(s0, s1)
        return s0 + s1 & MASK

    def uniform64(states: Any, index: Any) -> Any:
        return np.float64((advance(states, index) >> 11) * UNIT)

    def uniform32(states: Any, index: Any) -> Any:
        return np.float32(uniform64(states, index))

    def normal(states: Any, index: Any, kind: Any) -> Any:
        first, second = uniform32(states, index), uniform32(states, index)
        if kind is np.float64:
            return np.sqrt(-2.0 * np.log(np.float64(first))) * np.cos(np.float64(2 * math.pi) * second)
        return np.sqrt(kind(-2) * np.log(first)) * np.cos(kind(2 * math.pi) * second)

    module.xoroshiro128p_dtype = DTYPE
    module.xoroshiro128p_next = advance
    module.xoroshiro128p_uniform_float32, module.xoroshiro128p_uniform_float64 = uniform32, uniform64
    module.xoroshiro128p_normal_float32 = lambda states, index: normal(states, index, np.float32)
    module.xoroshiro128p_normal_float64 = lambda states, index: normal(states, index, np.float64)
    module.create_xoroshiro128p_states = lambda n, seed, subsequence_start=0, stream=0: cuda.to_device(
        create_states(n, seed, subsequence_start)
    )
    return module
