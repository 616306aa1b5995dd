// Where the windows of a pooling lie; for max_pool2d.cu and avg_pool2d.cu.
//
// Each kernel's threads are laid over (row of all images' rows, column and pack of channels): one division by the height for a row and one by the packs for a
// pack, about 40 instructions for 16 bytes or more; nothing in the loops over a window divides.
#pragma once
#include "pack.cuh"

struct Pooling {
  int images, height, width, channels, out_height, out_width, window_height, window_width, stride_height, stride_width, top, left;
};

// The parameters of a kernel, in the order of gpu/pooling.py, and the same as a struct.
#define POOLING_PARAMETERS                                                                                                      \
  int images, int height, int width, int channels, int out_height, int out_width, int window_height, int window_width,          \
      int stride_height, int stride_width, int top, int left
#define POOLING                                                                                                                 \
  Pooling {                                                                                                                     \
    images, height, width, channels, out_height, out_width, window_height, window_width, stride_height, stride_width, top, left \
  }

// Windows that cover a position: first to last, none when last < first.
struct Range {
  int first, last;
};

// Of one axis: window o covers o * stride - before up to o * stride - before + window - 1.
__device__ __forceinline__ Range covering(int position, int before, int window, int stride, int windows) {
  const int from_start = position + before, beyond_first = from_start - window + 1;
  return {beyond_first <= 0 ? 0 : (beyond_first + stride - 1) / stride, min(windows - 1, from_start / stride)};
}

// How many positions of window o lie in an axis of this length.
__device__ __forceinline__ int inside(int start, int window, int length) { return min(start + window, length) - max(start, 0); }
