// Atomic functions. One thread of the grid runs at a time and is never interrupted in here, so plain reads and writes are atomic.
#pragma once

namespace emulator {
// Without hooks, which would take the read and the write for two plain accesses.
template <class T, class Change>
TINYSEG_UNCHECKED inline T atomic(T *address, const void *caller, Change change) {
  TINYSEG_ACCESS(address, sizeof(T), ATOMIC, caller);
  const T old = *address;
  *address = change(old);
  return old;
}
}  // namespace emulator

#define TINYSEG_ATOMIC(name, T, expression)                                                              \
  static TINYSEG_ENTRY T name(T *address, T value) {                                    \
    return emulator::atomic(address, TINYSEG_CALLER, [value](T old) TINYSEG_UNCHECKED -> T { return expression; });      \
  }
#define TINYSEG_ATOMIC_INTEGER(T)                                         \
  TINYSEG_ATOMIC(atomicMin, T, value < old ? value : old)                 \
  TINYSEG_ATOMIC(atomicMax, T, old < value ? value : old)                 \
  TINYSEG_ATOMIC(atomicAnd, T, old & value)                               \
  TINYSEG_ATOMIC(atomicOr, T, old | value)                                \
  TINYSEG_ATOMIC(atomicXor, T, old ^ value)
#define TINYSEG_ATOMIC_ANY(T) TINYSEG_ATOMIC(atomicExch, T, ((void)old, value))
TINYSEG_ATOMIC(atomicAdd, int, int(unsigned(old) + unsigned(value)))
TINYSEG_ATOMIC(atomicAdd, unsigned, old + value)
TINYSEG_ATOMIC(atomicAdd, unsigned long long, old + value)
TINYSEG_ATOMIC(atomicAdd, float, old + value)
TINYSEG_ATOMIC(atomicAdd, double, old + value)
TINYSEG_ATOMIC(atomicSub, int, int(unsigned(old) - unsigned(value)))
TINYSEG_ATOMIC(atomicSub, unsigned, old - value)
TINYSEG_ATOMIC(atomicInc, unsigned, old >= value ? 0 : old + 1)
TINYSEG_ATOMIC(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)
TINYSEG_ATOMIC_INTEGER(int)
TINYSEG_ATOMIC_INTEGER(unsigned)
TINYSEG_ATOMIC_INTEGER(long long)
TINYSEG_ATOMIC_INTEGER(unsigned long long)
TINYSEG_ATOMIC_ANY(int)
TINYSEG_ATOMIC_ANY(unsigned)
TINYSEG_ATOMIC_ANY(unsigned long long)
TINYSEG_ATOMIC_ANY(float)
#undef TINYSEG_ATOMIC
#undef TINYSEG_ATOMIC_INTEGER
#undef TINYSEG_ATOMIC_ANY

#define TINYSEG_ATOMIC_CAS(T)                                                                                                  \
  static TINYSEG_ENTRY T atomicCAS(T *address, T compare, T value) {                                          \
    return emulator::atomic(address, TINYSEG_CALLER, [compare, value](T old) TINYSEG_UNCHECKED -> T { return old == compare ? value : old; }); \
  }
TINYSEG_ATOMIC_CAS(int)
TINYSEG_ATOMIC_CAS(unsigned)
TINYSEG_ATOMIC_CAS(unsigned long long)
TINYSEG_ATOMIC_CAS(unsigned short)
#undef TINYSEG_ATOMIC_CAS
