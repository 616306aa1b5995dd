"""A convolution with a tile and its halo in shared memory.

The tile begins one row above and one column left of the block's own pixels: tile[a, b] is x[top + a, left + b] with
top = 8 * blockIdx.y - 1 and left = 8 * blockIdx.x - 1, or 0 where there is no such pixel. 64 threads load 100 numbers
by going through the tile in steps of the block: thread (x, y) loads a = y, y + 8 and b = x, x + 8, as far as there are
such places.

The window of thread (x, y) has its corner at tile[y, x], since its pixel is at tile[y + 1, x + 1].

Every thread loads and waits, also one beside the image: others need what it loads. Only then does it look whether it
has a pixel to write.
"""

from numba import cuda, float32

BLOCK = 8


@cuda.jit
def conv3x3(x, kernel, y):
    tile = cuda.shared.array((BLOCK + 2, BLOCK + 2), float32)
    height, width = x.shape
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    top, left = cuda.blockIdx.y * BLOCK - 1, cuda.blockIdx.x * BLOCK - 1
    for a in range(ty, BLOCK + 2, BLOCK):
        for b in range(tx, BLOCK + 2, BLOCK):
            if 0 <= top + a < height and 0 <= left + b < width:
                tile[a, b] = x[top + a, left + b]
            else:
                tile[a, b] = 0.0
    cuda.syncthreads()  # the tile is there
    column, row = cuda.grid(2)
    if row < height and column < width:
        total = float32(0.0)
        for i in range(3):
            for j in range(3):
                total += tile[ty + i, tx + j] * kernel[i, j]
        y[row, column] = total
