"""Which functions of the libraries run where."""

from __future__ import annotations

import re

BUILT_IN = ("threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize")
"""Variables that device code has without a declaration."""

DEVICE_LIBRARY = frozenset([
    "printf", "vprintf", "malloc", "free", "memcpy", "memset", "strlen", "strcpy", "strcmp", "strcat", "clock",
    "clock64", "assert", "alloca", "abs", "labs", "llabs", "div", "fabs", "fabsf", "fmod", "fmodf", "exp", "expf",
    "exp2", "exp2f", "exp10", "exp10f", "expm1", "expm1f", "log", "logf", "log2", "log2f", "log10", "log10f",
    "log1p", "log1pf", "pow", "powf", "sqrt", "sqrtf", "rsqrt", "rsqrtf", "cbrt", "cbrtf", "rcbrt", "rcbrtf",
    "hypot", "hypotf", "rhypot", "rhypotf", "sin", "sinf", "cos", "cosf", "tan", "tanf", "asin", "asinf", "acos",
    "acosf", "atan", "atanf", "atan2", "atan2f", "sinh", "sinhf", "cosh", "coshf", "tanh", "tanhf", "asinh",
    "asinhf", "acosh", "acoshf", "atanh", "atanhf", "sincos", "sincosf", "erf", "erff", "erfc", "erfcf", "tgamma",
    "tgammaf", "lgamma", "lgammaf", "ceil", "ceilf", "floor", "floorf", "trunc", "truncf", "round", "roundf",
    "lround", "lroundf", "llround", "llroundf", "rint", "rintf", "lrint", "lrintf", "llrint", "llrintf",
    "nearbyint", "nearbyintf", "copysign", "copysignf", "nan", "nanf", "nextafter", "nextafterf", "fdim", "fdimf",
    "fmax", "fmaxf", "fmin", "fminf", "fma", "fmaf", "ldexp", "ldexpf", "frexp", "frexpf", "modf", "modff",
    "scalbn", "scalbnf", "scalbln", "scalblnf", "ilogb", "ilogbf", "logb", "logbf", "remainder", "remainderf",
    "remquo", "remquof", "isnan", "isinf", "isfinite", "isnormal", "signbit", "isgreater", "isless",
    "isgreaterequal", "islessequal", "islessgreater", "isunordered", "fpclassify", "j0", "j0f", "j1", "j1f", "jn",
    "jnf", "y0", "y0f", "y1", "y1f", "yn", "ynf", "min", "max", "move", "forward", "__assert_fail",
    "initializer_list"
])  # fmt: skip
"""Functions of the C and C++ libraries that CUDA has on the device as well, without `std::`."""

NOT_IN_STD = frozenset({"min", "max"})
"""Of these, `std::` has others, which are the host's."""

_HOST_RUNTIME = re.compile(
    r"cuda(Memcpy(To|From)Symbol\w*|Memcpy|Memcpy(2D|3D|Peer)|Memset|DeviceSynchronize|DeviceReset|SetDevice"
    r"|MallocManaged|MallocHost|FreeHost|HostAlloc|MallocPitch|Event(Synchronize|ElapsedTime|Query)"
    r"|Stream(Synchronize|Create|Query)|GetDeviceProperties|Launch(Kernel|CooperativeKernel)"
    r"|MemGetInfo|MemPrefetchAsync|GetSymbol(Address|Size))"
)


def host_runtime(name: str) -> bool:
    """Return whether a function of the CUDA runtime cannot be called in device code."""
    return _HOST_RUNTIME.fullmatch(name) is not None


_DEVICE_ONLY = re.compile(
    r"__syncthreads\w*|__syncwarp|__shfl\w*_sync|__(ballot|any|all|match_any|match_all|reduce_\w+)_sync|__activemask"
    r"|__threadfence\w*|atomic[A-Z]\w*|__(exp|log|log2|log10|exp10|pow|sin|cos|tan|sincos|fdivide)f|"
    r"__fdividef|__saturatef"
    r"|__ld(g|cg|ca|cs|lu|cv)|__st(wb|cg|cs|wt)|__popc(ll)?|__clz(ll)?|__brev(ll)?|__ffs(ll)?|__nanosleep|__byte_perm"
    r"|__trap|__brkpt|__f(add|sub|mul|div|maf|sqrt|rcp)_r[nzud]|__(float_as_u?int|u?int_as_float)|__u?mulhi"
)


def device_only(name: str) -> bool:
    """Return whether one of CUDA's functions cannot be called on the host."""
    return _DEVICE_ONLY.fullmatch(name) is not None
