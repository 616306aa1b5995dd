#!/usr/bin/env bash
# NVRTC 13.5.37 (no GPU is needed): with __launch_bounds__ on a kernel, --maxrregcount=32 is ignored without a word, and
# the kernel gets more registers than without the option. And of --use_fast_math and --ftz=false the second one wins in
# either order, so that the same options written the other way round do not mean the same as for other compilers.
#
#     no bounds:  110 registers, 32 with --maxrregcount=32 (the rest is spilled)
#     bounds:     110 registers, 152 with --maxrregcount=32
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nvidia-cuda-nvrtc==13.5.37
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import ctypes
import pathlib
import re
import site

paths = [path for folder in site.getsitepackages() for path in pathlib.Path(folder).rglob("libnvrtc.so.*")]
nvrtc = ctypes.CDLL(str(next(path for path in paths if "alt" not in path.name)))


def compiled(source, *options):
    """Return the compiler's log and the PTX."""
    program = ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"k.cu", 0, None, None)
    words = (ctypes.c_char_p * len(options))(*[option.encode() for option in options])
    assert nvrtc.nvrtcCompileProgram(program, len(options), words) == 0
    texts = []
    for what in ("ProgramLog", "PTX"):
        size = ctypes.c_size_t()
        getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
        text = ctypes.create_string_buffer(size.value)
        getattr(nvrtc, f"nvrtcGet{what}")(program, text)
        texts.append(text.value.decode())
    return texts


KERNEL = """
extern "C" __global__ void BOUNDS mix(const float *x, float *y, int n) {
  float a[64];
#pragma unroll
  for (int k = 0; k < 64; k++) a[k] = x[k * n + threadIdx.x];
  for (int round = 0; round < n; round++) {
#pragma unroll
    for (int k = 0; k < 64; k++) a[k] = a[k] * a[(k * 7 + 1) % 64] + x[round];
  }
#pragma unroll
  for (int k = 0; k < 64; k++) y[k * n + threadIdx.x] = a[k];
}
"""
registers = {}
for bounds in ("", "__launch_bounds__(64)"):
    for option in ((), ("--maxrregcount=32",)):
        log, _ = compiled(KERNEL.replace("BOUNDS", bounds), "--gpu-architecture=sm_90", "--ptxas-options=-v", *option)
        registers[bounds, option] = int(re.search(r"Used (\d+) registers", log)[1])
        print(f"{bounds or 'no bounds':22} {' '.join(option):18} {registers[bounds, option]} registers")
limited = ("--maxrregcount=32",)
assert registers["", limited] == 32
assert registers["__launch_bounds__(64)", limited] > registers["__launch_bounds__(64)", ()] > 32

DIVIDE = 'extern "C" __global__ void divide(float *x) { x[0] = x[1] / x[2]; }'
for options in (("--use_fast_math",), ("--ftz=false", "--use_fast_math"), ("--use_fast_math", "--ftz=false")):
    _, ptx = compiled(DIVIDE, "--gpu-architecture=compute_90", *options)
    instruction = re.search(r"div\S*\.f32", ptx)[0]
    print(f"{' '.join(options):30} {instruction}")
    assert (".ftz" in instruction) == (len(options) == 1)
PYTHON
