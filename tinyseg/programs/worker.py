"""Runs a program's main() in this process; process.py starts it with its settings, as JSON, on a descriptor."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Read the settings and run."""
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        settings: dict[str, Any] = json.load(file)

    from tinyseg_emulator.cuda.program.running import run

    from tinyseg.exercises.sandbox.inside.limiting import limit

    def ready() -> None:
        seconds = 2 * settings["seconds"] + 60  # of the processor, for a program whose watcher is gone
        limit(settings["memory"], seconds, 1024, threads=True, file_size=settings["file_size"])

    run(
        settings["library"],
        settings["filename"],
        settings["source"],
        settings["arguments"],
        settings["records"],
        settings["memory"],
        settings["looking"],
        ready,
    )


if __name__ == "__main__":
    main()
