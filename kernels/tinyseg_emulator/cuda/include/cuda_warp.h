// Barriers, fences, shuffles and votes.
#pragma once

inline __attribute__((always_inline)) void __syncthreads(TINYSEG_SITE) { tinyseg_sync_threads(0, file, line); }
inline int __syncthreads_count(int predicate, TINYSEG_SITE) { return tinyseg_sync_threads(predicate, file, line); }
inline int __syncthreads_or(int predicate, TINYSEG_SITE) { return tinyseg_sync_threads(predicate, file, line) != 0; }
inline int __syncthreads_and(int predicate, TINYSEG_SITE) { return tinyseg_sync_threads(!predicate, file, line) == 0; }
inline void __syncwarp(unsigned mask = 0xffffffffu, TINYSEG_SITE) {
  tinyseg_sync_warp(emulator::SYNC_WARP, mask, nullptr, 0, file, line);
}
// Memory is sequentially consistent here, so a fence has nothing to do; the checks are told, for with an atomic it orders other accesses.
inline void __threadfence() { tinyseg_fence(emulator::DEVICE_SCOPE); }
inline void __threadfence_block() { tinyseg_fence(emulator::BLOCK_SCOPE); }
inline void __threadfence_system() { tinyseg_fence(emulator::SYSTEM_SCOPE); }

namespace emulator {
template <class T>
TINYSEG_UNCHECKED T shuffle(unsigned mask, T value, unsigned source, const char *file, int line) {
  static_assert(sizeof(T) <= SLOT && std::is_trivially_copyable_v<T>, "shuffles move numbers and small vectors");
  tinyseg_sync_warp(SHUFFLE, mask, &value, sizeof value, file, line);
  const void *shown = tinyseg_shown(source);
  if (!shown) tinyseg_fail("shuffle: reads a lane that is not in the mask, has ended, or does not exist: the value is undefined", file, line);
  memcpy(&value, shown, sizeof value);
  return value;
}
TINYSEG_UNCHECKED inline unsigned check_width(int width, const char *file, int line) {
  if (width < 1 || width > 32 || (width & (width - 1))) tinyseg_fail("shuffle: the width must be a power of two up to 32", file, line);
  return unsigned(width);
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

template <class T>
TINYSEG_UNCHECKED T __shfl_sync(unsigned mask, T value, int source, int width = 32, TINYSEG_SITE) {
  const unsigned w = emulator::check_width(width, file, line), lane = tinyseg_lane();
  return emulator::shuffle(mask, value, (lane & ~(w - 1)) | (unsigned(source) & (w - 1)), file, line);
}
template <class T>
TINYSEG_UNCHECKED T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, TINYSEG_SITE) {
  const unsigned w = emulator::check_width(width, file, line), lane = tinyseg_lane(), first = lane & ~(w - 1);
  return emulator::shuffle(mask, value, delta > lane - first ? lane : lane - delta, file, line);
}
template <class T>
TINYSEG_UNCHECKED T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, TINYSEG_SITE) {
  const unsigned w = emulator::check_width(width, file, line), lane = tinyseg_lane(), last = lane | (w - 1);
  return emulator::shuffle(mask, value, delta > last - lane ? lane : lane + delta, file, line);
}
template <class T>
TINYSEG_UNCHECKED T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, TINYSEG_SITE) {
  const unsigned w = emulator::check_width(width, file, line), lane = tinyseg_lane(), source = lane ^ unsigned(lane_mask);
  return emulator::shuffle(mask, value, source > (lane | (w - 1)) ? lane : source, file, line);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, TINYSEG_SITE) { return emulator::ballot(mask, predicate != 0, file, line); }
inline int __any_sync(unsigned mask, int predicate, TINYSEG_SITE) { return emulator::ballot(mask, predicate != 0, file, line) != 0; }
inline int __all_sync(unsigned mask, int predicate, TINYSEG_SITE) { return emulator::ballot(mask, predicate == 0, file, line) == 0; }
template <class T>
TINYSEG_UNCHECKED unsigned __match_any_sync(unsigned mask, T value, TINYSEG_SITE) {
  tinyseg_sync_warp(emulator::VOTE, mask, &value, sizeof value, file, line);
  unsigned same = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    const void *shown = tinyseg_shown(lane);
    if (shown && !memcmp(shown, &value, sizeof value)) same |= 1u << lane;
  }
  return same;
}
// Fibers change places only at barriers, so the lanes that reach this point together cannot be known; each is told that it is alone,
// which is one of the answers that CUDA allows.
inline unsigned __activemask() { return 1u << tinyseg_lane(); }
