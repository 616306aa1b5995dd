// The states of curand's generators, how they begin, go on and jump: Philox4_32_10 (Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", 2011) and XORWOW. The words are curand's own.
#pragma once
#include "curand.h"
#include "device/xorwow.h"

struct curandStatePhilox4_32_10 {
  uint4 ctr, output;
  uint2 key;
  unsigned STATE;  // which word of the output is next
  int boxmuller_flag, boxmuller_flag_double;
  float boxmuller_extra;
  double boxmuller_extra_double;
};
typedef curandStatePhilox4_32_10 curandStatePhilox4_32_10_t;

struct curandStateXORWOW {
  unsigned d, v[5];
  int boxmuller_flag, boxmuller_flag_double;
  float boxmuller_extra;
  double boxmuller_extra_double;
};
typedef curandStateXORWOW curandStateXORWOW_t;
typedef curandStateXORWOW curandState_t;
typedef curandStateXORWOW curandState;

namespace emulator {
TINYSEG_UNCHECKED inline uint4 philox(uint4 c, uint2 k) {
  for (int round = 0; round < 10; round++, k.x += 0x9e3779b9u, k.y += 0xbb67ae85u) {
    const unsigned long long a = 0xd2511f53ull * c.x, b = 0xcd9e8d57ull * c.z;
    c = {unsigned(b >> 32) ^ c.y ^ k.x, unsigned(b), unsigned(a >> 32) ^ c.w ^ k.y, unsigned(a)};
  }
  return c;
}
// The counter is a number of 128 bits.
TINYSEG_UNCHECKED inline void philox_advance(curandStatePhilox4_32_10 *state, unsigned __int128 by) {
  uint4 &c = state->ctr;
  const unsigned long long low = (unsigned long long)c.y << 32 | c.x, high = (unsigned long long)c.w << 32 | c.z;
  const unsigned __int128 sum = ((unsigned __int128)high << 64 | low) + by;
  c = {unsigned(sum), unsigned(sum >> 32), unsigned(sum >> 64), unsigned(sum >> 96)};
  state->output = philox(c, state->key);
}
template <class State>
inline void forget_normals(State *state) {
  state->boxmuller_flag = state->boxmuller_flag_double = 0;
  state->boxmuller_extra = 0;
  state->boxmuller_extra_double = 0;
}
}  // namespace emulator

inline void skipahead(unsigned long long n, curandStatePhilox4_32_10_t *state) {
  const unsigned place = state->STATE + unsigned(n & 3);
  state->STATE = place & 3;
  emulator::philox_advance(state, (unsigned __int128)(n / 4) + place / 4);
}
inline void skipahead_sequence(unsigned long long n, curandStatePhilox4_32_10_t *state) {
  emulator::philox_advance(state, (unsigned __int128)n << 64);
}
inline void curand_init(unsigned long long seed, unsigned long long sequence, unsigned long long offset,
                        curandStatePhilox4_32_10_t *state) {
  state->ctr = {0, 0, 0, 0};
  state->key = {unsigned(seed), unsigned(seed >> 32)};
  state->STATE = 0;
  emulator::forget_normals(state);
  skipahead_sequence(sequence, state);
  skipahead(offset, state);
}
inline unsigned curand(curandStatePhilox4_32_10_t *state) {
  const unsigned words[4] = {state->output.x, state->output.y, state->output.z, state->output.w};
  const unsigned word = words[state->STATE & 3];
  if (++state->STATE == 4) {
    state->STATE = 0;
    emulator::philox_advance(state, 1);
  }
  return word;
}
inline uint4 curand4(curandStatePhilox4_32_10_t *state) {
  const uint4 a = state->output;
  emulator::philox_advance(state, 1);
  const uint4 b = state->output;
  const unsigned words[7] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z}, *first = words + (state->STATE & 3);
  return {first[0], first[1], first[2], first[3]};
}

inline void skipahead(unsigned long long n, curandStateXORWOW_t *state) {
  emulator::xorwow_jump(state->v, n, 0);
  state->d += 362437u * unsigned(n);
}
inline void skipahead_sequence(unsigned long long n, curandStateXORWOW_t *state) {
  emulator::xorwow_jump(state->v, n, 67);
}
inline void curand_init(unsigned long long seed, unsigned long long sequence, unsigned long long offset,
                        curandStateXORWOW_t *state) {
  const unsigned a = 1099087573u * (unsigned(seed) ^ 0xaad26b49u),
                 b = 2591861531u * (unsigned(seed >> 32) ^ 0xf7dcefddu);
  state->d = 6615241u + b + a;
  state->v[0] = 123456789u + a;
  state->v[1] = 362436069u ^ a;
  state->v[2] = 521288629u + b;
  state->v[3] = 88675123u ^ b;
  state->v[4] = 5783321u + a;
  emulator::forget_normals(state);
  skipahead_sequence(sequence, state);
  skipahead(offset, state);
}
inline unsigned curand(curandStateXORWOW_t *state) {
  emulator::xorwow_step(state->v);
  state->d += 362437u;
  return state->v[4] + state->d;
}
