// Time. A thread here runs long after its neighbour, so differences of clocks say nothing about a GPU; they do advance,
// and a loop that waits for them ends.
#pragma once
#include <time.h>

inline long long clock64() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}
inline void __nanosleep(unsigned) { tinyseg_pause(); }
[[noreturn]] inline void __trap() { __builtin_trap(); }
inline void __brkpt() {}
inline void __prof_trigger(int) {}
// What a compiler may assume.
#define __builtin_assume(condition) ((condition) ? (void)0 : __builtin_unreachable())
inline void __assume(bool) {}
