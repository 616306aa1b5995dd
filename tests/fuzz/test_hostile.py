"""A header that asks for everything, a bomb, a name that leads elsewhere.

Refused, in little memory, and nothing is executed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.utils.processes import run_python

from .hostile import hostile_files
from .readers import READERS, Reader

pytestmark = pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux to measure memory")

MOST_BYTES = 200 << 20
LAZY = {"metric of 10^6 classes"}
"""May run out of memory: it asks for zeros, which the system only promises, and they are not touched before they are
used."""
PROGRAM = """
    import os, sys
    from tests.fuzz.child import main
    os.chdir(sys.argv[1])
    main(sys.argv[2])
"""


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_hostile_files(reader: Reader, tmp_path: Path) -> None:
    """Every file ends as 'read' or 'refused', within 200 MB and 20 seconds."""
    done = run_python(PROGRAM, str(tmp_path), reader.name)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    ended = {line["kind"]: line for line in lines if "ended" in line}
    assert done.returncode == 0, f"{lines[-1:]}, exit status {done.returncode}: {done.stderr[-2000:]}"
    assert ended.keys() == hostile_files(reader.name, reader.sources()).keys()
    wrong = {kind: line["ended"] for kind, line in ended.items() if line["ended"] not in ("read", "refused")}
    wrong = {kind: how for kind, how in wrong.items() if kind not in LAZY or how != "ran out of memory"}
    assert not wrong
    greedy = {kind: line["bytes"] >> 20 for kind, line in ended.items() if line["bytes"] > MOST_BYTES}
    assert not greedy, f"MB: {greedy}"
    assert not list(tmp_path.iterdir()), "something was executed, or written where it does not belong"
    worst = max(ended.values(), key=lambda line: line["bytes"])
    print(f"\nhostile: {reader.name}: {len(ended)} files, most memory {worst['bytes'] >> 20} MB ({worst['kind']})")
