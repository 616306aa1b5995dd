// The numbers that describe a convolution, in the order in which all its kernels take them, and where an output meets the image.
//
//   x (N, H, W, C)     kernel (KH, KW, C, F)     y (N, OH, OW, F)     strides (SH, SW)     padding above TOP, left LEFT     dilation (DH, DW)
//
// Output (oh, ow) meets with its tap (i, j) the pixel (oh * SH - TOP + i * DH, ow * SW - LEFT + j * DW), if that lies inside the image.
#pragma once
#include "common.cuh"

#define GEOMETRY_PARAMETERS int N, int H, int W, int C, int KH, int KW, int F, int OH, int OW, int SH, int SW, int TOP, int LEFT, int DH, int DW
#define GEOMETRY \
  Geometry { N, H, W, C, KH, KW, F, OH, OW, SH, SW, TOP, LEFT, DH, DW }

#define FAR_OUTSIDE (-(1 << 30))  // a row from which no tap reaches the image

struct Geometry {
  int N, H, W, C, KH, KW, F, OH, OW, SH, SW, TOP, LEFT, DH, DW;

  // x[n, h, w, 0] and y[n, oh, ow, 0] as places in memory; -1 for the padding around x.
  __device__ __forceinline__ int pixel(int n, int h, int w) const {
    return (unsigned)h < (unsigned)H && (unsigned)w < (unsigned)W ? ((n * H + h) * W + w) * C : -1;
  }
  __device__ __forceinline__ int output(int n, int oh, int ow) const { return ((n * OH + oh) * OW + ow) * F; }

  __device__ __forceinline__ int positions() const { return N * OH * OW; }
  __device__ __forceinline__ int rows_of_kernel() const { return KH * KW * C; }
};

// Indices from a flat place: (n, a, b) of an array (.., A, B).
__device__ __forceinline__ void unravel(int place, int A, int B, int &n, int &a, int &b) {
  b = place % B;
  const int rest = place / B;
  a = rest % A;
  n = rest / A;
}
