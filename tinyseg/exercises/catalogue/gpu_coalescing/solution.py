"""A transposition with coalesced reads and writes.

While reading, threadIdx.x runs along a row of x; while writing, it runs along a row of y. So a thread writes another
pixel than it has read: that of the thread with its two numbers exchanged, which is why a barrier lies between. Pixel
(r, c) of the tile comes from row `top + r` and column `left + c` of x. It belongs into row `left + c` and column
`top + r` of y: the corner of the tile is turned as well.

A row of the tile has one number more than it needs: then the 32 numbers of a column lie in 32 different banks.
"""

SOURCE = r"""
#define TILE 32
#define ROWS 8

__global__ void transpose(const float *x, float *y, int height, int width) {
  __shared__ float tile[TILE][TILE + 1];
  const int left = blockIdx.x * TILE, top = blockIdx.y * TILE;
  const int t = threadIdx.x;
  for (int i = threadIdx.y; i < TILE; i += ROWS) {
    if (top + i < height && left + t < width) tile[i][t] = x[(top + i) * width + left + t];
  }
  __syncthreads();
  for (int i = threadIdx.y; i < TILE; i += ROWS) {
    if (left + i < width && top + t < height) y[(left + i) * height + top + t] = tile[t][i];
  }
}
"""
