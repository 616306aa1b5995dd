"""Mistakes that GPU kernels are known for, each as a change of one place in a kernel of this package, and the check
that must notice.

Races, missing barriers and unset memory are what a GPU often hides: the result is right until another GPU, or another
day, orders the threads differently. For those the detector has to speak, in every order of the threads, and to name the
lines.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.mutants.planted import KERNELS, Mutant

RACE, UNSET, BOUNDS, MISALIGNED = "Race", "UninitialisedRead", "OutOfBounds", "Misaligned"
DIVERGENT, FAILURE, REFUSED = "DivergentBarrier", "Failure", "TypeError"
NUMBERS, PTX = "numbers", "ptx"

HOW = {
    RACE: "race detector",
    UNSET: "read of unset memory",
    BOUNDS: "bounds",
    MISALIGNED: "alignment",
    DIVERGENT: "divergent barrier",
    FAILURE: "error of the launch",
    REFUSED: "types of the arguments",
    NUMBERS: "numbers",
    PTX: "float64 in the PTX",
}
"""The checks, in words."""


class KernelBug(NamedTuple):
    """A planted bug: `by` is the check that must notice it on the workload `probe` of kernel_probes.py.

    A check of the emulator must do so in every order of the threads; `lines` are texts of the source lines that its
    report must name, for a race of both.
    """

    mutant: Mutant
    probe: str
    by: str
    lines: tuple[str, ...]


def _bug(name: str, file: str, before: str, after: str, probe: str, by: str, *lines: str) -> KernelBug:
    language = "numba" if file.endswith(".py") and "numba" in file else "cuda"
    test = "tests/mutants/test_kernel_bugs.py"
    return KernelBug(Mutant(f"{language}-{name}", f"{KERNELS}/{file}", before, after, test), probe, by, lines)


_SHARED_TILES, _REGISTER_TILES, _TENSOR_CORES = (
    "dense by shared tiles",
    "dense by register tiles",
    "dense by tensor cores",
)
_NUMBA_TILES = "Numba: dense by shared tiles"

KERNEL_BUGS: tuple[KernelBug, ...] = (
    # Barriers and races
    _bug("first-barrier-of-the-tiles", "gpu/shared_tiles.cuh", "    __syncthreads();  // the tiles of the last step are no longer read\n", "", _SHARED_TILES, RACE, "tiles.a[ty][tx] = value_a", "sum += tiles.a[ty][k]"),
    _bug("second-barrier-of-the-tiles", "gpu/shared_tiles.cuh", "tiles.b[ty][tx] = value_b;\n    __syncthreads();\n", "tiles.b[ty][tx] = value_b;\n", _SHARED_TILES, RACE, "tiles.b[ty][tx] = value_b", "sum += tiles.a[ty][k]"),
    _bug("barrier-before-the-first-step", "gpu/register_tiles.cuh", "keep<BN, B::K_INNER>(tiles.b[0], held_b);\n  __syncthreads();", "keep<BN, B::K_INNER>(tiles.b[0], held_b);", _REGISTER_TILES, RACE, "write_quad(real *p, quad v)", "read_quad(const real *p)"),
    _bug("barrier-between-steps", "gpu/register_tiles.cuh", "held_b);\n      __syncthreads();", "held_b);", _REGISTER_TILES, RACE, "write_quad(real *p, quad v)", "read_quad(const real *p)"),
    _bug("second-buffer-not-used", "gpu/register_tiles.cuh", "(tiles.b[now ^ 1], held_b)", "(tiles.b[now], held_b)", _REGISTER_TILES, RACE, "write_quad(real *p, quad v)", "read_quad(const real *p)"),
    _bug("barrier-in-a-reduction", "gpu/column_sums.cu", "      __syncthreads();\n      if (threadIdx.y < half)", "      if (threadIdx.y < half)", _SHARED_TILES, RACE, "part[place] = (chain[0]", "part[place] += part[place + half * width]"),
    _bug("barrier-between-warps", "gpu/common.cuh", "= v;\n  __syncthreads();", "= v;", "weighted sum", RACE, "scratch[thread / WARP] = v", "total += scratch[w]"),
    _bug("barrier-before-the-row's-sum", "gpu/softmax_rows.cuh", "      __syncthreads();  // it may still be read\n", "", "cross-entropy, long rows", RACE, "scratch[threadIdx.x / WARP] = v", "top = fmax(top, tops[w])"),
    _bug("barrier-after-the-row's-maxima", "gpu/softmax_rows.cuh", "        totals[threadIdx.x / WARP] = running.total;\n      }\n      __syncthreads();", "        totals[threadIdx.x / WARP] = running.total;\n      }", "softmax, long rows", RACE, "tops[threadIdx.x / WARP] = running.top", "top = fmax(top, tops[w])"),
    _bug("barrier-after-loading-rows", "gpu/softmax_registers.cuh", "= x[start + i];\n    }\n    __syncthreads();", "= x[start + i];\n    }", "softmax, few classes", RACE, "= x[start + i]", "r[k] = active ? tile["),
    _bug("barrier-before-the-next-tap", "depthwise_conv2d/depthwise_strips.cu", "    __syncthreads();  // part is used again for the next tap\n", "", "depthwise by strips", RACE, "part[place] = sum[tap]", "sum.v[k] += factor * values.v[k]"),
    _bug("barrier-in-a-merge", "batch_norm/batch_norm_sums.cu", "    __syncthreads();\n    if (walk.lane + half < active && count_of", "    if (walk.lane + half < active && count_of", "batch_norm", RACE, "count_of[t] = walk.rows_of_lane()", "count_of[other] > 0"),
    _bug("barrier-before-a-total-is-read", "optimizer/optimizer.cu", "total = sum;\n  __syncthreads();", "total = sum;", "adam with clipping", RACE, "total = sum;", "norm = sqrt(total)"),
    _bug("barrier-of-a-warp", "gpu/tensor_core_tiles.cuh", "nvcuda::wmma::mem_row_major);\n      __syncwarp();", "nvcuda::wmma::mem_row_major);", _TENSOR_CORES, RACE, "store_matrix_sync(stage", "read_quad(const real *p)"),
    _bug("atomic-in-shared-memory-lost", "confusion_matrix/confusion_matrix.cu", "atomicAdd(&own[cell * copies + threadIdx.x % copies], 1u)", "own[cell * copies + threadIdx.x % copies] += 1", "confusion counts", RACE, "own[cell * copies + threadIdx.x % copies] += 1"),
    _bug("atomic-between-blocks-lost", "confusion_matrix/confusion_matrix.cu", "if (sum > 0) atomicAdd(&counts[cell], sum);", "if (sum > 0) counts[cell] += sum;", "confusion counts", RACE, "counts[cell] += sum"),
    _bug("barrier-after-clearing-counts", "confusion_matrix/confusion_matrix.cu", "own[k] = 0;\n  __syncthreads();", "own[k] = 0;", "confusion counts", RACE, "own[k] = 0", "atomicAdd(&own[cell"),
    _bug("splits-write-to-one-place", "conv2d/gpu/conv2d_direct.cu", "dkernel[(blockIdx.y * (long long)g.rows_of_kernel() + row) * g.F + f] = sum", "dkernel[row * g.F + f] = sum", "conv2d, coalesced", RACE, "dkernel[row * g.F + f] = sum"),
    _bug("every-block-has-the-same-rows", "gpu/rows.cuh", "const long long first = (long long)blockIdx.x * chunk;", "const long long first = (long long)blockIdx.x * (chunk - 1);", "batch_norm", NUMBERS),
    _bug("rest-updated-twice", "optimizer/optimizer.cu", "for (long long i = rest + threadIdx.x; i < chunk.end", "for (long long i = chunk.start + threadIdx.x; i < chunk.end", "adam with clipping", RACE, "pack_at<N>(p + i)"),
    # Threads that part ways
    _bug("barrier-in-a-branch", "gpu/column_sums.cu", "      __syncthreads();\n      if (threadIdx.y < half) part[place] += part[place + half * width];", "      if (threadIdx.y < half) {\n        __syncthreads();\n        part[place] += part[place + half * width];\n      }", _SHARED_TILES, DIVERGENT, "__syncthreads();"),
    _bug("return-before-a-barrier", "gemm/gemm.cu", "  const auto read_a = [&](int m, int k)", "  if (m0 + threadIdx.y >= M) return;\n  const auto read_a = [&](int m, int k)", _SHARED_TILES, UNSET, "sum += tiles.a[ty][k] * tiles.b[k][tx]"),
    _bug("mask-of-half-a-warp", "gpu/common.cuh", "#define FULL_WARP 0xffffffffu", "#define FULL_WARP 0x0000ffffu", "weighted sum", FAILURE, "__shfl_xor_sync"),
    _bug("shuffle-in-a-branch", "dropout/dropout.cu", "    const unsigned bits = __shfl_sync(FULL_WARP, kept, element / ELEMENTS) >> (element % ELEMENTS);\n    if (first + element < size) {\n", "    if (first + element < size) {\n      const unsigned bits = __shfl_sync(FULL_WARP, kept, element / ELEMENTS) >> (element % ELEMENTS);\n", "dropout", FAILURE, "__shfl_sync"),
    # Memory: unset, out of bounds, misaligned
    _bug("only-one-copy-cleared", "confusion_matrix/confusion_matrix.cu", "k < cells * copies; k += THREADS) own[k] = 0", "k < cells; k += THREADS) own[k] = 0", "confusion counts", UNSET, "atomicAdd(&own[cell"),
    _bug("maxima-of-half-the-warps", "gpu/softmax_rows.cuh", "      if (threadIdx.x % WARP == 0) {\n        tops", "      if (threadIdx.x % WARP == 0 && threadIdx.x < 128) {\n        tops", "softmax, long rows", UNSET, "top = fmax(top, tops[w])"),
    _bug("last-pack-of-a-tile-not-kept", "gpu/tensor_core_tiles.cuh", "for (int n = 0; n < S::QUADS; n++) {\n    const int k = K_INNER", "for (int n = 0; n < S::QUADS - 1; n++) {\n    const int k = K_INNER", _TENSOR_CORES, UNSET, "load_matrix_sync"),
    _bug("sums-not-cleared", "gpu/tensor_core_tiles.cuh", "fill_fragment(sum.fragments[i][j], 0.0f);", "{}", _TENSOR_CORES, NUMBERS),
    _bug("scratch-for-half-the-warps", "gpu/softmax_rows.cuh", "real *tops = scratch, *totals = scratch + WARPS;", "real *tops = scratch, *totals = scratch + 2 * WARPS;", "softmax, long rows", BOUNDS, "totals[threadIdx.x / WARP] = running.total"),
    _bug("shared-array-too-small", "global_pool2d/global_pool2d.cu", "  __shared__ Pack<real> part[THREADS];\n  const int c", "  __shared__ Pack<real> part[THREADS / 2];\n  const int c", "global average", BOUNDS, "part[place] = sum"),
    _bug("dynamic-shared-memory-forgotten", "confusion_matrix/cupy_gpu.py", "shared_mem=4 * cells * copies", "shared_mem=4 * cells", "confusion counts", BOUNDS, "own[k] = 0"),
    _bug("row-beyond-the-tile", "gpu/register_tiles.cuh", "tile[k + 3][m] = v.w;", "tile[k + 4][m] = v.w;", _REGISTER_TILES, BOUNDS, "tile[k + 4][m] = v.w"),
    _bug("edge-of-b-not-checked", "gemm/gemm.cu", "return n < N ? b[k * bk + n * bn] : real(0);", "return b[k * bk + n * bn];", _SHARED_TILES, BOUNDS, "return b[k * bk + n * bn]"),
    _bug("rows-beyond-the-end", "gpu/column_sums.cu", "if (row < rows) chain[k]", "chain[k]", _SHARED_TILES, BOUNDS, "chain[k] +="),
    _bug("rest-of-a-block-not-checked", "dropout/dropout.cu", "if (place < size) p[k] = load(x + place);", "p[k] = load(x + place);", "dropout", BOUNDS, "reinterpret_cast<const Pack<T> *>(place)"),
    _bug("window-one-too-far", "max_pool2d/max_pool2d.cu", "h >= 0 && h < p.height && w >= 0 && w < p.width;", "h >= 0 && h <= p.height && w >= 0 && w < p.width;", "max_pool2d", BOUNDS, "reinterpret_cast<const Pack<T> *>(place)"),
    _bug("truth-outside-the-classes", "confusion_matrix/confusion_matrix.cu", "t >= 0 && t < num_classes && p", "t >= 0 && p", "confusion counts", BOUNDS, "atomicAdd(&own[cell"),
    _bug("weights-beyond-the-end", "confusion_matrix/confusion_matrix.cu", "for (unsigned i = threadIdx.x; i < (unsigned)positions; i += THREADS)", "for (unsigned i = threadIdx.x; i < (unsigned)positions + WARP; i += THREADS)", "weighted counts", BOUNDS, "cells[i] == (int)blockIdx.x"),
    _bug("packs-from-an-odd-place", "gpu/packs.py", "array.size == 0 or array.data.ptr % PACK_BYTES == 0", "array.size == 0 or array.data.ptr % 4 == 0", "relu of a view", MISALIGNED, "reinterpret_cast<const Pack<T> *>(place)"),
    _bug("fragments-at-odd-places", "gpu/tensor_core_tiles.cuh", "#define STAGE_ROW 20", "#define STAGE_ROW 18", _TENSOR_CORES, FAILURE, "store_matrix_sync"),
    # The launch
    _bug("float-instead-of-double", "weighted_sum/cupy_gpu.py", "sums = empty(count, np.float64)", "sums = empty(count, losses.dtype)", "weighted sum", REFUSED),
    _bug("more-threads-than-promised", "softmax/cupy_gpu.py", "_SOURCE.launch(kernel + ending, x.dtype, grid, THREADS,", "_SOURCE.launch(kernel + ending, x.dtype, grid, 2 * THREADS,", "softmax, long rows", FAILURE),
    # Arithmetic and places
    _bug("tile-turned", "gpu/shared_tiles.cuh", "tiles.a[tx][ty] = value_a; else tiles.a[ty][tx] = value_a;", "tiles.a[ty][tx] = value_a; else tiles.a[tx][ty] = value_a;", _SHARED_TILES, NUMBERS),
    _bug("bias-of-the-first-columns", "gpu/register_tiles.cuh", "add[e] = bias[n + e];", "add[e] = bias[e];", _REGISTER_TILES, NUMBERS),
    _bug("rest-of-the-partial-sums", "gemm/gemm.cu", "for (; s < splits; s++)", "for (; s < 0; s++)", "dense, a long sum", NUMBERS),
    _bug("butterfly-without-its-first-step", "gpu/common.cuh", "for (int offset = WARP / 2; offset", "for (int offset = WARP / 4; offset", "softmax, rows of a warp", NUMBERS),
    _bug("strides-of-h-and-w-swapped", "depthwise_conv2d/depthwise_direct.cu", "h0 = (int)(row % out_height) * stride_height - top, w0 = (int)(column / packs) * stride_width - left", "h0 = (int)(row % out_height) * stride_width - top, w0 = (int)(column / packs) * stride_height - left", "depthwise, direct", NUMBERS),
    _bug("window-of-another-thread", "conv2d/gpu/conv2d_shared_tiles.cu", "const int m = m0 + threadIdx.y, f = n0 + threadIdx.x;\n  int n, oh, ow;", "const int m = m0 + threadIdx.x, f = n0 + threadIdx.y;\n  int n, oh, ow;", "conv2d by shared tiles", NUMBERS),
    _bug("h-and-w-swapped", "upsampling2d/upsampling2d.cu", "vertical = blend_of(row % out_height, a), horizontal = blend_of(column / packs, b)", "vertical = blend_of(row % out_height, b), horizontal = blend_of(column / packs, a)", "upsampling, bilinear", NUMBERS),
    _bug("top-and-left-swapped", "pad2d/pad2d.cu", "(int)(y_row % out_height) - top, i = (int)pack * WIDTH - left", "(int)(y_row % out_height) - left, i = (int)pack * WIDTH - top", "padding", NUMBERS),
    _bug("last-of-equal-numbers-wins", "max_pool2d/max_pool2d.cu", "!(v.v[k] <= best.v[k])", "!(v.v[k] < best.v[k])", "max_pool2d in packs", NUMBERS),
    _bug("wrong-winograd-coefficient", "conv2d/gpu/conv2d_winograd.cu", "{0, -P * QQ, -QQ, P, 1, 0}", "{0, -P * QQ, -QQ, -P, 1, 0}", "conv2d by Winograd", NUMBERS),
    _bug("winograd-kernel-not-turned", "conv2d/gpu/conv2d_winograd.cu", "turned ? 8 - 3 * i - j : 3 * i + j", "3 * i + j", "conv2d by Winograd", NUMBERS),
    _bug("spread-of-means-forgotten", "batch_norm/batch_norm_sums.cu", "m2 += m2_b + d * d * count * share;", "m2 += m2_b;", "batch_norm", NUMBERS),
    _bug("last-chunk-taken-for-a-full-one", "batch_norm/batch_norm_sums.cu", "b < chunks - 1 ? chunk : rows - (chunks - 1) * chunk", "chunk", "batch_norm", NUMBERS),
    _bug("one-round-of-philox-less", "dropout/dropout.cu", "#define ROUNDS 10", "#define ROUNDS 9", "dropout", NUMBERS),
    _bug("tensor-found-one-too-early", "optimizer/optimizer.cu", "if (table[middle] <= blockIdx.x)", "if (table[middle] < blockIdx.x)", "adam with clipping", NUMBERS),
    _bug("epsilon-inside-the-root", "optimizer/optimizer.cu", "(sqrt(s[1]) + epsilon)", "sqrt(s[1] + epsilon)", "adam with clipping", NUMBERS),
    # Numba
    _bug("first-barrier-of-the-tiles", "gemm/numba_gpu.py", "            cuda.syncthreads()\n            add_products(", "            add_products(", _NUMBA_TILES, RACE, "b_slice[k, q] =", "sums[r, q] += a[k"),
    _bug("second-barrier-of-the-tiles", "gemm/numba_gpu.py", "rows, columns)\n            cuda.syncthreads()", "rows, columns)", _NUMBA_TILES, RACE, "a_slice[k, r] =", "sums[r, q] += a[k"),
    _bug("barrier-in-a-reduction", "gpu/numba_rows.py", "        cuda.syncthreads()\n        if lane < half:\n            scratch[t] += ", "        if lane < half:\n            scratch[t] += ", "Numba: softmax", RACE, "scratch[t] = value", "scratch[t] += scratch[t + half]"),
    _bug("barrier-after-a-reduction", "gpu/numba_rows.py", "            scratch[t] += scratch[t + half]\n        half //= 2\n    cuda.syncthreads()\n", "            scratch[t] += scratch[t + half]\n        half //= 2\n", "Numba: softmax", RACE, "scratch[t] += scratch[t + half]", "result = scratch[t - lane]"),
    _bug("atomic-lost", "confusion_matrix/numba_gpu.py", "cuda.atomic.add(own, cells[i], 1)", "own[cells[i]] += 1", "Numba: confusion counts", RACE, "own[cells[i]] += 1"),
    _bug("atomic-between-blocks-lost", "confusion_matrix/numba_gpu.py", "cuda.atomic.add(counts, k, own[k])", "counts[k] += own[k]", "Numba: confusion counts", RACE, "counts[k] += own[k]"),
    _bug("splits-write-to-one-place", "gemm/numba_gpu.py", "    if column < c.shape[2]:\n        total = c.dtype.type(0)\n        for k in range(split * length, min((split + 1) * length, a.shape[1])):\n            total += a[row, k] * b[k, column]\n        c[split, row, column] =", "    if column < c.shape[2]:\n        total = c.dtype.type(0)\n        for k in range(split * length, min((split + 1) * length, a.shape[1])):\n            total += a[row, k] * b[k, column]\n        c[0, row, column] =", "Numba: dense, a long sum", RACE, "c[0, row, column] ="),
    _bug("barrier-in-a-branch", "gpu/numba_rows.py", "        cuda.syncthreads()\n        if lane < half:\n            scratch[t] += ", "        if lane < half:\n            cuda.syncthreads()\n            scratch[t] += ", "Numba: softmax", DIVERGENT, "cuda.syncthreads()"),
    _bug("mask-of-half-a-warp", "dropout/numba_gpu.py", "128, 32, 0xFFFFFFFF, 8, 10", "128, 32, 0x0000FFFF, 8, 10", "Numba: dropout", FAILURE, "cuda.shfl_sync"),
    _bug("counts-not-cleared", "confusion_matrix/numba_gpu.py", "        own[k] = 0\n", "        own[0] = 0\n", "Numba: confusion counts", UNSET, "cuda.atomic.add(own, cells[i], 1)"),
    _bug("sums-not-cleared", "gemm/numba_gpu.py", "        clear(sums)\n", "", "Numba: dense by register tiles", UNSET, "sums[r, q] += a[k"),
    _bug("size-not-checked", "activation/numba_gpu.py", "    if i < x.size:\n        zero = x.dtype", "    if i <= x.size:\n        zero = x.dtype", "Numba: relu", BOUNDS, "y[i] = zero if x[i] <= zero"),
    _bug("row-beyond-the-slice", "gemm/numba_gpu.py", "a_slice[k, r] = a[", "a_slice[k + 1, r] = a[", _NUMBA_TILES, BOUNDS, "a_slice[k + 1, r] ="),
    _bug("sum-in-float64", "softmax/numba_gpu.py", "    total = x.dtype.type(0)\n    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):\n        total += math.exp", "    total = 0.0\n    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):\n        total += math.exp", "Numba: softmax", PTX, "total += math.exp(x[row, k] - top)"),
    _bug("division-by-an-int", "global_pool2d/numba_gpu.py", "y[i] /= y.dtype.type(pixels)", "y[i] /= pixels", "Numba: global average", PTX, "y[i] /= pixels"),
    _bug("h-and-w-swapped", "upsampling2d/numba_gpu.py", "x[n, oh // a, ow // b, c]", "x[n, oh // b, ow // a, c]", "Numba: upsampling", NUMBERS),
    _bug("last-of-equal-numbers-wins", "max_pool2d/numba_gpu.py", "where < 0 or v > best or", "where < 0 or v >= best or", "Numba: max_pool2d", NUMBERS),
    _bug("spread-of-means-forgotten", "batch_norm/numba_gpu_sums.py", "m2s[t] += m2s[other] + d * d * counts[t] * share", "m2s[t] += m2s[other]", "Numba: batch_norm", NUMBERS),
    _bug("one-round-of-philox-less", "dropout/numba_gpu.py", "0xFFFFFFFF, 8, 10", "0xFFFFFFFF, 8, 9", "Numba: dropout", NUMBERS),
)  # fmt: skip
"""All of them."""
