// CUDA's built-in functions of numbers. The C library gives the rest (expf, sqrt, fmaf, ...); its results differ from a
// GPU's in the last bits.
#pragma once

#include "device/extrema.h"
#include "device/bits.h"
#include "device/integers.h"
#include "device/simd.h"
#include "device/dpx.h"
#include "device/rounding.h"
#include "device/special_functions.h"
#include "device/fast_math.h"
