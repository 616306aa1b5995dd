"""Exercise: gpu_coalescing   (chapter 12, difficulty 4 of 5)

Transpose an image, and keep memory busy with what is asked for:

    y[column, row] = x[row, column]        x (height, width), y (width, height)

The 32 threads of a warp read at the same time. Memory comes in sectors of 32 bytes, 8 numbers. When the 32 threads want
32 numbers side by side, 4 sectors are fetched; when they want numbers that lie far apart, 32 are, and 7 of 8 numbers
are thrown away. The same holds for writing. A plain transposition reads along rows and writes along columns, or the
other way round: one of the two is always slow.

The way out: a block takes a tile of 32 x 32 pixels into shared memory, reading along the rows of x, and writes it along
the rows of y. The turn happens in shared memory, where it costs little.

The launch is

    transpose<<<dim3(columns, rows), dim3(32, 8)>>>(x, y, height, width)

with as many blocks along each axis as x has tiles. A block has 32 threads along x and 8 along y: each thread does 4
pixels of its column of the tile, 8 rows apart. The image may end within a tile.

It is checked that a warp reads x and writes y in no more than 5 sectors (4, and one more where a row does not begin at
a sector), and that no thread reads what another one has not written yet.

By hand: x = [[1, 2, 3], [4, 5, 6]] gives y = [[1, 4], [2, 5], [3, 6]]. In a larger image, the tile of block (x 2, y 1)
has the rows 32 to 63 and the columns 64 to 95 of x; it becomes rows 64 to 95 and columns 32 to 63 of y.

Allowed: CUDA C++. It runs on your CPU; no GPU is needed.
"""

SOURCE = r"""
#define TILE 32
#define ROWS 8

__global__ void transpose(const float *x, float *y, int height, int width) {
  __shared__ float tile[TILE][TILE + 1];
  // yours to write
}
"""
