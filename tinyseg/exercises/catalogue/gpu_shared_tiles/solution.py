"""The matrix product with tiles in shared memory.

The sum over i is cut into pieces of TILE: i = start + j with start = 0, TILE, 2 TILE, ... and j = 0 ... TILE - 1. For
one piece a block needs TILE x TILE numbers of a (its rows) and of b (its columns): as many as it has threads, so that
each loads one of either. Thread (x, y) loads what its place in the tile says; it uses row y of one and column x of the
other. Each number is fetched once by the block, and used TILE times.

Two barriers in each step: all must have loaded before anybody adds, and all must have added before anybody loads the
next tiles over these. A thread outside of c loads and waits like the others, for they need what it loads; it only does
not write. Zeros outside of the matrices add nothing to a sum.
"""

SOURCE = r"""
#define TILE 8

__global__ void matmul(const float *a, const float *b, float *c, int m, int k, int n) {
  __shared__ float a_tile[TILE][TILE];
  __shared__ float b_tile[TILE][TILE];
  const int x = threadIdx.x, y = threadIdx.y;
  const int column = blockIdx.x * TILE + x;
  const int row = blockIdx.y * TILE + y;
  float sum = 0.0f;
  for (int start = 0; start < k; start += TILE) {
    a_tile[y][x] = row < m && start + x < k ? a[row * k + start + x] : 0.0f;
    b_tile[y][x] = start + y < k && column < n ? b[(start + y) * n + column] : 0.0f;
    __syncthreads();  // the tiles are there
    for (int j = 0; j < TILE; j++) sum += a_tile[y][j] * b_tile[j][x];
    __syncthreads();  // nobody needs them any more
  }
  if (row < m && column < n) c[row * n + column] = sum;
}
"""
