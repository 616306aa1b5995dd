"""Scripts as documentation and courses have them, each complete, which `test_numba_scripts.py` runs as they stand."""

from __future__ import annotations

VECTOR_ADD = """
import numpy as np
from numba import cuda

@cuda.jit
def f(a, b, c):
    tid = cuda.grid(1)
    if tid < len(c):
        c[tid] = a[tid] + b[tid]

if __name__ == "__main__":
    N = 200
    a, b = cuda.to_device(np.arange(N, dtype=np.float64)), cuda.to_device(np.full(N, 2.0))
    c = cuda.device_array_like(a)
    f.forall(len(a))(a, b, c)
    f[4, 64](a, b, c)
    cuda.synchronize()
    print("sum", c.copy_to_host().sum())
"""

MATMUL = """
from numba import cuda, float32
import numpy as np
import math
TPB = 8

@cuda.jit
def fast_matmul(A, B, C):
    sA = cuda.shared.array(shape=(TPB, TPB), dtype=float32)
    sB = cuda.shared.array(shape=(TPB, TPB), dtype=float32)
    x, y = cuda.grid(2)
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    tmp = float32(0.)
    for i in range(cuda.gridDim.x):
        sA[ty, tx] = 0
        sB[ty, tx] = 0
        if y < A.shape[0] and (tx + i * TPB) < A.shape[1]:
            sA[ty, tx] = A[y, tx + i * TPB]
        if x < B.shape[1] and (ty + i * TPB) < B.shape[0]:
            sB[ty, tx] = B[ty + i * TPB, x]
        cuda.syncthreads()
        for j in range(TPB):
            tmp += sA[ty, j] * sB[j, tx]
        cuda.syncthreads()
    if y < C.shape[0] and x < C.shape[1]:
        C[y, x] = tmp

a = np.arange(13 * 13, dtype=np.float32).reshape(13, 13)
out = cuda.device_array((13, 13), np.float32)
blocks = math.ceil(13 / TPB)
fast_matmul[(blocks, blocks), (TPB, TPB)](cuda.to_device(a), cuda.to_device(a), out)
print("right", np.array_equal(out.copy_to_host(), a @ a))
"""

REDUCTION = """
import unittest
import numpy as np
from numba import cuda
from numba.cuda.testing import CUDATestCase, skip_on_cudasim
from numba.cuda.types import int32

@skip_on_cudasim("as the documentation has it")
class TestReduction(CUDATestCase):
    def test_sum(self):
        nelem = 64
        a = cuda.to_device(np.arange(nelem, dtype=np.int32))

        @cuda.jit
        def array_sum(data):
            tid = cuda.threadIdx.x
            size = len(data)
            shr = cuda.shared.array(nelem, int32)
            shr[tid] = data[tid]
            cuda.syncthreads()
            s = 1
            while s < cuda.blockDim.x:
                if tid % (2 * s) == 0:
                    shr[tid] += shr[tid + s]
                s *= 2
                cuda.syncthreads()
            if tid == 0:
                data[tid] = shr[tid]

        array_sum[1, nelem](a)
        print("sum", a[0])
        self.assertEqual(a[0], sum(range(nelem)))
"""

MONTE_CARLO = """
import numpy as np
from numba import cuda
from numba.cuda.random import create_xoroshiro128p_states, xoroshiro128p_uniform_float32, xoroshiro128p_normal_float64

@cuda.jit
def compute_pi(rng_states, iterations, out, normal):
    thread_id = cuda.grid(1)
    inside = 0
    for i in range(iterations):
        x = xoroshiro128p_uniform_float32(rng_states, thread_id)
        y = xoroshiro128p_uniform_float32(rng_states, thread_id)
        if x**2 + y**2 <= 1.0:
            inside += 1
    out[thread_id] = 4.0 * inside / iterations
    normal[thread_id] = xoroshiro128p_normal_float64(rng_states, thread_id)

states = create_xoroshiro128p_states(64, seed=1)
out, normal = np.zeros(64, dtype=np.float32), np.zeros(64)
compute_pi[2, 32](states, 10, out, normal)
np.save("random.npy", np.concatenate([out, normal]))
print("pi", out.mean())
"""

LAPLACE = """
import numpy as np
from numba import cuda

@cuda.jit
def solve(buf_0, buf_1, timesteps, k):
    i = cuda.grid(1)
    grid = cuda.cg.this_grid()
    for step in range(timesteps):
        if (step % 2) == 0:
            data, next_data = buf_0, buf_1
        else:
            data, next_data = buf_1, buf_0
        if 0 < i < len(data) - 1:
            next_data[i] = data[i] + k * (data[i - 1] - (2 * data[i]) + data[i + 1])
        grid.sync()

data = np.zeros(96)
data[48] = 10000
a, b = cuda.to_device(data), cuda.to_device(data)
solve[3, 32](a, b, 6, 0.25)
print("heat", a.copy_to_host().sum())
"""

HISTOGRAM = """
import argparse
import numpy as np
from numba import cuda, int32

@cuda.jit("void(uint8[:], int32[:])", fastmath=True)
def histogram(x, out):
    bins = cuda.shared.array(16, int32)
    t = cuda.threadIdx.x
    if t < 16:
        bins[t] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        cuda.atomic.add(bins, x[i] % 16, 1)
    cuda.syncthreads()
    if t < 16:
        cuda.atomic.add(out, t, bins[t])

parser = argparse.ArgumentParser()
parser.add_argument("--n", type=int, default=10)
n = parser.parse_args().n
x = (np.arange(n) * 7).astype(np.uint8)
out = np.zeros(16, np.int32)
histogram[2, 32](x, out)
print("counted", n, out.sum(), np.array_equal(out, np.bincount(x % 16, minlength=16)))
"""

SESSIONS = """
import numpy as np
from numba import cuda

@cuda.jit
def sessionize(user_id, timestamp, results):
    gid = cuda.grid(1)
    size = len(user_id)
    if gid >= size:
        return
    is_first = gid == 0
    if not is_first:
        is_first = (user_id[gid] != user_id[gid - 1]) or (timestamp[gid] - timestamp[gid - 1] > 3)
    if is_first:
        look = gid + 1
        while look < size and user_id[look] == user_id[gid] and timestamp[look] - timestamp[look - 1] <= 3:
            look += 1
        for k in range(gid, look):
            results[k] = gid

ids = cuda.to_device(np.array([1, 1, 1, 1, 2, 2, 2], np.int32))
times = cuda.to_device(np.array([1, 3, 5, 20, 1, 2, 9], np.int64))
sessions = cuda.to_device(np.zeros(7, np.int64))
sessionize.forall(7)(ids, times, sessions)
print("sessions", sessions.copy_to_host().tolist())
"""

VECTORIZE = """
import numpy as np
from numba import cuda, vectorize, guvectorize, float32, int64

@cuda.jit(device=True)
def square(x):
    return x * x

@vectorize(["float32(float32, float32)", "float64(float64, float64)"], target="cuda")
def distance(x, y):
    return (square(x) + square(y)) ** 0.5

@guvectorize([(int64[:], int64, int64[:])], "(n),()->(n)", target="cuda")
def shifted(x, by, out):
    for i in range(x.shape[0]):
        out[i] = x[i] + by

@cuda.reduce
def largest(a, b):
    return max(a, b)

print(distance(np.float32([3, 5]), np.float32([4, 12])), distance(np.arange(2.0), 1.0).dtype)
print(shifted(np.arange(4).reshape(2, 2), 10).tolist(), largest(np.array([3, 9, 4, 1, 7])))
"""

STREAMS = """
import numpy as np
from numba import cuda

@cuda.jit
def scale(x, k):
    i = cuda.grid(1)
    if i < x.size:
        x[i] *= k

stream = cuda.stream()
start, end = cuda.event(), cuda.event()
host = cuda.pinned_array(100, dtype=np.float32)
host[:] = 1
with stream.auto_synchronize():
    start.record(stream)
    x = cuda.to_device(host, stream=stream)
    scale[2, 64, stream](x, 3)
    x.copy_to_host(host, stream=stream)
    end.record(stream)
end.synchronize()
with cuda.profiling(), cuda.defer_cleanup():
    print(host.sum(), cuda.event_elapsed_time(start, end) > 0, len(cuda.gpus), cuda.get_current_device().WARP_SIZE)
"""

STRUCTURES = """
import numpy as np
from numba import cuda
particle = np.dtype([("x", np.float32), ("v", np.float32), ("hits", np.int32)], align=True)

@cuda.jit
def move(p, dt):
    i = cuda.grid(1)
    if i < p.size:
        p[i].x += p[i].v * dt
        p[i]["hits"] += i

p = np.zeros(40, particle)
p["v"] = 2
move[2, 32](p, np.float32(0.5))
z = np.array([1 + 2j], np.complex64)

@cuda.jit
def conjugate(z):
    z[0] = z[0] * z[0].conjugate() + z[0].real

conjugate[1, 1](z)
print(p["x"].sum(), p["hits"].tolist() == list(range(40)), z[0])
"""

STENCIL = """
import math
import numpy as np
from numba import cuda, float32
RADIUS = 1

@cuda.jit
def blur(image, out):
    tile = cuda.shared.array((10, 10), float32)
    row, column = cuda.grid(2)
    r, c = cuda.threadIdx.x + RADIUS, cuda.threadIdx.y + RADIUS
    for dr in range(-RADIUS, RADIUS + 1, 2):
        for dc in range(-RADIUS, RADIUS + 1, 2):
            y = min(max(row + dr, 0), image.shape[0] - 1)
            x = min(max(column + dc, 0), image.shape[1] - 1)
            if (r + dr in (0, 9) or dr == -1) and (c + dc in (0, 9) or dc == -1):
                pass
    tile[r, c] = image[row, column]
    cuda.syncthreads()
    if 1 < r < 8 and 1 < c < 8:
        total = 0.0
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                total += tile[r + dr, c + dc]
        out[row, column] = total / 9

image = np.ones((8, 8), np.float32)
out = np.zeros((8, 8), np.float32)
blur[(1, 1), (8, 8)](image, out)
print("inside", out.sum())
"""

SAYS = """
import numpy as np
import numba.cuda as nc
from numba.cuda import grid, syncthreads

@nc.jit
def says(x):
    i = grid(1)
    syncthreads()
    assert x[i] >= 0, "negative"
    print("thread", nc.threadIdx.x, x[i], 0.5)

says[1, 2](np.array([4, 5], np.int32))
print(nc.is_available(), nc.detect() is not None)
try:
    nc.declare_device("f", "int32(int32)")
except NotImplementedError as error:
    print("refused", "declare_device" in str(error))
"""

RIGHT = {
    "vector add": (VECTOR_ADD, [], "sum 20300.0"),
    "matmul": (MATMUL, [], "right True"),
    "reduction in a test": (REDUCTION, [], "sum 2016"),
    "laplace": (LAPLACE, [], "heat 10000.0"),
    "histogram": (HISTOGRAM, ["--n", "77"], "counted 77 77 True"),
    "sessions": (SESSIONS, [], "sessions [0, 0, 0, 3, 4, 4, 6]"),
    "vectorize": (VECTORIZE, [], "[ 5. 13.] float64\n[[10, 11], [12, 13]] 9"),
    "streams": (STREAMS, [], "300.0 True 1 32"),
    "structures": (STRUCTURES, [], "40.0 True (6+0j)"),
    "stencil": (STENCIL, [], "inside 36.0"),
    "says": (SAYS, [], "thread 0 4 0.500000\nthread 1 5 0.500000"),
}
"""Name -> the script, its arguments, and what it prints."""

RACE = MATMUL.replace("        cuda.syncthreads()\n        for j", "        for j")
ENDLESS = """
import numpy as np
from numba import cuda

@cuda.jit
def spins(x):
    i = cuda.grid(1)
    while x[i] < 1:
        x[i] = 0

spins[1, 4](np.zeros(4))
"""
REFUSED = VECTOR_ADD.replace("c[tid] = a[tid] + b[tid]", "c[tid] = a.sort_of(b)")
CRASHES = "import ctypes\nctypes.string_at(0)\n"
CHATTERS = "while True:\n    print('x' * 1000)\n"
