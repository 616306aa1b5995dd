"""The process that compiles for `ptx.py`.

It reads jobs as JSON from its standard input and writes PTX as JSON to its standard output.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


def main() -> None:
    """Compile the jobs."""
    cuda: Any = importlib.import_module("numba.cuda")
    dispatcher: Any = importlib.import_module("numba.cuda.dispatcher")
    request = json.load(sys.stdin)
    cc = tuple(request["cc"])
    # A kernel that calls device functions asks the current device for its compute capability; without a GPU there is
    # none to ask.
    dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=cc)
    cuda.compile_ptx(_nothing, "void()", cc=cc)  # fails here, and for all, when a wheel is missing
    answer: list[dict[str, Any]] = []
    for job in request["jobs"]:
        module = _load(job["module"], job.get("name"))
        listed = (
            module.PTX_SIGNATURES if job["kernel"] is None else [(getattr(module, job["kernel"]), job["signature"])]
        )
        for kernel, signature, *reason in listed:
            answer.append(_compile(cuda, job["module"], kernel, tuple(signature), reason[0] if reason else "", cc))
    sys.stdout.write(json.dumps(answer))


def _compile(cuda: Any, module: str, kernel: Any, signature: tuple[str, ...], reason: str, cc: Any) -> dict[str, Any]:
    function = getattr(kernel, "py_func", kernel)
    ptx = error = ""
    try:
        ptx, _ = cuda.compile_ptx(function, f"void({', '.join(signature)})", cc=cc, lineinfo=True)
    except Exception as problem:  # Numba's errors have no common base
        error = f"{type(problem).__name__}: {problem}"
    return {
        "module": module,
        "kernel": function.__name__,
        "signature": signature,
        "ptx": ptx,
        "error": error,
        "reason": reason,
    }


def _load(name: str, module_name: str | None) -> ModuleType:
    """Import a module by its name, or a file by its path."""
    if not name.endswith(".py"):
        return importlib.import_module(name)
    if module_name and module_name.startswith("tinyseg_kernels."):
        return importlib.import_module(module_name)  # its relative imports need the package
    spec = importlib.util.spec_from_file_location(Path(name).stem, name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _nothing() -> None:
    pass


if __name__ == "__main__":
    main()
