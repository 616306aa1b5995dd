// Operations that the emulator's own headers carry out in another way than a GPU, counted by hand: half arithmetic,
// tensor cores, functions that the C library lacks. ../../counting.py counts all others in the machine code, and finds
// these by the comment that they leave there.
#pragma once

namespace emulator {
// Types of four kinds of operation each, then tensor cores: the order of checks/roofline/work.py.
enum Counted : int { COUNT_FP32 = 0, COUNT_FP64 = 4, COUNT_FP16 = 8, COUNT_BF16 = 12, COUNT_TENSOR = 16 };
enum CountedOperation : int { COUNT_ADD, COUNT_MUL, COUNT_FMA, COUNT_SPECIAL };
}  // namespace emulator

#ifdef TINYSEG_COUNTED
#define TINYSEG_COUNT(kind, times) __asm__ volatile("# tinyseg_count %c0 %c1" : : "i"(kind), "i"(times))
#else
#define TINYSEG_COUNT(kind, times) ((void)0)
#endif
