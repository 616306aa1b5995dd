"""Measures the emulator's checks: `python -m benchmarks.emulator [--baseline CHECKOUT]`.

Prints nanoseconds of processor time for each checked access, of this build and of that in another checkout, and their
ratio. Both run in turn, each in a process of its own, and the least of all runs counts, so that other programs on the
machine disturb little. The peak of memory is what the checked launches add to the process.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def measure(checkout: Path, runs: int) -> dict[str, Any]:
    """Return what the child says of the build in a checkout."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (checkout, checkout / "kernels")))}
    command = [sys.executable, str(HERE / "emulated" / "child.py"), str(runs)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{checkout}: the measurement failed\n{result.stderr}")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def least(measurements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the least of each number."""
    names = [name for name in measurements[0] if name != "peak"]
    result: dict[str, Any] = {
        name: {form: min(m[name][form] for m in measurements) for form in measurements[0][name]} for name in names
    }
    result["peak"] = min(m["peak"] for m in measurements)
    return result


def table(own: dict[str, Any], other: dict[str, Any] | None) -> str:
    """Return the measurements as text; the mean of ratios is the geometric one."""
    lines = [f"{'kernel':16}{'check':8}{'ns/access':>10}" + (f"{'baseline':>10}{'ratio':>8}" if other else "")]
    ratios = []
    for name in own:
        if name == "peak":
            continue
        for form, value in own[name].items():
            line = f"{name:16}{form:8}{value:10.1f}"
            if other:
                ratios.append(other[name][form] / value)
                line += f"{other[name][form]:10.1f}{ratios[-1]:7.2f}x"
            lines.append(line)
    line = f"{'peak memory, KB':24}{own['peak']:10}"
    if other:
        lines.append(f"{'mean':44}{math.exp(sum(map(math.log, ratios)) / len(ratios)):7.2f}x")
        line += f"{other['peak']:10}{own['peak'] / max(1, other['peak']):7.2f}x"
    return "\n".join([*lines, line])


def main() -> None:
    """Parse the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", type=Path, help="another checkout of the repository")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each build")
    parser.add_argument("--runs", type=int, default=5, help="launches of each kernel in a process")
    arguments = parser.parse_args()
    own, other = [], []
    for _ in range(arguments.rounds):
        own.append(measure(HERE.parent, arguments.runs))
        if arguments.baseline:
            other.append(measure(arguments.baseline.resolve(), arguments.runs))
    print(table(least(own), least(other) if other else None))


if __name__ == "__main__":
    main()
