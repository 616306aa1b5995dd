"""Who is compared: each side runs in a process of its own, with an environment of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

from tinyseg_kernels.errors import unknown_name

LARGE = str(1 << 40)
MALLOC = {"MALLOC_MMAP_THRESHOLD_": LARGE, "MALLOC_TRIM_THRESHOLD_": LARGE, "MALLOC_TOP_PAD_": str(1 << 26)}
"""glibc then keeps large blocks, instead of giving them back to the system and paying for each page anew."""


@dataclass(frozen=True)
class Peer:
    """A side of the comparison.

    Attributes:
        key: Short name, for the command line and the record.
        name: What people call it.
        module: Of `benchmarks.cpu`, whose class `Side` it is.
        argument: Of `Side`.
        package: What must be installed.
        environment: Beside the threads.
        leisurely: So slow that one repeat must do where a step takes seconds.
    """

    key: str
    name: str
    module: str
    argument: str
    package: str = "tinyseg"
    environment: dict[str, str] = field(default_factory=dict)
    leisurely: bool = False


OURS = Peer("tinyseg", "tinyseg (numba)", "side_tinyseg", "numba", "numba")
PLAIN = Peer("tinyseg-numpy", "tinyseg (numpy)", "side_tinyseg", "numpy", leisurely=True)
CHANNELS_LAST = Peer("torch-cl", "PyTorch channels_last", "side_torch", "channels_last", "torch")
COURSE = Peer("course", "im2col NumPy", "side_course", "numpy", leisurely=True)
PEERS = (
    OURS,
    PLAIN,
    CHANNELS_LAST,
    Peer("torch-cl-malloc", "PyTorch channels_last, malloc tuned", "side_torch", "channels_last", "torch", MALLOC),
    Peer("torch", "PyTorch", "side_torch", "default", "torch"),
    Peer("torch-malloc", "PyTorch, malloc tuned", "side_torch", "default", "torch", MALLOC),
    Peer("keras", "Keras on TensorFlow", "side_tensorflow", "eager", "tensorflow"),
    Peer("keras-xla", "Keras on TensorFlow, XLA", "side_tensorflow", "xla", "tensorflow"),
    COURSE,
)


def is_torch(key: str) -> bool:
    """Return whether a peer is one of PyTorch's."""
    return key.startswith("torch")


def is_rival(key: str) -> bool:
    """Return whether a peer is another library: 'the best peer' is the fastest of these."""
    return key not in (OURS.key, PLAIN.key)


def available(keys: Sequence[str] = ()) -> tuple[list[Peer], list[str]]:
    """Return the peers that are installed, this library first, and a line for each that is not."""
    by_key = {peer.key: peer for peer in PEERS}
    for key in keys:
        if key not in by_key:
            raise unknown_name("peer", key, list(by_key))
    found, missing = [], []
    for peer in PEERS:
        if keys and peer.key not in keys and peer is not OURS:
            continue
        if find_spec(peer.package) is None:
            missing.append(f"{peer.name} is left out: {peer.package} is not installed")
        else:
            found.append(peer)
    return found, missing


def environment(peer: Peer, threads: int) -> dict[str, str]:
    """Return the environment of a peer's process."""
    count = str(threads)
    limits = dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "TINYSEG_NUM_THREADS"),
        count,
    )
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "PYTHONUNBUFFERED": "1"}
    return {**inherited, **limits, **quiet, **peer.environment}
