// Two 16-bit or four 8-bit numbers in one word: CUDA's SIMD intrinsics.
#pragma once

namespace emulator {
template <class T>
constexpr int HIGHEST = T(~T(0)) < T(0) ? (1 << (8 * sizeof(T) - 1)) - 1 : (1 << 8 * sizeof(T)) - 1;
template <class T>
constexpr int LOWEST = T(~T(0)) < T(0) ? -HIGHEST<T> - 1 : 0;
template <class T>
inline int saturate(int x) {
  return x < LOWEST<T> ? LOWEST<T> : x > HIGHEST<T> ? HIGHEST<T> : x;
}

// The words of f(part of a, part of b, part of c), each part taken for a T.
template <class T, class F>
inline unsigned parts(unsigned a, unsigned b, unsigned c, F f) {
  constexpr int bits = 8 * sizeof(T);
  constexpr unsigned mask = (1u << bits) - 1;
  unsigned result = 0;
  for (int at = 0; at < 32; at += bits)
    result |= (unsigned(f(int(T(a >> at)), int(T(b >> at)), int(T(c >> at)))) & mask) << at;
  return result;
}
template <class T>
inline unsigned sum_of_differences(unsigned a, unsigned b) {
  unsigned sum = 0;
  for (int at = 0; at < 32; at += 8 * int(sizeof(T))) {
    const int x = T(a >> at), y = T(b >> at);
    sum += unsigned(x < y ? y - x : x - y);
  }
  return sum;
}
}  // namespace emulator

#define TINYSEG_PARTS_1(name, T, expression)                                        \
  inline unsigned name(unsigned a) {                                                \
    return emulator::parts<T>(a, 0, 0, [](int x, int, int) { return expression; }); \
  }
#define TINYSEG_PARTS_2(name, T, expression)                                          \
  inline unsigned name(unsigned a, unsigned b) {                                      \
    return emulator::parts<T>(a, b, 0, [](int x, int y, int) { return expression; }); \
  }
// The functions of one width: S and U are its signed and its unsigned type. Those with s or u at their end differ in
// how they take the parts, ss and us saturate. Comparisons give all ones (vcmp) or 1 (vset) where they hold. Averages
// round half away from zero.
#define TINYSEG_COMPARISONS(name, end, T, relation)            \
  TINYSEG_PARTS_2(__vcmp##name##end, T, x relation y ? -1 : 0) \
  TINYSEG_PARTS_2(__vset##name##end, T, x relation y ? 1 : 0)
#define TINYSEG_ORDERS(end, T)        \
  TINYSEG_COMPARISONS(gt, end, T, >)  \
  TINYSEG_COMPARISONS(ge, end, T, >=) \
  TINYSEG_COMPARISONS(lt, end, T, <)  \
  TINYSEG_COMPARISONS(le, end, T, <=)
#define TINYSEG_EITHER(end, T)                                 \
  TINYSEG_ORDERS(end, T)                                       \
  TINYSEG_PARTS_2(__vabsdiff##end, T, x < y ? y - x : x - y)   \
  TINYSEG_PARTS_2(__vavg##end, T, (x + y + (x + y >= 0)) >> 1) \
  TINYSEG_PARTS_2(__vmax##end, T, x < y ? y : x)               \
  TINYSEG_PARTS_2(__vmin##end, T, y < x ? y : x)               \
  inline unsigned __vsad##end(unsigned a, unsigned b) { return emulator::sum_of_differences<T>(a, b); }
#define TINYSEG_WIDTH(n, S, U)                                           \
  TINYSEG_EITHER(s##n, S)                                                \
  TINYSEG_EITHER(u##n, U)                                                \
  TINYSEG_COMPARISONS(eq, n, U, ==)                                      \
  TINYSEG_COMPARISONS(ne, n, U, !=)                                      \
  TINYSEG_PARTS_1(__vabs##n, S, x < 0 ? -x : x)                          \
  TINYSEG_PARTS_1(__vabsss##n, S, emulator::saturate<S>(x < 0 ? -x : x)) \
  TINYSEG_PARTS_1(__vneg##n, S, -x)                                      \
  TINYSEG_PARTS_1(__vnegss##n, S, emulator::saturate<S>(-x))             \
  TINYSEG_PARTS_2(__vadd##n, U, x + y)                                   \
  TINYSEG_PARTS_2(__vaddss##n, S, emulator::saturate<S>(x + y))          \
  TINYSEG_PARTS_2(__vaddus##n, U, emulator::saturate<U>(x + y))          \
  TINYSEG_PARTS_2(__vsub##n, U, x - y)                                   \
  TINYSEG_PARTS_2(__vsubss##n, S, emulator::saturate<S>(x - y))          \
  TINYSEG_PARTS_2(__vsubus##n, U, emulator::saturate<U>(x - y))          \
  TINYSEG_PARTS_2(__vhaddu##n, U, (x + y) >> 1)
TINYSEG_WIDTH(2, short, unsigned short)
TINYSEG_WIDTH(4, signed char, unsigned char)
#undef TINYSEG_WIDTH
#undef TINYSEG_EITHER
#undef TINYSEG_ORDERS
#undef TINYSEG_COMPARISONS
#undef TINYSEG_PARTS_1
#undef TINYSEG_PARTS_2
