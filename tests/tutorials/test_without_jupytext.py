"""`tutorials/run.py` where what executes notebooks is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.utils.processes import run_python

RUN = Path(__file__).parents[2] / "tutorials" / "run.py"


@pytest.mark.parametrize("missing", ["jupytext", "nbclient", "ipykernel"])
def test_what_to_install_is_said(missing: str) -> None:
    process = run_python(
        f"import sys, runpy\nsys.modules[{missing!r}] = None\nrunpy.run_path(r'{RUN}', run_name='__main__')"
    )
    assert process.returncode == 1
    assert missing in process.stderr
    assert "pip install" in process.stderr
    assert "Traceback" not in process.stderr
