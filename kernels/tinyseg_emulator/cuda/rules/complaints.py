"""Clang's complaints about a file, as rules of CUDA C++.

Only complaints that are known to be rules of nvcc too are taken: what else clang dislikes, the compiler that makes the
file runnable may judge. Some hold only when that compiler has refused the file as well, since they depend on the
emulator's headers; `Complaint.sure` is false for those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .clang_parse import text_before
from .headers import EMULATOR, STUDENT, SYSTEM, owner, place
from .names import BUILT_IN, DEVICE_LIBRARY, NOT_IN_STD

_ERROR = 3


class Complaint(NamedTuple):
    """A rule that a complaint is about, the place, what is wrong, and whether nothing else need confirm it."""

    rule: str
    file: str
    line: int
    what: str
    sure: bool = True


_SIDE = {"__global__": "a kernel", "__device__": "a __device__ function", "__host__ __device__": "device code"}

_FIXED: tuple[tuple[str, str, str], ...] = (
    (r"kernel function type '.*' must have void return type", "kernel-returns", "a kernel with a return type"),
    (
        r"kernel function '?(\w+)'? must be a free function or static member function",
        "kernel-member",
        "kernel {0} is a member of a class",
    ),
    (r"call to global function '?([\w:]+)'? not configured", "kernel-call", "kernel {0} is called like a function"),
    (r"kernel call to non-global function '?([\w:]+)'?", "launch-of-function", "{0} is launched, but is no kernel"),
    (
        r"cannot use variable-length arrays in .*",
        "run-time-array-size",
        "an array whose size is known only at run time",
    ),
    (r"cannot use '(throw|try)' in __(?:global|device)__ function", "exceptions", "'{0}' in device code"),
    (
        r"thread-local storage is not supported for the current target",
        "thread-local",
        "a thread_local variable in device code",
    ),
    (
        r"'(global|device|host|shared|constant)' and '(global|device|host|shared|"
        r"constant)' attributes are not compatible",
        "kernel-and-device",
        "__{0}__ beside __{1}__",
    ),
    (
        r"__constant__, __device__, and __managed__ are not allowed on non-static local variables",
        "local-memory-space",
        "a variable of device memory declared inside a function",
    ),
    (
        r"__shared__ local variables not allowed in __host__ functions",
        "shared-on-host",
        "a __shared__ variable in a function of the host",
    ),
    (
        r"dynamic initialization is not supported for __device__, .* variables\.?",
        "dynamic-initialiser",
        "a variable of device memory whose first value is computed",
    ),
    (
        r"redeclaration of '(\w+)' with a different type: '(.*)\[\]' vs '(.*)\[\]'",
        "dynamic-shared-name",
        "extern __shared__ array '{0}' is of {1} here and of {2} elsewhere",
    ),
    (
        r"CUDA device code does not support variadic functions",
        "kernel-ellipsis",
        "a function of device code with '...'",
    ),
)
_LATER: tuple[tuple[str, str], ...] = (
    (r"call to '([^']+)' is ambiguous", "{0}: several overloads fit these arguments equally well"),
    (
        r"use of overloaded operator '([^']+)' is ambiguous \(with operand types '([^']+)'.* and '([^']+)'.*\)",
        "{1} {0} {2}: several operators fit equally well",
    ),
    (r"too (few|many) arguments to function call.*", "too {0} arguments"),
    (
        r"invalid operands to binary expression \('([^']+)'.* and '([^']+)'.*\)",
        "no operator is defined between {0} and {1}",
    ),
)


def complaints(unit: Any) -> Iterator[Complaint]:
    """Yield what clang's complaints about the student's files say in CUDA's rules."""
    errors = [diagnostic for diagnostic in unit.diagnostics if diagnostic.severity >= _ERROR]
    # One number of dynamic shared memory; nvcc takes it, and clang then takes it for the host's.
    alone = [
        found[1]
        for d in errors
        if (found := re.fullmatch(r"__shared__ variable '(\w+)' cannot be 'extern'", d.spelling))
    ]
    for diagnostic in errors:
        file, line = place(diagnostic.location)
        if owner(file) != STUDENT:
            continue
        complaint = _read(diagnostic, file, line)
        if complaint is not None and not any(f"'{name}'" in complaint.what for name in alone):
            yield complaint


def fatal(unit: Any) -> str:
    """Return the complaint that made clang give up, such as a header that it cannot find; '' without one."""
    return next((diagnostic.spelling for diagnostic in unit.diagnostics if diagnostic.severity > _ERROR), "")


def _read(diagnostic: Any, file: str, line: int) -> Complaint | None:
    text = diagnostic.spelling
    for pattern, rule, what in _FIXED:
        found = re.fullmatch(pattern, text)
        if found:
            return Complaint(rule, file, line, what.format(*found.groups()))
    found = re.fullmatch(r"reference to __(host|global|device)__ (variable|function) '([^']+)' in (.*) function", text)
    if found:
        return _reference(diagnostic, file, line, *found.groups())
    found = re.match(r"(no matching|no viable)[^']*'([^']+)'", text)
    if found:
        return _no_match(diagnostic, file, line, found[2])
    if "cannot assign to variable" in text and re.search(rf"'({'|'.join(BUILT_IN)})'", text):
        return Complaint("read-only", file, line, "an index of the launch is written")
    for pattern, what in _LATER:
        found = re.match(pattern, text)
        if found:
            return Complaint("overload", file, line, what.format(*found.groups()), sure=False)
    return None


def _reference(diagnostic: Any, file: str, line: int, side: str, kind: str, name: str, by: str) -> Complaint | None:
    where = _SIDE.get(by, "")
    declared = {owner(place(note.location)[0]) for note in diagnostic.children if "declared here" in note.spelling}
    if EMULATOR in declared or name in BUILT_IN:
        return None
    if kind == "variable":
        return (
            Complaint("host-variable", file, line, f"{where} uses '{name}', a variable of the host") if where else None
        )
    if side == "device" and by == "__host__":
        return Complaint("device-function", file, line, f"the host calls '{name}', a __device__ function")
    if side == "global" and where:
        return Complaint("kernel-launch-on-device", file, line, f"{where} launches kernel '{name}'")
    # nvcc only warns where a function of both sides calls one of the host.
    if side != "host" or where in ("", "device code") or not _hosts(diagnostic, name):
        return None
    notes = [note.location for note in diagnostic.children if "declared here" in note.spelling]
    if any(_is_constexpr(location) for location in notes):
        return Complaint("constexpr-function", file, line, f"{where} uses '{name}', a constexpr function of the host")
    return Complaint("host-function", file, line, f"{where} uses '{name}', a function of the host")


def _is_constexpr(location: Any) -> bool:
    """Return whether the declaration at a place is of a constexpr function, by the words before it."""
    return re.search(r"\bconstexpr\b|_CONSTEXPR\b", text_before(location)) is not None


def _hosts(diagnostic: Any, name: str) -> bool:
    """Return whether a function that a complaint names is the host's for nvcc too."""
    notes = [place(note.location)[0] for note in diagnostic.children if "declared here" in note.spelling]
    # One of the student's own, or of a library; of those CUDA has some on the device.
    return any(owner(file) == STUDENT for file in notes) or not _on_device(name, notes)


def _on_device(name: str, files: Iterable[str]) -> bool:
    """Return whether CUDA has a function of the C or C++ library on the device as well."""
    if any(Path(file).name == "initializer_list" for file in files):
        return True
    return name.rpartition("::")[2] in DEVICE_LIBRARY - NOT_IN_STD


_WRONG_SIDE = re.compile(
    r"candidate (?:\w+ )*(?:not viable|ignored).*: call to (__\w+__(?: __\w+__)?) function from (.*) function"
)


def _no_match(diagnostic: Any, file: str, line: int, name: str) -> Complaint | None:
    notes = [(_WRONG_SIDE.search(note.spelling), place(note.location)[0]) for note in diagnostic.children]
    wrong = [(found[1], found[2], whose) for found, whose in notes if found]
    if not wrong:
        of_cuda = any(owner(whose) == EMULATOR for _, whose in notes)
        return (
            Complaint("overload", file, line, f"no overload of '{name}' takes these arguments", sure=False)
            if of_cuda
            else None
        )
    callee, caller, _ = wrong[0]
    where = _SIDE.get(caller, "")
    if callee == "__global__":
        return Complaint("kernel-call", file, line, f"kernel '{name}' is called like a function")
    if callee == "__device__" and caller == "__host__":
        return Complaint("device-function", file, line, f"the host calls '{name}', a __device__ function")
    if callee != "__host__" or where in ("", "device code"):
        return None
    owners = {owner(whose) for _, _, whose in wrong}
    if EMULATOR in owners or (owners == {SYSTEM} and _on_device(name, [whose for _, _, whose in wrong])):
        return None
    of = [note.location for note in diagnostic.children if _WRONG_SIDE.search(note.spelling)]
    if any(_is_constexpr(location) for location in of):
        return Complaint("constexpr-function", file, line, f"{where} calls '{name}', a constexpr function of the host")
    return Complaint("host-function", file, line, f"{where} calls '{name}', a function of the host")
