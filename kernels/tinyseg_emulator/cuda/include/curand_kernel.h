// curand's device functions, for Philox4_32_10 and XORWOW: uniform, normal, log-normal and Poisson numbers.
//
// Words and uniform numbers are curand's own, to the bit; normal ones differ in the last bits, as logarithm and sine
// do. Poisson numbers of a mean from 64 on are drawn in another way than curand's. Not there: MRG32k3a, MTGP32, Sobol
// sequences, discrete distributions.
#pragma once
#include "device/random_states.h"

namespace emulator {
inline float uniform(unsigned x) { return float(x) * 0x1p-32f + 0x1p-33f; }
// 53 bits of two words.
inline double uniform(unsigned x, unsigned y) {
  return double((unsigned long long)x ^ (unsigned long long)y << 21) * 0x1p-53 + 0x1p-54;
}
// Two normal numbers from two uniform ones (Box and Muller).
inline float2 normals(unsigned x, unsigned y) {
  const float turn = 0x1p-32f * 6.2831855f, angle = float(y) * turn + turn / 2, size = sqrtf(-2.0f * logf(uniform(x)));
  return {sinf(angle) * size, cosf(angle) * size};
}
inline double2 normals(unsigned x0, unsigned x1, unsigned y0, unsigned y1) {
  const double angle = 2 * uniform(y0, y1), size = sqrt(-2.0 * log(uniform(x0, x1)));
  return {sinpi(angle) * size, cospi(angle) * size};
}
// A number by counting through the distribution, from far below the mean.
inline unsigned poisson_by_counting(double u, double mean) {
  const double first = floor(mean - 12 * sqrt(mean));
  unsigned k = first > 0 ? unsigned(first) : 0;
  double share = exp(k * log(mean) - mean - lgamma(k + 1.0)), sum = share;
  for (; sum < u && share > 1e-300; sum += share) share *= mean / ++k;
  return k;
}
}  // namespace emulator

#define TINYSEG_RANDOM(State)                                                                                 \
  inline float curand_uniform(State *state) { return emulator::uniform(curand(state)); }                      \
  inline float2 curand_normal2(State *state) {                                                                \
    const unsigned x = curand(state), y = curand(state);                                                      \
    return emulator::normals(x, y);                                                                           \
  }                                                                                                           \
  inline float curand_normal(State *state) {                                                                  \
    if (state->boxmuller_flag) return state->boxmuller_flag = 0, state->boxmuller_extra;                      \
    const float2 two = curand_normal2(state);                                                                 \
    state->boxmuller_extra = two.y;                                                                           \
    state->boxmuller_flag = 1;                                                                                \
    return two.x;                                                                                             \
  }                                                                                                           \
  inline double curand_normal_double(State *state) {                                                          \
    if (state->boxmuller_flag_double) return state->boxmuller_flag_double = 0, state->boxmuller_extra_double; \
    const double2 two = curand_normal2_double(state);                                                         \
    state->boxmuller_extra_double = two.y;                                                                    \
    state->boxmuller_flag_double = 1;                                                                         \
    return two.x;                                                                                             \
  }                                                                                                           \
  inline float curand_log_normal(State *state, float mean, float deviation) {                                 \
    return expf(mean + deviation * curand_normal(state));                                                     \
  }                                                                                                           \
  inline float2 curand_log_normal2(State *state, float mean, float deviation) {                               \
    const float2 two = curand_normal2(state);                                                                 \
    return {expf(mean + deviation * two.x), expf(mean + deviation * two.y)};                                  \
  }                                                                                                           \
  inline double curand_log_normal_double(State *state, double mean, double deviation) {                       \
    return exp(mean + deviation * curand_normal_double(state));                                               \
  }                                                                                                           \
  inline double2 curand_log_normal2_double(State *state, double mean, double deviation) {                     \
    const double2 two = curand_normal2_double(state);                                                         \
    return {exp(mean + deviation * two.x), exp(mean + deviation * two.y)};                                    \
  }                                                                                                           \
  inline unsigned curand_poisson(State *state, double mean) {                                                 \
    if (mean >= 64) return emulator::poisson_by_counting(curand_uniform_double(state), mean);                 \
    unsigned count = 0;                                                                                       \
    for (float left = expf(float(mean));; count++)                                                            \
      if ((left *= curand_uniform(state)) <= 1.0f) return count;                                              \
  }

inline double curand_uniform_double(curandStateXORWOW_t *state) {
  const unsigned x = curand(state), y = curand(state);
  return emulator::uniform(x, y);
}
inline double curand_uniform_double(curandStatePhilox4_32_10_t *state) {
  return double(curand(state)) * 0x1p-32 + 0x1p-32;  // of one word, unlike XORWOW's
}
inline double2 curand_normal2_double(curandStateXORWOW_t *state) {
  const unsigned x0 = curand(state), x1 = curand(state), y0 = curand(state), y1 = curand(state);
  return emulator::normals(x0, x1, y0, y1);
}
inline double2 curand_normal2_double(curandStatePhilox4_32_10_t *state) {
  const uint4 x = curand4(state);
  return emulator::normals(x.x, x.y, x.z, x.w);
}
TINYSEG_RANDOM(curandStateXORWOW_t)
TINYSEG_RANDOM(curandStatePhilox4_32_10_t)
#undef TINYSEG_RANDOM

// Philox makes four words at once.
inline float4 curand_uniform4(curandStatePhilox4_32_10_t *state) {
  const uint4 x = curand4(state);
  return {emulator::uniform(x.x), emulator::uniform(x.y), emulator::uniform(x.z), emulator::uniform(x.w)};
}
inline double2 curand_uniform2_double(curandStatePhilox4_32_10_t *state) {
  const uint4 x = curand4(state);
  return {emulator::uniform(x.x, x.y), emulator::uniform(x.z, x.w)};
}
inline float4 curand_normal4(curandStatePhilox4_32_10_t *state) {
  const uint4 x = curand4(state);
  const float2 a = emulator::normals(x.x, x.y), b = emulator::normals(x.z, x.w);
  return {a.x, a.y, b.x, b.y};
}
inline float4 curand_log_normal4(curandStatePhilox4_32_10_t *state, float mean, float deviation) {
  const float4 z = curand_normal4(state);
  return {expf(mean + deviation * z.x), expf(mean + deviation * z.y), expf(mean + deviation * z.z),
          expf(mean + deviation * z.w)};
}
inline uint4 curand_poisson4(curandStatePhilox4_32_10_t *state, double mean) {
  const unsigned a = curand_poisson(state, mean), b = curand_poisson(state, mean), c = curand_poisson(state, mean);
  return {a, b, c, curand_poisson(state, mean)};
}
