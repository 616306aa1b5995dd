"""Exercise: gpu_shared_tiles   (chapter 12, difficulty 4 of 5)

The matrix product, with tiles in shared memory:

    c[row, column] = sum over i of a[row, i] * b[i, column]        a (m, k), b (k, n), c (m, n)

One thread computes one element of c. If each fetched all it needs from global memory, every number would be fetched
many times over, once for each thread that needs it. The threads of a block need the same rows of a and the same columns
of b. So they go along k in steps of TILE: in each step every thread loads one number of a and one of b into shared
memory, where all threads of the block then find what they need.

        b   . . [2] .             one step: the block has loaded tile 1 of its rows of a
            . . [2] .             and tile 1 of its columns of b, each TILE x TILE numbers,
    a       . . ... .             and each thread adds TILE products to its sum
    [1][1]  . . (c) .

The launch is

    matmul<<<dim3(columns, rows), dim3(TILE, TILE)>>>(a, b, c, m, k, n)

with TILE = 8 and just as many blocks as c needs. None of m, k and n need be a multiple of TILE: what lies outside of a
matrix counts as 0. Rows lie one behind the other in memory: a[row, i] is a[row * k + i].

    __shared__ float tile[TILE][TILE];     memory that the threads of a block share
    __syncthreads();                       waits until all threads of the block have come here

It is checked that no thread reads what another one has not written yet, or overwrites what another one still needs, and
that global memory is read once per tile.

By hand: a = [[1, 2], [3, 4]], b = [[5, 6], [7, 8]]: c = [[19, 22], [43, 50]]. One step does it; the tiles are filled up
with zeros.

Allowed: CUDA C++. It runs on your CPU; no GPU is needed.
"""

SOURCE = r"""
#define TILE 8

__global__ void matmul(const float *a, const float *b, float *c, int m, int k, int n) {
  __shared__ float a_tile[TILE][TILE];
  __shared__ float b_tile[TILE][TILE];
  // yours to write
}
"""
