"""One broken rule of CUDA C++."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Refusal:
    """A place in a file that nvcc refuses, or warns of.

    Args:
        file: The file's name.
        line: The line, from 1.
        rule: The rule's short name, such as 'host-variable'.
        what: What is wrong, with the names of the source.
        because: The rule itself.
        instead: What to write.
        source: The line's text.
        warned: nvcc only warns, and compiles; what it makes does not do what is meant.
    """

    file: str
    line: int
    rule: str
    what: str
    because: str
    instead: str
    source: str = ""
    warned: bool = False

    def __str__(self) -> str:
        verb = "nvcc warns of this" if self.warned else "nvcc refuses this"
        lines = [f"{self.file}:{self.line}: {verb}: {self.what}"]
        if self.source:
            lines.append(f"    {self.source}")
        return "\n".join([*lines, f"    rule ({self.rule}): {self.because}", f"    instead: {self.instead}"])

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dictionary."""
        return asdict(self)


RULES: dict[str, tuple[str, str]] = {
    "host-variable": (
        "a GPU has no access to the host's variables; device code sees those declared __device__, __constant__, "
        "__managed__ or __shared__, its own local ones, and const numbers whose value the compiler knows",
        "declare it __device__ (or __constant__ and fill it by cudaMemcpyToSymbol), or pass it as an argument",
    ),
    "host-table": (
        "of the constants of a file, device code may use single numbers by their value; an array, or "
        "the address of a "
        "constant, does not exist on the GPU",
        "declare the table  __constant__  (or __device__ const), or inside the function",
    ),
    "host-function": (
        "a function without __device__ is compiled for the host only, and device code cannot call it; the same holds "
        "for constructors, member functions and nearly all of the C and C++ libraries",
        "write  __host__ __device__  before the function, or use what CUDA has for it",
    ),
    "constexpr-function": (
        "a constexpr function is a function of the host, as long as nvcc is not given --expt-relaxed-constexpr",
        "write  __host__ __device__  before it; or compile with --expt-relaxed-constexpr, and say so in a comment "
        "of the file:  // nvcc --expt-relaxed-constexpr",
    ),
    "device-function": (
        "a function with __device__ alone, and CUDA's functions of threads, run on the GPU only",
        "call it in a kernel, or write  __host__ __device__  before it if it can run on both",
    ),
    "host-runtime": (
        "most functions of the CUDA runtime run on the host only",
        "call it on the host, before or after the launch",
    ),
    "kernel-call": (
        "a kernel is started by  kernel<<<blocks, threads>>>(...)  from the host; it cannot be called as a function",
        "launch it from the host, or make what both need a __device__ function",
    ),
    "kernel-launch-on-device": (
        "a launch from device code (dynamic parallelism) needs  nvcc -rdc=true",
        "launch it from the host, or call a __device__ function",
    ),
    "launch-of-function": (
        "<<<blocks, threads>>> starts functions that are declared __global__",
        "declare the function __global__, or call it without <<< >>>",
    ),
    "kernel-returns": (
        "a kernel returns nothing: its return type is void, written as such",
        "write  __global__ void , and return results through a pointer",
    ),
    "kernel-member": (
        "a kernel cannot be a member of a class, not even a static one",
        "make it a free function that takes the object, or what it needs of it, as an argument",
    ),
    "kernel-ellipsis": (
        "a kernel has a fixed list of parameters",
        "name each parameter; or pass a pointer and a count",
    ),
    "kernel-and-device": (
        "__global__ stands alone: not with __device__, __host__ or constexpr",
        "put the body into a __device__ function that the kernel and others call",
    ),
    "shared-initialiser": (
        "a __shared__ variable has no first value: each block gets memory as it is",
        "declare it without a value; let one thread write it, then __syncthreads()",
    ),
    "shared-on-host": ("shared memory belongs to a block of a GPU", "use a plain array in a function of the host"),
    "shared-size": (
        "a kernel has at most 48 KB (49,152 bytes) of shared memory whose size stands in the source",
        "use smaller tiles; or dynamic shared memory:  extern __shared__ float s[];  with the size in the launch",
    ),
    "dynamic-shared-name": (
        "all extern __shared__ arrays of one name are one array, so they have one type",
        "give the arrays of different kernels different names",
    ),
    "local-memory-space": (
        "__device__ and __constant__ variables stand outside of functions",
        "move it before the function; or write __shared__ for the block's memory, nothing for the thread's",
    ),
    "dynamic-initialiser": (
        "the first value of a variable in device memory must be known when the file is compiled; no code runs for it",
        "give it a constant, or write it in a kernel",
    ),
    "run-time-array-size": (
        "the size of an array must be a constant expression in C++, and device code has no exception to that",
        "make the size constexpr, a macro or a template parameter; or use extern __shared__ and size it in the launch",
    ),
    "exceptions": ("device code has no exceptions", "return an error code, use assert(), or __trap()"),
    "type-information": (
        "device code has no run-time type information: no dynamic_cast, no typeid",
        "use a virtual function, or a field that tells the kind",
    ),
    "thread-local": (
        "thread_local does not exist in device code",
        "a plain local variable belongs to one thread already",
    ),
    "extended-lambda": (
        "__device__ on a lambda, and a lambda as an argument of a kernel, need  nvcc --extended-lambda",
        "write a struct with a __device__ operator(); or compile with --extended-lambda, and say so in a comment of "
        "the file:  // nvcc --extended-lambda",
    ),
    "overload": (
        "CUDA's functions and types have these overloads and no others; where two fit equally well, "
        "or none does, the "
        "compiler does not choose",
        "convert one argument, so that both have the same type:  max(x, 0.0f)",
    ),
    "read-only": (
        "threadIdx, blockIdx, blockDim, gridDim and warpSize cannot be written",
        "compute with a variable of your own",
    ),
    "device-variable-on-host": (
        "a __device__ or __constant__ variable lies in the GPU's memory; on the host its name is a "
        "shadow with no value",
        "copy by  cudaMemcpyToSymbol  or  cudaMemcpyFromSymbol , or declare it __managed__",
    ),
    "constant-written": (
        "constant memory cannot be written by a kernel",
        "declare it __device__, or write it from the host by cudaMemcpyToSymbol",
    ),
}
"""Rule -> (what it says, what to write instead)."""
