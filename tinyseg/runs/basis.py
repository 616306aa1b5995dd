"""What "the same bits" rests on: recorded when a run begins, and compared when it goes on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from tinyseg_kernels.backend import current, on_gpu
from tinyseg_kernels.cpu.threading.threads import get_num_threads
from tinyseg_kernels.types import DTypeLike

from tinyseg.datasets.batches import SampleSource
from tinyseg.datasets.image_files import read_labels
from tinyseg.datasets.splitting import sample_name

Basis: TypeAlias = dict[str, str]
Files: TypeAlias = dict[str, dict[str, str]]
"""Split -> name -> what identifies the sample's bytes."""

PACKAGES = ("tinyseg", "numpy", "numba", "pillow", "scipy")
"""Pillow decodes the images, SciPy turns them."""
MEANING = "(meaning of the values in the masks)"
SHOWN = 4


def basis(dtype: DTypeLike) -> Basis:
    """Return, in words, everything but the images that the bits of a training depend on."""
    choice = current()
    found = {"backend": f"{choice.name} (emulated)" if choice.emulate else choice.name, "dtype": str(dtype)}
    if choice.name == "numba":
        found["threads"] = str(get_num_threads())
        found["vectors"] = _vectors()
    elif choice.name == "numpy":
        found["BLAS"] = _blas()
    if on_gpu() and not choice.emulate:
        found["GPU"] = _gpu()
    found["processor"] = _processor()
    found["system"] = f"{platform.system()} {platform.machine()}"
    return found | {name: _version(name) for name in PACKAGES}


def files(splits: Mapping[str, SampleSource], before: Files | None = None) -> Files:
    """Return what identifies the bytes of each sample: sizes, times of change and digests of image and mask.

    A file of the size and time that it had `before` is taken for the same; of any other the content is read, and
    decides.
    """
    return {split: _samples(samples, (before or {}).get(split, {})) for split, samples in splits.items()}


def changes(then: Basis, now: Basis) -> list[str]:
    """Return a sentence for each thing that is not what it was. What belongs to another backend is not compared."""
    return [
        f"{name} {then[name]} when it began, {now[name]} now"
        for name in then
        if now.get(name, then[name]) != then[name]
    ]


def changed_files(then: Files, now: Files) -> list[str]:
    """Return a sentence for each way in which the samples are not what they were."""
    found = []
    for split, before in then.items():
        after = now.get(split, {})
        if before.get(MEANING) != after.get(MEANING):
            found.append(f"the values in the masks of {split} mean something else (dataset.toml)")
        names = before.keys() & after.keys() - {MEANING}
        for what, which in (
            (
                "images or masks have changed",
                {name for name in names if _digests(before[name]) != _digests(after[name])},
            ),
            ("are new", after.keys() - before.keys()),
            ("are gone", before.keys() - after.keys()),
        ):
            if shown := sorted(which - {MEANING}):
                more = ", ..." if len(shown) > SHOWN else ""
                found.append(f"{split}: {len(shown)} {what} ({', '.join(shown[:SHOWN])}{more})")
    return found


def _samples(samples: SampleSource, before: Mapping[str, str]) -> dict[str, str]:
    if isinstance(samples, (list, tuple)):
        content = hashlib.blake2b(digest_size=8)
        for image, ids in samples:
            for array in (image, ids):
                content.update(f"{array.shape} {array.dtype}".encode())
                content.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        return {"arrays": f"{len(samples)} {content.hexdigest()}"}
    if not hasattr(samples, "pairs"):
        return {}
    found = {MEANING: hashlib.blake2b(_meaning(samples), digest_size=8).hexdigest()}
    for pair in samples.pairs:
        name = sample_name(pair.image)
        known = before.get(name, "").split(" | ")
        found[name] = " | ".join(
            _file(path, known[k] if k < len(known) else "") for k, path in enumerate((pair.image, pair.mask))
        )
    return found


def _meaning(samples: Any) -> bytes:
    """Return the class of each value of a mask, or of each colour, if the masks are colour images."""
    by_color = read_labels(samples.pairs[0].mask, samples.colors)[1]
    return str(sorted(samples.colors.items())).encode() if by_color else samples.table.tobytes()


def _file(path: Path, before: str) -> str:
    """Return size, time of change and digest of a file."""
    state = path.stat()
    seen = f"{state.st_size} {state.st_mtime_ns} "
    if before.startswith(seen):
        return before
    with path.open("rb") as file:
        return seen + hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()


def _digests(entry: str) -> list[str]:
    return [part.rpartition(" ")[2] for part in entry.split(" | ")]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _vectors() -> str:
    """Say what the compiled kernels take from the processor: its kind's instructions, the width of a vector."""
    import llvmlite.binding
    from tinyseg_kernels.cpu.gemm.micro_kernel import LANES

    return f"of {LANES} numbers for {llvmlite.binding.get_host_cpu_name()}"


def _blas() -> str:
    from threadpoolctl import threadpool_info

    # SciPy brings a BLAS of its own, which no training uses, and which is loaded in some processes only.
    pools = [
        pool
        for pool in threadpool_info()
        if pool.get("user_api") == "blas" and not {"scipy", "scipy.libs"} & set(Path(pool["filepath"]).parts[-3:])
    ]
    names = (
        f"{p['internal_api']} {p['version']} {p.get('architecture', '')} ({p['num_threads']} threads)" for p in pools
    )
    return ", ".join(sorted(set(names))) or "unknown"


def _gpu() -> str:
    import cupy
    from tinyseg_kernels.precision import matmul_precision

    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    return f"{properties['name'].decode()}, CuPy {cupy.__version__}, products in {matmul_precision()}"


def _processor() -> str:
    """Return the processor's name, as the system gives it."""
    if sys.platform == "linux":
        try:
            lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"
