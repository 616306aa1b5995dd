"""What the wheel holds: every file that the package needs at run time, sources of kernels included, and nothing
else.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "tinyseg": ROOT / "tinyseg",
    "tinyseg_kernels": ROOT / "kernels" / "tinyseg_kernels",
    "tinyseg_emulator": ROOT / "kernels" / "tinyseg_emulator",
}
AT_RUN_TIME = {".toml", ".txt", ".py", ".cu", ".cuh", ".h", ".hpp", ".cpp", ".typed", ".json", ".html", ".css", ".js"}


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel and return the names of its files."""
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: nothing is downloaded, hatchling comes with the test extra.
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        str(ROOT),
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = folder.glob("tinyseg-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def sources() -> set[str]:
    """Return the files of the packages that are needed at run time, as they must be called in the wheel."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}"
        for name, folder in PACKAGES.items()
        for path in folder.rglob("*")
        if (path.suffix in AT_RUN_TIME or "include" in path.parts) and path.is_file()
    }


def test_the_wheel_holds_every_source(contents: set[str]) -> None:
    expected = sources()
    assert {Path(name).suffix for name in expected} >= {".py", ".cu", ".cuh", ".h"}
    assert expected - contents == set()


def test_the_wheel_holds_nothing_else(contents: set[str]) -> None:
    other = {name for name in contents - sources() if ".dist-info/" not in name}
    assert other == set()
