// Operands of the implicit GEMM for register tiles, with k running over taps and channels: how A's quads are found in x (or dy) instead of in a matrix.
//
// A thread loads the same few rows (windows or pixels) for all k, so a row's position is worked out once. k moves on by a few numbers at a time: a cursor
// (tap row, tap column, channel) follows it without divisions, and where a row meets the image is worked out anew only when the tap changes.
#pragma once
#include "../conv2d/gpu/geometry.cuh"
#include "register_tiles.cuh"

// k as (th, tw, channel) for `height` x `width` taps of `channels` channels.
struct TapCursor {
  int height, width, channels, th, tw, channel;

  __device__ __forceinline__ TapCursor(int height, int width, int channels, int k) : height(height), width(width), channels(channels) {
    unravel(k, max(width, 1), channels, th, tw, channel);
    if (width == 0) th = 0;
  }
  __device__ __forceinline__ bool valid() const { return th < height && width > 0; }
  // Moves on; returns whether the tap changed.
  __device__ __forceinline__ bool advance(int n) {
    channel += n;
    if (channel < channels) return false;
    do {
      channel -= channels;
      if (++tw >= width) tw = 0, th++;
    } while (channel >= channels);
    return true;
  }
};

// A: row m is a place where windows start, k a tap and a channel. `Places` says for row number `row` of the thread and a tap where its channels start in memory,
// or -1 where there is nothing.
template <int TILE, bool IN_QUADS, class Places>
struct GatheredRows {
  static constexpr bool K_INNER = true;
  const real *__restrict__ p;
  const Places &places;
  TapCursor cursor;
  int start[Shares<TILE>::ROWS];

  __device__ __forceinline__ GatheredRows(const real *p, const Places &places, TapCursor cursor) : p(p), places(places), cursor(cursor) { find(); }
  __device__ __forceinline__ void find() {
    if constexpr (IN_QUADS)
#pragma unroll
      for (int row = 0; row < Shares<TILE>::ROWS; row++) start[row] = cursor.valid() ? places(row, cursor.th, cursor.tw) : -1;
  }
  __device__ __forceinline__ void advance(int n) {
    if (cursor.advance(n)) find();
  }
  __device__ __forceinline__ quad at(int row) const {
    quad v = {0, 0, 0, 0};
    if constexpr (IN_QUADS) {
      if (start[row] >= 0) v = read_quad(p + start[row] + cursor.channel);
    } else {  // a quad may reach over several taps
      real numbers[4] = {0, 0, 0, 0};
      TapCursor each = cursor;
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int place = each.valid() ? places(row, each.th, each.tw) : -1;
        if (place >= 0) numbers[e] = p[place + each.channel];
        each.advance(1);
      }
      v = quad{numbers[0], numbers[1], numbers[2], numbers[3]};
    }
    return v;
  }
};
