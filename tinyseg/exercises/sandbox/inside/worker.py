"""The process of a learner's code: `python -I -S worker.py FOLDER_OF_NUMPY FILE_OF_RUNNING`.

It reads frames on what was its standard input and answers on what was its standard output; what the learner's code
prints goes elsewhere. It first loads all that NumPy and the allowed modules need, sets its limits, locks itself, runs
the learner's file, and then calls functions of it, one frame for each call.
"""

from __future__ import annotations

import sys
from typing import Any


def loaded(name: str, path: str, codes: list[Any]) -> Any:
    """Load a file as a module that nobody else finds; note all that it can execute in `codes`."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)  # type: ignore[arg-type]
    # Builtins of its own: those of everybody may be something else once a learner's code has run.
    module.__dict__["__builtins__"] = dict(vars(sys.modules["builtins"]))
    code = spec.loader.get_code(name)  # type: ignore[union-attr]
    exec(code, module.__dict__)
    todo = [code]
    while todo:
        code = todo.pop()
        codes.append(code)
        todo += [constant for constant in code.co_consts if isinstance(constant, type(code))]
    return module


def start() -> None:
    """Load the rest of the worker and hand over to it."""
    here = __file__[: max(__file__.rfind("/"), __file__.rfind("\\")) + 1]
    sys.path.append(sys.argv[1])
    codes: list[Any] = []
    names = ("wire", "lock", "limiting", "syscalls", "patches", "serving")
    parts = {name: loaded(f"_{name}", f"{here}{name}.py", codes) for name in names}
    parts["running"] = loaded("_running", sys.argv[2], codes)
    parts["serving"].serve(parts, codes)


if __name__ == "__main__":
    start()
