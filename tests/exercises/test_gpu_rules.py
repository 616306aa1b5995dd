"""What a learner's file of kernels may hold."""

from __future__ import annotations

import pytest

from tinyseg.exercises.gpu.cuda_rules import check_cuda, cuda_source
from tinyseg.exercises.gpu.numba_rules import check_numba
from tinyseg.exercises.gpu.refusal import Refusal, Unreadable

KERNEL = "__global__ void k(const float *x, float *y, int n) {\n%s\n}\n"

GOOD_CUDA = (
    "__constant__ float k[3] = {1, (2 + 3) * 2, float(3)};\nconstexpr int N = sizeof(float) * 4;\n"
    "struct P { float x; int y; };\n__global__ void __launch_bounds__(256) f(P p, float *y) { y[0] = p.x; }\n",
    """#define TILE 16
#define HALF (TILE / 2)
__constant__ float w[9] = {1, 2, 3};
struct Pair { float a, b; };
template <int N> __device__ __forceinline__ float sum(const float *p) {
  float s = 0;
#pragma unroll
  for (int i = 0; i < N; i++) s += p[i];
  return s;
}
__device__ float sq(float v) { return v * v; }
"""
    + KERNEL
    % """  __shared__ float part[TILE][TILE + 1];
  int i = blockIdx.x * blockDim.x + threadIdx.x;  // "don't"
  const float v = (float)(i) * sq(x[i]) + (n - 1) * (n + 1) + (float)TILE;
  for (int s = blockDim.x / 2; s > 0; s /= 2) {
    __syncthreads();
    if (threadIdx.x < s) part[0][threadIdx.x] += part[0][(threadIdx.x + s)];
  }
  if (i < n) (y[i]) = sum<3>(x) + max(v, 0.0f) + static_cast<float>(i);
  float4 q = reinterpret_cast<const float4 *>(x)[i];
  atomicAdd(&y[0], 1.0f);
  printf("%d\\n", i);
  auto f = [&](int k) { return x[k]; };
  y[i] = f(2) + q.x;
""",
    'extern "C" __global__ __launch_bounds__(256) void k(float *x) {\n'
    "  extern __shared__ float s[];\n  if (x[0] > (2)) s[0]++;\n}",
    KERNEL % "  for (int i = 0; i < n; i++) { y[i] = 0; }\n  (void)x;\n  if (n) { y++; } else { n++; } (y[0]) = 1;",
    KERNEL % "  while (n) { y[n] = x[n] / (n); if ((n & 1) && (n > 2)) { } }\n  int index = 3, y1 = 2;",
)

BAD_CUDA = (
    # What would run on the host when the compiled kernel is loaded:
    'static int a = printf("x");\n',
    "__device__ int h() { return 1; }\nint a = h();\n",
    "__device__ int h() { return 1; }\nint a(h());\n",
    "__device__ int h() { return 1; }\nint a[2] = {1, h()};\n",
    "__device__ int h() { return 1; }\nint a{h()};\n",
    "__device__ int h() { return 1; }\nstruct S { int a = h(); };\nS s;\n",
    'struct S { __device__ S() { printf("x"); } };\nS s;\n',
    "#include <stdio.h>\n" + KERNEL % "",
    KERNEL % 'system("ls");',
    KERNEL % 'auto p = system; p("a");',
    "int system(const char *);" + KERNEL % "",
    "__device__ int system(float x) { return 0; }" + KERNEL % 'system("ls");',
    "int helper(int i) { return i; }" + KERNEL % "",
    KERNEL % 'sys\\\ntem("a");',
    KERNEL % "(*f)(3);",
    KERNEL % "f[0](3);",
    KERNEL % "[] { return 3; }(3);",
    KERNEL % "[](int k) { return k; }(3);",
    KERNEL % "[](int k) mutable { return k; }(3);",
    KERNEL % "float{3}(3);",
    KERNEL % "if (n) { n++; } (f)(3);",
    KERNEL % "((void (*)())0)();",
    KERNEL % 'asm("nop");',
    KERNEL % "std::sort(x);",
    KERNEL % "__builtin_trap();",
    "#define P(a, b) a##b\n" + KERNEL % "",
    "#define CALL(f) f()\n" + KERNEL % "CALL(getpid);",
    "#define E (3)\n" + KERNEL % "getpid E;",
    "#define E ()\n" + KERNEL % "getpid E;",
    "#define L (\n#define R )\n" + KERNEL % "getpid L R;",
    "#define if getpid\n" + KERNEL % "",
    "#define A getpid\n" + KERNEL % "A();",
    "#pragma GCC diagnostic\n" + KERNEL % "",
    KERNEL % "getpid();",
    KERNEL % "y[0] = 2 * getpid();",
    "__device__ int getpid();" + KERNEL % "getpid();",
    KERNEL % 'tinyseg_fail("a", "b", 3);',
    KERNEL % "cudaMalloc(&x, 3);",
    "int main() { k<<<1, 1>>>(); }" + KERNEL % "",
    "struct S { int (*f)(); };" + KERNEL % "S s; s.f();",
    "__device__ int g = getpid();" + KERNEL % "",
    KERNEL % "float *p = new float[3];",
    'extern "C" {\n' + KERNEL % "" + "}",
)

HEAD = "from numba import cuda, float32\nimport math\nTILE = 16\n@cuda.jit\ndef k(x, y, n):\n"
GOOD_NUMBA = (
    '    """A kernel."""\n    i = cuda.grid(1)\n    if i < n:\n'
    "        y[i] = math.sqrt(x[i]) + min(x[i], float32(2))\n",
    "    s = cuda.shared.array((TILE, TILE + 1), float32)\n"
    "    for k in range(0, n, TILE):\n        cuda.syncthreads()\n"
    "    cuda.atomic.add(y, 0, 1)\n    r, c = cuda.grid(2)\n    s[0, 0] = x.shape[0] + r + c\n",
    '    pass\n\n\nif __name__ == "__main__":\n    import os\n    print(os.listdir("."))\n',
    "    pass\n\n\nWIDTH: int = 16\n\n\n@cuda.jit(device=True)\ndef f(a: float, b: np.float32) "
    "-> 'float':\n    return a\n",
)
BAD_NUMBA = (
    HEAD + '    open("x")\n',
    HEAD + "    y.sum()\n",
    HEAD + "    y[:] = 0\n",
    HEAD + "    x.__class__\n",
    HEAD + "    import os\n",
    HEAD + "    [1, 2]\n",
    HEAD + "    cuda.jit\n",
    HEAD + "    np.load\n",
    HEAD + "    s = cuda.shared.array(n, float32)\n",
    HEAD + "    (lambda: 3)()\n",
    HEAD + "    x[0](3)\n",
    HEAD + "    getattr(x, y)\n",
    HEAD + "    cuda = 3\n",
    HEAD + '    print("a")\n',
    HEAD + "    math._x\n",
    HEAD + "    y.ctypes\n",
    HEAD + "    f = cuda.atomic.add\n    f(y, 0, 1)\n",
    "import os",
    "from os import system",
    'x = open("a")',
    "def f():\n    pass",
    "print(3)",
    "from numba import njit",
    "class A:\n    pass",
    '@cuda.jit\ndef f(x=open("a")):\n    pass',
    'x = __import__("os")',
    '@cuda.jit\ndef f(x: open("a")):\n    pass',
    'x: open("a") = 3',
    '@cuda.jit(open("x"))\ndef f(x):\n    pass',
    # what Python runs when it reads the file
    HEAD + '    pass\n\n\nif __name__ == "__main__":\n    pass\nelse:\n    import os\n',
    HEAD + '    pass\n\n\nif __name__ == "__main__":\n    pass\nelif np.lib.os.system("x"):\n    pass\n',
    "N: np.lib.os.system(3) = 4",
    "@cuda.jit\ndef f(x: np.lib.os.system(3)):\n    pass",
    "@cuda.jit\ndef f(x) -> np.lib.os.system(3):\n    pass",
    HEAD + "    cuda.grid = x\n",
    HEAD + "    np.sqrt = x\n",
)


@pytest.mark.parametrize("source", GOOD_CUDA)
def test_good_cuda(source: str) -> None:
    check_cuda(source)


@pytest.mark.parametrize("source", BAD_CUDA)
def test_bad_cuda(source: str) -> None:
    with pytest.raises(Refusal):
        check_cuda(source)


def test_lines_are_those_of_the_file() -> None:
    text = '"""Mine."""\n\nSOURCE = r"""\n__global__ void k(float *x) {\n  system("ls");\n}\n"""\n'
    with pytest.raises(Refusal) as refused:
        cuda_source(text, "mine.py")
    assert refused.value.line == 5
    made = cuda_source(text.replace('system("ls");', ""), "mine.py")
    assert '#line 3 "mine.py"\n' in made
    assert 'extern "C" __global__ void k(float *x)' in made
    assert made.count('extern "C"') == 1
    kept = cuda_source(text.replace('system("ls");', "").replace("__global__", 'extern "C" __global__'), "mine.py")
    assert kept.count('extern "C"') == 1


@pytest.mark.parametrize(("text", "cause"), [("x = 1", "kernel-missing"), ("def", "does-not-compile")])
def test_files_without_a_source(text: str, cause: str) -> None:
    with pytest.raises(Unreadable) as error:
        cuda_source(text, "mine.py")
    assert error.value.cause == cause


@pytest.mark.parametrize("body", GOOD_NUMBA)
def test_good_numba(body: str) -> None:
    check_numba(HEAD + body, "mine.py")


@pytest.mark.parametrize("text", BAD_NUMBA)
def test_bad_numba(text: str) -> None:
    with pytest.raises((Refusal, Unreadable)):
        check_numba(text, "mine.py")
