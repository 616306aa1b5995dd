"""A grid in two dimensions.

Each axis for itself is as in one dimension. Before pixel (row, column) lie `row` whole rows of `width` pixels each, and
then `column` pixels; every pixel has three numbers.

A thread right of the image must stop as well as one below it: its number would be that of a pixel in the next row.
"""

SOURCE = r"""
__global__ void grey(const float *rgb, float *y, int height, int width) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  const int row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row >= height || column >= width) return;
  const int pixel = row * width + column;
  const float *p = rgb + 3 * pixel;
  y[pixel] = 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
}
"""
