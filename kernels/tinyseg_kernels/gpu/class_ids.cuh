// Class ids as they come: bytes as masks are read from files, or 32 or 64 bits. ID_BYTES is a compile-time constant.
#pragma once
#include "common.cuh"

#ifndef ID_BYTES
#define ID_BYTES 4
#endif
#if ID_BYTES == 1
typedef unsigned char class_id;
#elif ID_BYTES == 4
typedef int class_id;
#else
typedef long long class_id;
#endif

// The id, or -1 for one that is no class: it must neither be read nor written at.
__device__ __forceinline__ int checked(class_id id, int classes) { return id >= 0 && id < classes ? (int)id : -1; }

__device__ __forceinline__ real not_a_number() { return __int_as_float(0x7fc00000); }
