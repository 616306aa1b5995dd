// Barriers, fences, shuffles and votes.
#pragma once

inline __attribute__((always_inline)) void __syncthreads(TINYSEG_SITE) { tinyseg_sync_threads(0, file, line); }
inline int __syncthreads_count(int predicate, TINYSEG_SITE) { return tinyseg_sync_threads(predicate, file, line); }
inline int __syncthreads_or(int predicate, TINYSEG_SITE) { return tinyseg_sync_threads(predicate, file, line) != 0; }
inline int __syncthreads_and(int predicate, TINYSEG_SITE) { return tinyseg_sync_threads(!predicate, file, line) == 0; }
inline void __syncwarp(unsigned mask = 0xffffffffu, TINYSEG_SITE) {
  tinyseg_sync_warp(emulator::SYNC_WARP, mask, nullptr, 0, file, line);
}
// Memory is sequentially consistent here, so a fence has nothing to do; the checks are told, for with an atomic it
// orders other accesses.
inline void __threadfence() { tinyseg_fence(emulator::DEVICE_SCOPE); }
inline void __threadfence_block() { tinyseg_fence(emulator::BLOCK_SCOPE); }
inline void __threadfence_system() { tinyseg_fence(emulator::SYSTEM_SCOPE); }

extern "C" void tinyseg_undefined(const char *what, const char *left, const char *right, const char *result,
                                  const char *file, int line);
namespace emulator {
template <class T>
TINYSEG_UNCHECKED T shuffle(unsigned mask, T value, unsigned source, bool by_index, const char *file, int line) {
  static_assert(sizeof(T) <= SLOT && std::is_trivially_copyable_v<T>, "shuffles move numbers and small vectors");
  tinyseg_sync_warp(SHUFFLE, mask, &value, sizeof value, file, line);
  const void *shown = tinyseg_shown(source);
  if (!shown) {
    // The kernel goes on with what is like nothing else. Sums of a part of a warp read lanes that the mask does not
    // name, and drop what they get; who names a lane, or has it in the mask, wants its value.
#ifdef TINYSEG_CHECKED
    if (by_index || mask >> source & 1) {
      char from[12], lanes[12];
      snprintf(from, sizeof from, "%u", source);
      snprintf(lanes, sizeof lanes, "0x%08x", mask);
      tinyseg_undefined("a shuffle reads a lane that is not in the mask, has ended, or does not exist", from, lanes, "",
                        file, line);
    }
#else
    if (by_index || mask >> source & 1)
      tinyseg_fail("shuffle: reads a lane that is not in the mask, has ended, or does not exist: the value is undefined",
                   file, line);
#endif
    memset(&value, 0xFF, sizeof value);
    return value;
  }
  memcpy(&value, shown, sizeof value);
  return value;
}
TINYSEG_UNCHECKED inline unsigned check_width(int width, const char *file, int line) {
  if (width < 1 || width > 32 || (width & (width - 1)))
    tinyseg_fail("shuffle: the width must be a power of two up to 32", file, line);
  return unsigned(width);
}
// The lanes that met at the last operation.
TINYSEG_UNCHECKED inline unsigned taking_part() {
  unsigned lanes = 0;
  for (unsigned lane = 0; lane < 32; lane++) lanes |= unsigned(tinyseg_shown(lane) != nullptr) << lane;
  return lanes;
}
TINYSEG_UNCHECKED inline unsigned ballot(unsigned mask, bool predicate, const char *file, int line) {
  tinyseg_sync_warp(VOTE, mask, &predicate, sizeof predicate, file, line);
  unsigned votes = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    const bool *shown = static_cast<const bool *>(tinyseg_shown(lane));
    if (shown && *shown) votes |= 1u << lane;
  }
  return votes;
}
}  // namespace emulator

namespace emulator {
// From which lane each kind of shuffle reads; a lane for which there is none keeps its own value.
TINYSEG_UNCHECKED inline unsigned source_index(unsigned lane, unsigned width, unsigned source) {
  return (lane & ~(width - 1)) | (source & (width - 1));
}
TINYSEG_UNCHECKED inline unsigned source_up(unsigned lane, unsigned width, unsigned delta) {
  return delta > (lane & (width - 1)) ? lane : lane - delta;
}
TINYSEG_UNCHECKED inline unsigned source_down(unsigned lane, unsigned width, unsigned delta) {
  return delta > (lane | (width - 1)) - lane ? lane : lane + delta;
}
TINYSEG_UNCHECKED inline unsigned source_xor(unsigned lane, unsigned width, unsigned mask) {
  return (lane ^ mask) > (lane | (width - 1)) ? lane : lane ^ mask;
}
}  // namespace emulator

// cuda_fp16.h and cuda_bf16.h use these again.
#define TINYSEG_SHUFFLE(name, source, T, Place)                                                              \
  TINYSEG_UNCHECKED inline T name(unsigned mask, T value, Place place, int width = 32, TINYSEG_SITE) {       \
    const unsigned w = emulator::check_width(width, file, line);                                             \
    return emulator::shuffle(mask, value, emulator::source(tinyseg_lane(), w, unsigned(place)),              \
                             emulator::source == emulator::source_index, file, line);                        \
  }
#define TINYSEG_SHUFFLES(T)                                   \
  TINYSEG_SHUFFLE(__shfl_sync, source_index, T, int)          \
  TINYSEG_SHUFFLE(__shfl_up_sync, source_up, T, unsigned)     \
  TINYSEG_SHUFFLE(__shfl_down_sync, source_down, T, unsigned) \
  TINYSEG_SHUFFLE(__shfl_xor_sync, source_xor, T, int)
TINYSEG_SHUFFLES(int)
TINYSEG_SHUFFLES(unsigned)
TINYSEG_SHUFFLES(long)
TINYSEG_SHUFFLES(unsigned long)
TINYSEG_SHUFFLES(long long)
TINYSEG_SHUFFLES(unsigned long long)
TINYSEG_SHUFFLES(float)
TINYSEG_SHUFFLES(double)

inline unsigned __ballot_sync(unsigned mask, int predicate, TINYSEG_SITE) {
  return emulator::ballot(mask, predicate != 0, file, line);
}
inline int __any_sync(unsigned mask, int predicate, TINYSEG_SITE) {
  return emulator::ballot(mask, predicate != 0, file, line) != 0;
}
inline int __all_sync(unsigned mask, int predicate, TINYSEG_SITE) {
  return emulator::ballot(mask, predicate == 0, file, line) == 0;
}
inline int __uni_sync(unsigned mask, int predicate, TINYSEG_SITE) {
  const unsigned votes = emulator::ballot(mask, predicate != 0, file, line);
  return votes == 0 || votes == emulator::taking_part();
}

namespace emulator {
// The lanes that show the same bits as this one.
template <class T>
TINYSEG_UNCHECKED unsigned match(unsigned mask, T value, const char *file, int line) {
  tinyseg_sync_warp(VOTE, mask, &value, sizeof value, file, line);
  unsigned same = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    const void *shown = tinyseg_shown(lane);
    if (shown && !memcmp(shown, &value, sizeof value)) same |= 1u << lane;
  }
  return same;
}
// All values of the lanes, put together in the order of the lanes.
template <class T, class F>
TINYSEG_UNCHECKED T reduce(unsigned mask, T value, F together, const char *file, int line) {
  tinyseg_sync_warp(VOTE, mask, &value, sizeof value, file, line);
  bool first = true;
  for (unsigned lane = 0; lane < 32; lane++) {
    const void *shown = tinyseg_shown(lane);
    if (!shown) continue;
    T other;
    memcpy(&other, shown, sizeof other);
    value = first ? other : together(value, other);
    first = false;
  }
  return value;
}
}  // namespace emulator

#define TINYSEG_MATCH(T)                                                                                     \
  TINYSEG_UNCHECKED inline unsigned __match_any_sync(unsigned mask, T value, TINYSEG_SITE) {                 \
    return emulator::match(mask, value, file, line);                                                         \
  }                                                                                                          \
  TINYSEG_UNCHECKED inline unsigned __match_all_sync(unsigned mask, T value, int *predicate, TINYSEG_SITE) { \
    *predicate = emulator::match(mask, value, file, line) == emulator::taking_part();                        \
    return *predicate ? mask : 0;                                                                            \
  }
TINYSEG_MATCH(int)
TINYSEG_MATCH(unsigned)
TINYSEG_MATCH(long)
TINYSEG_MATCH(unsigned long)
TINYSEG_MATCH(long long)
TINYSEG_MATCH(unsigned long long)
TINYSEG_MATCH(float)
TINYSEG_MATCH(double)

#define TINYSEG_REDUCE(name, T, expression)                                                                       \
  TINYSEG_UNCHECKED inline T __reduce_##name##_sync(unsigned mask, T value, TINYSEG_SITE) {                       \
    return emulator::reduce(mask, value, [](T x, T y) TINYSEG_UNCHECKED -> T { return expression; }, file, line); \
  }
TINYSEG_REDUCE(add, int, int(unsigned(x) + unsigned(y)))
TINYSEG_REDUCE(add, unsigned, x + y)
TINYSEG_REDUCE(min, int, y < x ? y : x)
TINYSEG_REDUCE(min, unsigned, y < x ? y : x)
TINYSEG_REDUCE(max, int, x < y ? y : x)
TINYSEG_REDUCE(max, unsigned, x < y ? y : x)
TINYSEG_REDUCE(and, unsigned, x &y)
TINYSEG_REDUCE(or, unsigned, x | y)
TINYSEG_REDUCE(xor, unsigned, x ^ y)
#undef TINYSEG_MATCH
#undef TINYSEG_REDUCE

inline unsigned __activemask(TINYSEG_SITE) { return tinyseg_converged(file, line); }
