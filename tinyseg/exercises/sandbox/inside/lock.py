"""The lock of a process for a learner's code: what Python reports as an event is refused, with the reason.

`sys.addaudithook` cannot be taken back. It sees every import, file, process, socket, thread and look into frames,
however it is reached: through modules that NumPy holds, through `object.__subclasses__`, through a text that is run.
What Python does not report is taken out of the modules that have it (`strip`).

It is a guard against cheats, not a prison: the right results are not in this process at all.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

Refuse = Callable[..., Any]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


REFUSED = _words(
    """os subprocess socket ctypes shutil tempfile glob pathlib mmap fcntl resource signal pty syslog sqlite3 winreg
    _winapi msvcrt ftplib http imaplib nntplib poplib smtplib telnetlib urllib webbrowser ensurepip
    pdb gc marshal pickle cpython
    setopencodehook faulthandler shelve ssl select"""
)
"""First parts of the names of events that nothing here has a use for."""

REFUSED_WHOLE = frozenset(
    [
        "sys._current_frames",
        "sys._current_exceptions",
        "sys._debugmallocstats",
        "sys.addaudithook",
        "sys.monitoring.register_callback",
        "sys.remote_exec",
        "sys.setprofile",
        "sys.settrace",
        "sys.set_asyncgen_hooks_firstiter",
        "sys.set_asyncgen_hooks_finalizer",
        "builtins.breakpoint",
        "code.__new__",
        "function.__new__",
    ]
)
THREADS = frozenset(["_thread.start_new_thread", "_thread.start_joinable_thread"])
FRAMES = frozenset(["tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_back", "f_globals", "f_locals", "f_builtins"])
CODE = frozenset(["__code__", "gi_code", "cr_code", "ag_code", "f_code"])
WATCHED = REFUSED_WHOLE | THREADS | {"import", "open", "compile", "exec", "sys._getframe", "tinyseg.refused"}
ATTRIBUTES = frozenset(["object.__getattr__", "object.__setattr__", "object.__delattr__"])

ASKS_FOR_FRAMES = ("collections", "dataclasses", "enum", "functools", "typing", "warnings")
"""Modules that look where they are called from, for the name of a module."""
READS_SOURCES = ("linecache", "tokenize")

OTHERS = (
    "subprocess",
    "socket",
    "select",
    "selectors",
    "multiprocessing",
    "mmap",
    "fcntl",
    "resource",
    "signal",
    "gc",
    "msvcrt",
)
DANGEROUS = frozenset(
    [
        *OTHERS,
        "ctypes",
        "faulthandler",
        *(
            "_" + name
            for name in ("ctypes", "posixsubprocess", "socket", "signal", "winapi", "testcapi", "multiprocessing")
        ),
    ]
)
"""Modules whose functions do not all report themselves; what is loaded of them is forgotten."""

HARMLESS_OS = _words(
    """fspath getpid getcwd stat lstat urandom getrandom cpu_count process_cpu_count sched_getaffinity times uname
    strerror isatty get_terminal_size get_inheritable fsencode fsdecode getenv"""
)
HARMLESS_IMP = _words("acquire_lock release_lock lock_held extension_suffixes is_builtin is_frozen find_frozen")


def text(value: object) -> str:
    """Return what an event tells in words. A learner's object is not asked: it could do something meanwhile."""
    if type(value) is str:
        return value
    return repr(value) if type(value) in (int, bytes) else "something"


def lock(codes: Iterable[Any], file: str, threads: bool, refuse: Refuse) -> None:
    """Lock this process.

    Args:
        codes: The code of the worker: what it does is not looked at. Its modules' globals would not tell it, since a
            text can be run with the globals of others.
        file: The learner's file, as its code names it.
        threads: Whether threads may be started.
        refuse: Is told kind, detail and line of what is refused, and does not return.
    """
    kept = [*codes]
    owned = frozenset([id(code) for code in kept])
    getframe, thread = sys._getframe, sys.modules["_thread"].get_ident
    loaded = frozenset(sys.modules)
    modules = {name: sys.modules[name] for name in (*ASKS_FOR_FRAMES, *READS_SOURCES) if name in sys.modules}
    asks = frozenset(getattr(modules.get(name), "__file__", "") or "" for name in ASKS_FOR_FRAMES)
    reads = frozenset(getattr(modules.get(name), "__file__", "") or "" for name in READS_SOURCES)
    libraries = _libraries()
    standard = sys.stdlib_module_names
    busy: dict[int, bool] = {}

    def line_of(frame: Any) -> int:
        while frame is not None:
            if frame.f_code.co_filename == file:
                return int(frame.f_lineno)
            frame = frame.f_back
        return 0

    def judged(event: str, args: tuple[Any, ...], frame: Any) -> tuple[Any, ...] | type[Exception] | None:
        """Return None for what is allowed, an exception to be raised silently, or what is refused."""
        if event == "tinyseg.refused":
            return args
        if id(frame.f_code) in owned and event != "import":
            return None
        source = frame.f_code.co_filename
        of_library = source != file and source.startswith(libraries)
        if event == "import":
            # What a library would load for its own sake, it does without.
            name = text(args[0])
            if name in loaded:
                return ("replaced", f"sys.modules[{name!r}]")
            return ImportError if of_library and name.partition(".")[0] in standard else ("import", name)
        if event == "open":
            return OSError if source in reads else ("open", text(args[0]))
        if event in ("compile", "exec"):
            return None if of_library else ("run", "a text")
        if event == "sys._getframe":
            return None if source in asks else ("frames", event)
        if event in ATTRIBUTES:
            name = text(args[1])
            forbidden = name in FRAMES or (name in CODE and not of_library)
            return ("frames", name) if forbidden else None
        if event in THREADS:
            return None if threads else ("thread", event)
        return ("event", event)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if not (event in WATCHED or event in ATTRIBUTES or event.partition(".")[0] in REFUSED):
            return
        me = thread()
        if busy.get(me):  # the hook's own look at frames
            return
        busy[me] = True  # from here on nothing of a learner's runs, and nothing can fail before it is taken back
        try:
            frame = getframe(1)
            verdict = judged(event, args, frame)
            line = line_of(frame) if isinstance(verdict, tuple) else 0
        finally:
            busy[me] = False
        if isinstance(verdict, tuple):
            refuse(*verdict, line=line)
        elif verdict is not None:
            raise verdict(f"{event}: not in this process")

    sys.addaudithook(hook)


def _libraries() -> tuple[str, ...]:
    """Return where the files of the standard library and of NumPy begin."""
    found = []
    for module in ("functools", "collections", "numpy", "typing"):
        path = str(getattr(sys.modules.get(module), "__file__", "") or "")
        end = max(path.rfind("/"), path.rfind("\\"))
        found.append(path[: end + 1])
    return (*filter(None, found), "<frozen ", "<__array_function__")


def builtins_for() -> dict[str, Any]:
    """Return the builtins of the learner's module: without files and without texts that are run.

    The import is the usual one: NumPy's functions in C use it too, and what is not loaded yet is an event.
    """
    mine = dict(vars(sys.modules["builtins"]))
    for name in ("open", "exec", "eval", "compile", "breakpoint"):
        mine[name] = refuser("call", name)
    mine["exit"] = mine["quit"] = sys.exit
    return mine


REFUSER = compile(
    """
def refused(*args, **keywords):
    audit("tinyseg.refused", kind, *(detail or args))
""",
    "<refused>",
    "exec",
)


def refuser(kind: str, *detail: str) -> Any:
    """Return a function that tells the lock to refuse; without a detail its first argument is the detail.

    A learner's code can look at it, and so at its globals: they hold no more than it needs.
    """
    names: dict[str, Any] = {"audit": sys.audit, "kind": kind, "detail": detail, "__builtins__": {}}
    exec(REFUSER, names)
    return names["refused"]


def strip(threads: bool) -> None:
    """Take out of the loaded modules what would not be reported.

    Writing to a descriptor, building a module in C, and, before Python 3.12, starting a thread.
    """
    for name in list(sys.modules):
        if name.partition(".")[0] in DANGEROUS:
            del sys.modules[name]
    internal = sys.modules.get("numpy._core._internal") or sys.modules.get("numpy.core._internal")
    if internal is not None:
        internal.ctypes = None  # type: ignore[attr-defined]  # NumPy works without
    for name in ("posix", "nt", "os"):
        _strip(name, lambda function: function not in HARMLESS_OS, "system")
    _strip("_imp", lambda function: function not in HARMLESS_IMP, "system")
    time = sys.modules["time"]
    for function in ("clock_settime", "clock_settime_ns"):
        if hasattr(time, function):
            setattr(time, function, refuser("system", f"time.{function}"))
    for function in ("import_module", "__import__"):  # they do not report themselves when nothing is found
        setattr(sys.modules["importlib"], function, refuser("import"))
    if not threads:
        for name in ("_thread", "threading"):
            _strip(name, lambda function: function.lstrip("_").startswith("start_"), "thread")


def _strip(name: str, chosen: Callable[[str], bool], kind: str) -> None:
    module = sys.modules.get(name)
    for function, value in list(vars(module).items()) if module else ():
        if isinstance(value, types.BuiltinFunctionType) and chosen(function):
            setattr(module, function, refuser(kind, f"{value.__module__}.{function}"))
