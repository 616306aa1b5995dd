"""Exercise: gpu_grid_2d   (chapter 12, difficulty 2 of 5)

From colour to grey, one thread for each pixel, with a grid in two dimensions:

    y[row, column] = 0.299 * red + 0.587 * green + 0.114 * blue

Blocks and threads may be numbered along two axes. Along x

    blockIdx.x  blockDim.x  threadIdx.x        and along y        blockIdx.y  blockDim.y  threadIdx.y

By custom x runs along a row, so that it counts columns, and y counts rows. The launch is

    grey<<<dim3(columns, rows), dim3(tx, ty)>>>(rgb, y, height, width)

with rgb of shape (height, width, 3) and y of shape (height, width), float32. There are at least as many threads along
each axis as pixels, and often more.

In C++ an array is one long row of numbers: the rows of an image lie one behind the other, and the three channels of a
pixel side by side. So the number of a pixel must be computed.

By hand: an image with 2 rows of 3 pixels. Pixel (row 1, column 0) is number 3, its red number 9, green 10, blue 11 of
rgb. With red 10, green 100 and blue 50 it becomes 2.99 + 58.7 + 5.7 = 67.39.

Allowed: CUDA C++. It runs on your CPU; no GPU is needed.
"""

SOURCE = r"""
__global__ void grey(const float *rgb, float *y, int height, int width) {
  // yours to write
}
"""
