// Turns a C++ compiler into one for CUDA C++: included before the first line of every .cu file.
// translate/ rewrites __global__, __device__, __shared__ and their kin after preprocessing; everything else is here.
#pragma once
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <type_traits>
#include <utility>

#include "runtime_interface.h"
#include "device/counting.h"

#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))  // may stand where alignas may not
#define __CUDACC__ 1
#define __CUDA_ARCH__ 900
#define TINYSEG_EMULATOR 1

// The emulator's own functions carry this: the compiler inserts no hooks into them.
#define TINYSEG_UNCHECKED __attribute__((no_sanitize("thread"), no_sanitize("undefined")))
// For accesses that the emulator makes on behalf of a kernel: where there are checks, they are told in the name of the calling line, so the functions that a kernel
// calls must not be inlined then.
#ifdef TINYSEG_CHECKED
#define TINYSEG_ENTRY __attribute__((noinline)) TINYSEG_UNCHECKED
#define TINYSEG_CALLER __builtin_return_address(0)
#define TINYSEG_ACCESS(address, size, kind, caller) tinyseg_access(address, size, kind, caller)
#else
#define TINYSEG_ENTRY __attribute__((always_inline)) inline
#define TINYSEG_CALLER nullptr
// An atomic is where a thread that runs for long lets others have their turn.
#define TINYSEG_ACCESS(address, size, kind, caller) \
  ((void)(caller), ((kind) & emulator::ACCESS_KIND) == emulator::ATOMIC && --tinyseg_patience < 0 ? tinyseg_pause() : (void)0)
#endif
#define TINYSEG_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

// Constants, so that the compiler may keep them over a barrier: within one thread they do not change. The runtime defines them.
extern const uint3 threadIdx __asm__("tinyseg_thread_index");
extern const uint3 blockIdx __asm__("tinyseg_block_index");
// (dim3 has a constructor, so the compiler would not take one for a constant.)
namespace emulator {
struct Dimensions {
  unsigned x, y, z;
  operator dim3() const { return dim3(x, y, z); }
};
}  // namespace emulator
extern const emulator::Dimensions blockDim __asm__("tinyseg_block_dim");
extern const emulator::Dimensions gridDim __asm__("tinyseg_grid_dim");
extern const int warpSize __asm__("tinyseg_warp_size");  // no constant expression, as in CUDA

#include "cuda_vectors.h"
#include "cuda_math.h"
#include "device/cached_access.h"
#include "cuda_atomics.h"
#include "cuda_warp.h"
#include "device/clocks.h"
#include "device/exact_operators.h"
#include "device/checked_copies.h"
#include "cuda_launch.h"
#include "cuda_describe.h"
#include "cuda_print.h"  // the last one: printf is a macro from here on
