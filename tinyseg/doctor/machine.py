"""The facts about a machine on which its fitness for the GPU backends depends, gathered once.

Nothing here judges: `rules` does, and is tested on made-up machines.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

Version = tuple[int, int]

VARIABLES = (
    "NUMBA_ENABLE_CUDASIM",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_PATH",
    "TINYSEG_BACKEND",
    "TINYSEG_EMULATE",
)
_INTERESTING = re.compile(
    r"cupy(-cuda\d+x|-rocm.*)?|numba(-cuda)?|greenlet|cuda-toolkit|cuda-bindings|ziglang|"
    r"nvidia-(cuda-nvrtc|nvvm|cuda-nvcc|nvjitlink|cublas)(-cu\d+)?"
)


def version_text(version: Version) -> str:
    """Return a version as people write it."""
    return f"{version[0]}.{version[1]}"


@dataclass(frozen=True)
class Gpu:
    """A GPU as the driver reports it."""

    name: str
    capability: Version


@dataclass(frozen=True)
class Trial:
    """How a small computation on the GPU went: `error` is what was said when it failed, '' when all went well."""

    error: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it computed what NumPy does."""
        return not self.error

    @property
    def ptx_refused(self) -> bool:
        """Whether the driver refused PTX that is newer than it is; the words are the driver's."""
        return "UNSUPPORTED_PTX_VERSION" in self.error or "unsupported toolchain" in self.error


@dataclass(frozen=True)
class Machine:
    """What was found; the defaults are a Linux machine without any of it."""

    system: str = "Linux"
    distribution: str = ""
    """ID of /etc/os-release, such as 'ubuntu'."""
    container: bool = False
    nvidia_hardware: bool = False
    """An NVIDIA display controller is on the PCI bus."""
    driver_cuda: Version | None = None
    """The newest CUDA that the driver supports; None: no driver."""
    driver_error: str = ""
    """What the driver said when it was asked to start."""
    gpus: tuple[Gpu, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    """Installed distribution -> version."""
    twice: tuple[str, ...] = ()
    """Distributions whose metadata is there twice."""
    module_versions: Mapping[str, str | None] = field(default_factory=dict)
    """Module -> version that its files state, '' when they state none, None when there are no files."""
    extras: tuple[str, ...] | None = ("cuda12", "cuda13")
    """Extras that the metadata of the installed tinyseg offers; None: not installed."""
    source: str = ""
    """Folder of an editable install of tinyseg."""
    variables: Mapping[str, str] = field(default_factory=dict)
    path_libraries: Mapping[str, Version] = field(default_factory=dict)
    """Folder of LD_LIBRARY_PATH -> version of the CUDA libraries in it."""
    toolkit_libraries: frozenset[str] = frozenset()
    """Of 'cublas' and 'nvrtc', those that a CUDA toolkit outside of Python's packages provides."""
    trials: Mapping[str, Trial] = field(default_factory=dict)
    """Backend -> how a small computation with it went; backends that were not tried are missing."""


def gather() -> Machine:
    """Look at this machine. Nothing is started but the driver; trials are left out (`trial`)."""
    version, error, gpus = _driver()
    packages, twice = _packages()
    tinyseg_extras, source = _own_metadata()
    return Machine(
        system=platform.system(),
        distribution=_distribution(),
        container=any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")),
        nvidia_hardware=_nvidia_hardware(Path("/sys/bus/pci/devices")),
        driver_cuda=version,
        driver_error=error,
        gpus=gpus,
        packages=packages,
        twice=twice,
        module_versions={name: module_version(name) for name in ("cupy", "numba", "numba_cuda")},
        extras=tinyseg_extras,
        source=source,
        variables={name: os.environ[name] for name in VARIABLES if name in os.environ},
        path_libraries=cuda_folders(os.environ.get("LD_LIBRARY_PATH", "")),
        toolkit_libraries=frozenset(name for name in ("cublas", "nvrtc") if _in_toolkit(name)),
    )


def _driver() -> tuple[Version | None, str, tuple[Gpu, ...]]:
    """Ask the driver for its CUDA version and the GPUs.

    Source: CUDA Driver API, sections version, initialization and device management.
    """
    try:
        library = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        number = ctypes.c_int()
        if library.cuDriverGetVersion(ctypes.byref(number)) != 0 or number.value == 0:
            return None, "", ()
    except (OSError, AttributeError):
        return None, "", ()
    version = (number.value // 1000, number.value % 1000 // 10)
    code = library.cuInit(0)
    if code != 0:
        text = ctypes.c_char_p()
        library.cuGetErrorString(code, ctypes.byref(text))
        return version, f"error {code}: {(text.value or b'unknown').decode()}", ()
    count = ctypes.c_int()
    library.cuDeviceGetCount(ctypes.byref(count))
    return version, "", tuple(_gpu(library, k) for k in range(count.value))


def _gpu(library: ctypes.CDLL, ordinal: int) -> Gpu:
    device, name = ctypes.c_int(), ctypes.create_string_buffer(256)
    library.cuDeviceGet(ctypes.byref(device), ordinal)
    library.cuDeviceGetName(name, len(name), device)
    numbers = (ctypes.c_int(), ctypes.c_int())
    # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
    for attribute, value in zip((75, 76), numbers, strict=True):
        library.cuDeviceGetAttribute(ctypes.byref(value), attribute, device)
    return Gpu(name.value.decode(errors="replace"), (numbers[0].value, numbers[1].value))


def _packages() -> tuple[dict[str, str], tuple[str, ...]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for distribution in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
        if _INTERESTING.fullmatch(name):
            found[name].add((distribution.version, str(distribution.locate_file(""))))
    twice = [name for name, places in found.items() if len({place for _, place in places}) < len(places)]
    return {name: max(places)[0] for name, places in sorted(found.items())}, tuple(sorted(twice))


def module_version(name: str) -> str | None:
    """Return the version that a module's files state, without importing it.

    It is '' when they state none, None when the module is not there.
    """
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return None
    for file in ("_version.py", "VERSION"):
        path = Path(spec.origin).with_name(file)
        if path.exists():
            text = path.read_text(encoding="utf-8", errors="replace")
            number = re.search(r"(?m)^_*version_*\s*=\s*['\"]([^'\"]+)['\"]|^(\d[\w.]*)$", text)
            return (number.group(1) or number.group(2)) if number else ""
    return ""


def _own_metadata() -> tuple[tuple[str, ...] | None, str]:
    try:
        own = importlib.metadata.distribution("tinyseg")
    except importlib.metadata.PackageNotFoundError:
        return None, ""
    editable = own.read_text("direct_url.json") or ""
    source = re.search(r'"url":\s*"file://([^"]+)"', editable) if '"editable": true' in editable else None
    return tuple(own.metadata.get_all("Provides-Extra") or ()), source.group(1) if source else ""


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""


def _nvidia_hardware(devices: Path) -> bool:
    """Look for a display controller (class 03) of vendor 10de, whether it has a driver or not."""
    for device in devices.glob("*"):
        try:
            vendor, kind = (device / "vendor").read_text().strip(), (device / "class").read_text().strip()
        except OSError:
            continue
        if vendor == "0x10de" and kind.startswith("0x03"):
            return True
    return False


def cuda_folders(search_path: str) -> dict[str, Version]:
    """Return the folders of a search path that hold NVRTC or the CUDA runtime, with their versions."""
    folders = {}
    for folder in filter(None, search_path.split(os.pathsep)):
        versions = [
            (int(number.group(1)), int(number.group(2) or 0))
            for pattern in ("libnvrtc.so.*", "libnvrtc-builtins.so.*", "libcudart.so.*")
            for path in Path(folder).glob(pattern)
            if (number := re.search(r"\.so\.(\d+)(?:\.(\d+))?", path.name))
        ]
        if versions:
            folders[folder] = max(versions)
    return folders


def _in_toolkit(name: str) -> bool:
    roots = [os.environ.get("CUDA_PATH", ""), "/usr/local/cuda", "/opt/cuda"]
    patterns = (f"lib64/lib{name}.so*", f"bin/{name}64_*.dll", f"bin/*/{name}64_*.dll")
    return any(next(Path(root).glob(pattern), None) for root in filter(None, roots) for pattern in patterns)
