"""Set-up of the references, and the fixtures that every part of the test suite uses."""

from __future__ import annotations

import gc
import os
import signal
import zlib
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

# JAX and Keras read these once, when they are first imported, so they are set before anything else is. float64 has to
# be enabled in JAX.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"
if find_spec("jaxlib") is not None and metadata.version("jaxlib").startswith("0.10."):
    # Half of the time of a compilation goes into fusing, which pays for large arrays only. An unknown flag ends the
    # process, so only where it is known.
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false")
if not Path("/dev/nvidiactl").exists():
    # Numba reads this once too: without a GPU its kernels run in the simulator.
    os.environ["NUMBA_ENABLE_CUDASIM"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:
    # Several processes, each with a pool of BLAS threads that spin while they wait, would slow each other down.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from tinyseg_kernels.backend import get_backend
from tinyseg_kernels.cpu.threading.threads import get_num_threads

from tests.support.errors import ErrorLog
from tests.support.markers import FIRST, marks_of
from tests.support.process_state import changes, process_state

# Shells let commands in the background ignore Ctrl-C, and so would every process that a test starts to interrupt it.
signal.signal(signal.SIGINT, signal.default_int_handler)

_LOG = pytest.StashKey[ErrorLog]()


def pytest_configure(config: pytest.Config) -> None:
    """Start a log; under xdist every worker has its own and the controller merges them."""
    config.stash[_LOG] = ErrorLog()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by where they stand and by the backend that they are about (`markers.py`); the longest begin first."""
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    for item in items:
        for name in marks_of(item.nodeid):
            item.add_marker(name)


def pytest_collection_finish() -> None:
    """Leave what the tests have imported out of every later garbage collection.

    With JAX and Keras one takes half a second, and many tests ask for one.
    """
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its log to the controller."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["comparisons"] = session.config.stash[_LOG].as_dict()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """The controller takes the log of a worker that is done; a worker that crashed has none."""
    comparisons = getattr(node, "workeroutput", {}).get("comparisons", {})
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[_LOG].merge(comparisons)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how many comparisons were made against each reference, and the worst of each."""
    for line in config.stash[_LOG].lines():
        terminalreporter.write_line(line)
    for line in gpu_summary():
        terminalreporter.write_line(line, yellow=True, bold=True)


def gpu_summary() -> list[str]:
    """Say on what the tests of the GPU backends ran, loudly if on no GPU."""
    from tinyseg_kernels.gpu.availability import why_unavailable

    from tests.kernels.backends import EMULATED, MISSING

    if EMULATED:
        lines = [
            (
                f"GPU: NOT TESTED ON A REAL ONE ({why_unavailable('cupy')}). Its kernels were executed by the emulator "
                "on the CPU."
            )
        ]
    else:
        lines = ["GPU: the kernels were executed on a real one."]
    return lines + [f"GPU: backend {name!r} was SKIPPED: {reason}" for name, reason in MISSING.items()]


@pytest.fixture(scope="session", autouse=True)
def _decided() -> None:
    """Decide on threads and backend now: what nobody has asked for yet could not be told from what a test has left."""
    get_num_threads()
    get_backend()


@pytest.fixture(autouse=True)
def _leaves_nothing_behind() -> Iterator[None]:
    """A test that leaves a setting behind fails here, and not another one long after it."""
    before = process_state()
    yield
    left = changes(before, process_state())
    assert not left, f"left behind, as (before, after): {left}"


@pytest.fixture(scope="session")
def record_error(pytestconfig: pytest.Config) -> ErrorLog:
    """`record_error(kind, value)` notes one comparison; the summary prints each kind's count and worst value."""
    return pytestconfig.stash[_LOG]


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random numbers with a seed of the test's own: the same in every run, different in every test."""
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))
