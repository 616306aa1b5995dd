"""The process in which `script.py` runs a script."""

from __future__ import annotations

import json
import os
import pickle
import runpy
import sys
import traceback
import unittest
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.looking import options_of
from ..checks.options import emulation
from ..checks.records import Endless, Failure
from ..checks.trace import Trace
from . import simulate
from .numba_modules import numba_of
from .script import LOOKING
from .script_limits import end_after, interrupt_once
from .script_source import sources_kept
from .typed import front_end


def main() -> None:
    """Run the script that the arguments name."""
    report, order, seconds, kernel_seconds, memory, file, path, *arguments = sys.argv[1:]
    front_end.available()  # before the limits: importing takes its own time
    _limit(int(memory), int(file))
    end_after(float(seconds))
    interrupt_once()
    sys.argv = [path, *arguments]
    sys.path[0] = str(Path(path).resolve().parent)
    code = 0
    looking = options_of(json.loads(os.environ.pop(LOOKING)))
    options = {"races": True, "memory_report": True, "thread_order": order, "seconds": float(kernel_seconds)}
    with emulation(**options, **looking) as findings:
        try:
            with numba_of(simulate.cuda), sources_kept():
                names = runpy.run_path(path, run_name="__main__")
                if not simulate.launches():
                    code = _run_tests(names)
        except SystemExit as error:
            code = int(error.code) if isinstance(error.code, int) else int(error.code is not None)
            if isinstance(error.code, str):
                print(error.code, file=sys.stderr)
        except KeyboardInterrupt:
            code = 130
            if not findings.of(Failure) and not findings.of(Endless):
                findings.add(Failure(Path(path).name, "the script was interrupted"))
        except BaseException as error:
            code = 1
            _tell(error, Path(path), findings)
        if code and not len(findings):
            findings.add(Failure(Path(path).name, f"the script ended with exit code {code}"))
        sys.stdout.flush()
        _write(Path(report), findings, looking["trace"])
    os._exit(code)  # threads and atexit functions of the script have no say in when it ends


def _tell(error: BaseException, path: Path, findings: Findings) -> None:
    """Print an exception as Python does, without the lines of this file; and add it to the findings."""
    entries = traceback.extract_tb(error.__traceback__)
    here = str(Path(__file__).parent)
    shown = [entry for entry in entries if not entry.filename.startswith((here, "<frozen"))]
    print("Traceback (most recent call last):", *traceback.format_list(shown), sep="\n", end="", file=sys.stderr)
    print("".join(traceback.format_exception_only(error)), end="", file=sys.stderr)
    if not isinstance(error, KernelError):
        place = next((f"{e.filename}:{e.lineno}" for e in reversed(shown) if Path(e.filename).name == path.name), None)
        findings.add(Failure(path.name, f"the script raised {type(error).__name__}: {error}", place))


def _run_tests(names: dict[str, Any]) -> int:
    """Run the tests that a file has, as unittest or pytest does; return the exit code."""
    cases = [value for value in names.values() if isinstance(value, type) and issubclass(value, unittest.TestCase)]
    own = [case for case in cases if case.__module__ == "__main__"]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in own)
    for name, value in names.items():
        if name.startswith("test") and isinstance(value, FunctionType) and not value.__code__.co_argcount:
            suite.addTest(unittest.FunctionTestCase(value))
    return int(suite.countTestCases() > 0 and not unittest.TextTestRunner().run(suite).wasSuccessful())


def _write(report: Path, findings: Findings, trace: Trace | None) -> None:
    part = report.with_suffix(".part")
    data: tuple[Any, ...] = (
        list(findings),
        findings.traffic,
        simulate.launches(),
        trace.launches if trace else [],
        findings.works,
    )
    part.write_bytes(pickle.dumps(data))
    part.replace(report)


def _limit(memory: int, file: int) -> None:
    """Set limits of memory and of written files, where the system has them."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))


if __name__ == "__main__":
    main()
