"""Exercise: gpu_bank_conflicts   (chapter 12, difficulty 5 of 5)

The sum of each row of an image, fast in global memory and fast in shared memory:

    sums[r] = x[r, 0] + x[r, 1] + ... + x[r, W - 1]        x (H, W), sums (H,)

One thread adds up one row. If it read its row directly, the 32 threads of a warp would read 32 rows at a time, far
apart in memory. So the block takes one tile of 32 x 32 numbers after the other into shared memory. While it loads, the
threads stand side by side along a row; while it adds, each thread goes along its own row of the tile.

Shared memory has 32 banks: word w lies in bank w % 32. The 32 threads of a warp may read 32 different banks at once.
Different words of one bank are read one after the other: that is a bank conflict. In a tile with rows of 32 words, all
32 threads want the same bank when each reads the first number of its row:

    row 0    words  0 ... 31    the first one in bank 0
    row 1    words 32 ... 63    the first one in bank 0 as well

The launch is

    row_sums[blocks, 32](x, sums)

float32; block b has rows 32 * b to 32 * b + 31. Neither H nor W need be a multiple of 32.

It is checked that x is read in at most 5 sectors of 32 bytes by a warp, that there is no bank conflict at all, and that
no thread reads what another one has not written yet, or overwrites what another one still needs.

By hand: x = [[1, 2, 3], [4, 5, 6]] gives sums = [6, 15].

Allowed: Numba CUDA (cuda, float32), plain arithmetic. It runs on your CPU; no GPU is needed.
"""

from numba import cuda, float32

TILE = 32


@cuda.jit
def row_sums(x, sums):
    pass  # yours to write
