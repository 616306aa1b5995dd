"""Every exercise judges rightly: proven by machine, from the wheel that users install.

TINYSEG_PROOF=full tries all planted bugs and 20 mutants of each; without it, a seeded part.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FULL = os.environ.get("TINYSEG_PROOF") == "full"
SAMPLE = [] if FULL else ["--planted", "1", "--mutated", "1"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, which is all that an installation of pure Python does."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", str(ROOT), *options]
    built = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("tinyseg-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def proofs(installed: Path, elsewhere: Path) -> list[dict[str, Any]]:
    """Prove all exercises by the command, away from the sources."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "OPENBLAS_NUM_THREADS": "1", "TINYSEG_BACKEND": "numpy"}
    environment.pop("TINYSEG_EXERCISES", None)
    done = subprocess.run(
        [sys.executable, "-m", "tinyseg", "exercises", "prove", "--json", *SAMPLE],
        capture_output=True, text=True, cwd=elsewhere, env=environment, timeout=None if FULL else 580, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("[\n") :])
    return found


def test_every_exercise_judges_rightly(installed: Path, tmp_path: Path) -> None:
    """One test, so that one process proves all of it: several would each begin anew."""
    found = proofs(installed, tmp_path)
    assert len(found) >= 32
    assert not [f"{proof['exercise']}: {fault}" for proof in found for fault in proof["faults"]]
    unnamed = [f"{proof['exercise']}: {text}" for proof in found for text in proof["unnamed"]]
    planted, seen, named = (sum(proof[what] for proof in found) for what in ("planted", "found", "named"))
    assert all(proof["planted"] for proof in found)
    assert seen == planted, unnamed
    assert named >= 0.95 * planted, unnamed
    mutated, refused = (sum(proof[what] for proof in found) for what in ("mutated", "refused"))
    assert mutated >= (1.5 if FULL else 0.75) * len(found)
    # Of a small sample the mutants that change nothing may be more than 5 %.
    assert refused >= (0.95 if FULL else 0.9) * mutated, unnamed
