// Zeros around images, or borders cut off: one kernel, since a border that is cut off is one of a negative number of zeros.
//
// A row of pixels is one run of numbers, whatever the channels: no thread has to find out its pixel. Each number is read and written once.
#include "pack.cuh"

// y[n, h, w, c] = x[n, h - top, w - left, c], and 0 where x has no such pixel. Images of height x row numbers become out_height x out_row; `left`, too, in numbers.
extern "C" __global__ void __launch_bounds__(256)
    shift_images(const real *__restrict__ x, real *__restrict__ y, int images, int height, int row, int out_height, int out_row,
                 int top, int left) {
  for_each_pair((unsigned)images * out_height, out_row / WIDTH, [&](unsigned y_row, unsigned pack) {
    const int n = y_row / out_height, h = (int)(y_row % out_height) - top, i = (int)pack * WIDTH - left;
    const bool inside = h >= 0 && h < height && i >= 0 && i < row;
    store(y + (long long)y_row * out_row + pack * WIDTH,
          inside ? load(x + ((long long)n * height + h) * row + i) : filled(real(0)));
  });
}
