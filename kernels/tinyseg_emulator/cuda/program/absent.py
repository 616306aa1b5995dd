"""What programs use that does not run here: for each kind, in words, and what to do instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..translate.exports import CompileError
from ..translate.statements import DEVICE, FUNCTION, Statement, function_name
from ..translate.tokens import Token

_KINDS: tuple[tuple[str, str], ...] = (
    (
        r"(?:cublas|cudnn|cufft|cusparse|cusolver|nccl|npp|nvml|cutlass)[\w/.]*",
        "NVIDIA's library {} runs on a GPU only. Write what it computes as a kernel, or put its calls between #ifndef "
        "TINYSEG_EMULATOR and #endif",
    ),
    (
        r"thrust\b[\w/.]*|cub/[\w/.]*|cub::\w+|cuda/std\b[\w/.]*|cuda/\w+",
        "{} is compiled by nvcc only. Write the reduction, scan or sort as a kernel, or use <algorithm> on the host",
    ),
    (
        r"curand(?:Generator|CreateGenerator|SetPseudo|RngType|Generate)\w*",
        "the host functions of cuRAND ({}) run on a GPU only. Use curand_kernel.h in a kernel, or <random> "
        "on the host and "
        "cudaMemcpy",
    ),
    (
        r"texture\b|tex[123]D\w*|tex[123]Dfetch|cudaTextureObject_t|cudaTextureDesc|cudaResourceDesc|"
        r"cudaBindTexture\w*|"
        r"cudaCreateTextureObject|cudaMallocArray|cudaMalloc3DArray|cudaMemcpy\w*Array\w*|surf[123]D\w*|surface\b|"
        r"cudaSurfaceObject_t|cudaChannelFormatDesc|cudaCreateChannelDesc|cudaArray\w*",
        "textures and surfaces ({}) are not executed. Read the array itself: __ldg(&x[i]) takes the same "
        "read-only cache",
    ),
    (
        r"cudaGraph\w*|cudaStreamBeginCapture|cudaStreamEndCapture|cudaStreamCapture\w*",
        "graphs ({}) are not executed. Launch the same operations on a stream",
    ),
    (
        r"cuInit|cuDevice\w*|cuCtx\w*|cuModule\w*|cuMem\w+|cuLaunchKernel|CUdevice\w*|CUcontext|CUmodule|"
        r"CUfunction|nvrtc\w*",
        "the driver's interface ({}) is not executed. The runtime's functions (cudaMalloc, <<<>>>) are",
    ),
    (
        r"cudaIpc\w+|cudaMemPool\w+|cudaDeviceGetDefaultMemPool|cudaGraphics\w+|cudaGL\w+",
        "{} is not executed: there is one device, one process, and no display",
    ),
    (
        r"helper_\w+\.h|exception\.h|common\.h",
        "{} does not come with CUDA but with the examples that use it. Name its folder with -I FOLDER",
    ),
    (
        r"mpi\.h|GL/\w+\.h|glut\.h|SDL\w*\.h|opencv2/[\w/.]+",
        "{} belongs to another library. Name its folder with -I FOLDER",
    ),
)
_MISSING = re.compile(
    r"error: (?P<file>[\w./+-]+): No such file|"
    r"'(?P<name>[\w:]+)' (?:was not declared|has not been declared|does not name a type|is not a (?:class|template))|"
    r"'(?P<other>\w+)' was not declared in this scope"
)


def what_is_absent(messages: str) -> str:
    """Return what to say of a compiler's messages, '' when they are about something else."""
    for match in _MISSING.finditer(messages):
        name = match["file"] or match["name"] or match["other"]
        for pattern, words in _KINDS:
            if re.fullmatch(pattern, name):
                return words.format(name)
    return ""


def refuse_device_heap(tokens: Sequence[Token], found: Sequence[Statement], filename: str) -> None:
    """Refuse functions for the device alone that allocate memory themselves: there is no heap of the device.

    Raises:
        CompileError: `malloc(...)` or `new` stands in one; placement `new (p) T` takes what is there.
    """
    for statement in found:
        words = {token.text for token in statement.head}
        if statement.kind != FUNCTION or statement.body is None or not words & DEVICE or "__host__" in words:
            continue
        first, last = statement.body
        for i in range(first, min(last, len(tokens) - 1)):
            behind, before = tokens[i + 1].text, tokens[i - 1].text
            calls = tokens[i].text == "malloc" and behind == "(" and before not in (".", "->")
            if calls or (tokens[i].text == "new" and behind != "(" and before != "operator"):
                place = function_name(statement.head)
                name = "a function" if place is None else f"{statement.head[place].text!r}"
                raise CompileError(
                    f"{filename}: memory that device code allocates itself ({tokens[i].text} in {name}) is not "
                    "executed. Allocate it with cudaMalloc in host code, and pass the pointer"
                )
