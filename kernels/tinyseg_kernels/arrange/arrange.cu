// Concatenation along any axis and its inverse, and the sum of several arrays. flatten and reshape move nothing.
//
// Each number is read once and written once.
#include "elementwise.cuh"

// Copies a block of rows x length numbers between arrays whose rows lie from_pitch and to_pitch apart. Seen from the axis, an array is a matrix: the axes
// before make the rows, it and the axes behind the columns; so a part of a concatenation is a block of neighbouring columns.
extern "C" __global__ void __launch_bounds__(256)
    copy_block(const real *__restrict__ from, int from_start, int from_pitch, real *__restrict__ to, int to_start, int to_pitch,
               int rows, int length) {
  for_each_pair(rows, length / WIDTH, [&](unsigned row, unsigned pack) {
    store(to + to_start + (long long)row * to_pitch + pack * WIDTH,
          load(from + from_start + (long long)row * from_pitch + pack * WIDTH));
  });
}

extern "C" __global__ void __launch_bounds__(256) add_2(const real *a, const real *b, real *y, int n) {
  elementwise({a, b}, y, n, [](const real(&v)[2]) { return v[0] + v[1]; });
}

extern "C" __global__ void __launch_bounds__(256) add_3(const real *a, const real *b, const real *c, real *y, int n) {
  elementwise({a, b, c}, y, n, [](const real(&v)[3]) { return v[0] + v[1] + v[2]; });
}

// Four arrays in one pass: 20 bytes per float32, where three sums of two would move 36.
extern "C" __global__ void __launch_bounds__(256)
    add_4(const real *a, const real *b, const real *c, const real *d, real *y, int n) {
  elementwise({a, b, c, d}, y, n, [](const real(&v)[4]) { return v[0] + v[1] + v[2] + v[3]; });
}
