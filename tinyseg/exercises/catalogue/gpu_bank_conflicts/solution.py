"""Sums of rows without bank conflicts.

With rows of 33 words, number k of row t is word 33 t + k, in bank (33 t + k) mod 32 = (t + k) mod 32: for one k that is
another bank for each t. The 33rd word of a row is never used. While loading, the threads of the warp write words
33 r + t of one row r, which lie side by side and so in different banks as well.

Two barriers for each tile: all have loaded before anybody adds, and all have added before the next tile comes. Places
outside of the image are filled with 0.
"""

from numba import cuda, float32

TILE = 32


@cuda.jit
def row_sums(x, sums):
    tile = cuda.shared.array((TILE, TILE + 1), float32)
    height, width = x.shape
    t = cuda.threadIdx.x
    top = cuda.blockIdx.x * TILE
    total = float32(0.0)
    for left in range(0, width, TILE):
        for r in range(TILE):
            if top + r < height and left + t < width:
                tile[r, t] = x[top + r, left + t]
            else:
                tile[r, t] = 0.0
        cuda.syncthreads()  # the tile is there
        for k in range(TILE):
            total += tile[t, k]
        cuda.syncthreads()  # nobody needs it any more
    if top + t < height:
        sums[top + t] = total
