"""tinyseg in Pyodide: the wheel installs and works, and a part of the tests with the mark `pyodide` passes there.

All of them: `python -m tests.pyodide`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pyodide.files import pyodide_folder, why_not
from tests.pyodide.running import ROOT, plain_packages, run
from tests.support.markers import PYODIDE, marks_of

needs_pyodide = pytest.mark.skipif(why_not() is not None, reason=f"NOTHING IS TESTED IN PYODIDE: {why_not()}")
CORE = (
    "tests/kernels/test_conv2d.py", "tests/kernels/test_max_pool2d.py", "tests/kernels/test_confusion_matrix.py",
    "tests/segmentation/test_thresholds.py", "tests/segmentation/test_regions.py", "tests/models/test_training.py",
    "tests/models/test_plain_safetensors.py", "tests/datasets/test_image_files.py",
    "tests/exercises/test_notebook.py",
)  # fmt: skip
"""What a 32-bit platform without threads is most likely to break."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "-w", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@needs_pyodide
def test_the_wheel_installs_and_works(wheel: Path) -> None:
    done = run("/repo/tests/pyodide/install.py", wheel.name, packages=("micropip",), mounts={"/wheels": wheel.parent})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "all right" in done.stdout


@needs_pyodide
def test_core_tests_pass(tmp_path: Path) -> None:
    packages = ("numpy", "scipy", "scikit-learn", "matplotlib", "pillow", "pygments")
    mounts = {"/packages": plain_packages(tmp_path)}
    done = run("/repo/tests/pyodide/inside.py", *CORE, packages=packages, mounts=mounts)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def test_marked_files_exist() -> None:
    for name in PYODIDE:
        file, _, test = name.partition("::")
        assert (ROOT / file).exists(), name
        assert not test or f"def {test}(" in (ROOT / file).read_text("utf-8")
    assert all("pyodide" in marks_of(name) for name in CORE)
    assert "pyodide" not in marks_of("tests/kernels/test_conv2d.py::TestConv2D::test_x[cupy]")


@needs_pyodide
def test_what_tinyseg_needs_is_in_pyodide() -> None:
    folder = pyodide_folder()
    assert folder is not None
    known = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))["packages"]
    assert {"numpy", "scipy", "matplotlib", "scikit-learn", "pillow", "threadpoolctl"} <= set(known)
