"""What the compiler says, in the lines of the file: without its own marks, and with a hint where one helps."""

from __future__ import annotations

import re

_MESSAGE = re.compile(r"^(?P<file>.*?):(?P<line>\d+)(?::\d+)?: (?P<kind>fatal error|error|note|warning): (?P<text>.*)$")
_HINTS = (
    (
        re.compile(
            r"(cublas|cudnn|cufft|cusparse|cusolver|curand\.h|nccl|npp|nvml|cutlass|thrust|cub)[\w/.]*: No such file"
        ),
        "this library has no stand-in on the CPU; leave its include out, or out of the part with the kernels",
    ),
    (re.compile(r"(\S+): No such file"), "name the folder of a header with -I FOLDER"),
    (
        re.compile(r"'main' was not declared|<<<"),
        "name a kernel with a comment  // racecheck: kernel<<<blocks, threads>>>(...)",
    ),
)
_ABSENT = re.compile(r"error: ([\w./+-]+): No such file")
_HOST_HEADER = re.compile(
    r"(?:cublas|cudnn|cufft|cusparse|cusolver|curand|nvml|npp|nccl|nvToolsExt|nvtx3/|cuda_profiler_api|"
    r"cuda_gl_interop|cudaGL|cudaProfiler|thrust/|helper_|GL/|nvrtc)[\w./+-]*"
)
_OWN = re.compile(r"tinyseg_|emulator")
LARGEST = 20
"""Messages that are shown."""


def readable(text: str) -> str:
    """Return the errors of a compiler, each as `file:line: error: what`, and notes that name the file's lines.

    Columns and the compiler's own excerpts are left out: they are those of the rewritten text.
    """
    kept: list[str] = []
    told: set[tuple[str, str]] = set()  # a second error of a line mostly follows from the first
    showing = True
    for line in text.splitlines():
        match = _MESSAGE.match(line)
        if match is None or match["kind"] == "warning":
            continue
        file = match["file"]
        if match["kind"] == "note":
            if _OWN.search(match["text"]) or _OWN.search(file) or file.startswith("/usr/") or not showing:
                continue
        else:
            showing = (file, match["line"]) not in told
            told.add((file, match["line"]))
            if not showing:
                continue
        said = f"{file}:{match['line']}: {match['kind'].removeprefix('fatal ')}: {match['text']}"
        said = re.sub(r"\s*\[-[\w=-]+\]$", "", said)
        if said not in kept:
            kept.append(said)
    if not kept:
        return text.strip()
    shown = kept[:LARGEST] + ([f"... and {len(kept) - LARGEST} more"] if len(kept) > LARGEST else [])
    hint = next((words for pattern, words in _HINTS if pattern.search("\n".join(kept))), None)
    return "\n".join([*shown, *([f"hint: {hint}"] if hint else [])])


def absent_host_header(text: str) -> str | None:
    """Return the header that a compiler did not find, if it is one of CUDA's libraries for the host."""
    absent = _ABSENT.search(text)
    return absent[1] if absent is not None and _HOST_HEADER.fullmatch(absent[1]) and ".." not in absent[1] else None
