// Atomic functions, in the overloads that CUDA has for compute capability 9.0. One thread of the grid runs at a time
// and is never interrupted in here, so plain reads and writes are atomic; the scope is for the checks.
#pragma once

namespace emulator {
// Without hooks, which would take the read and the write for two plain accesses.
template <class T, class Change>
TINYSEG_UNCHECKED inline T atomic(T *address, int scope, const void *caller, Change change) {
  TINYSEG_ACCESS(address, sizeof(T), ATOMIC | scope, caller);
  const T old = *address;
  *address = change(old);
  return old;
}
}  // namespace emulator

#define TINYSEG_ATOMIC_NAMED(name, scope, T, expression)                                   \
  static TINYSEG_ENTRY T name(T *address, T value) {                                       \
    return emulator::atomic(address, emulator::scope, TINYSEG_CALLER,                      \
                            [value](T old) TINYSEG_UNCHECKED -> T { return expression; }); \
  }
// For the device, for the block, and for the whole system.
#define TINYSEG_ATOMIC(name, T, expression)                      \
  TINYSEG_ATOMIC_NAMED(name, DEVICE_SCOPE, T, expression)        \
  TINYSEG_ATOMIC_NAMED(name##_block, BLOCK_SCOPE, T, expression) \
  TINYSEG_ATOMIC_NAMED(name##_system, SYSTEM_SCOPE, T, expression)
#define TINYSEG_ATOMIC_BITS(T)                            \
  TINYSEG_ATOMIC(atomicMin, T, value < old ? value : old) \
  TINYSEG_ATOMIC(atomicMax, T, old < value ? value : old) \
  TINYSEG_ATOMIC(atomicAnd, T, old &value)                \
  TINYSEG_ATOMIC(atomicOr, T, old | value)                \
  TINYSEG_ATOMIC(atomicXor, T, old ^ value)
#define TINYSEG_ATOMIC_EXCH(T) TINYSEG_ATOMIC(atomicExch, T, ((void)old, value))
TINYSEG_ATOMIC(atomicAdd, int, int(unsigned(old) + unsigned(value)))
TINYSEG_ATOMIC(atomicAdd, unsigned, old + value)
TINYSEG_ATOMIC(atomicAdd, unsigned long long, old + value)
TINYSEG_ATOMIC(atomicAdd, float, old + value)
TINYSEG_ATOMIC(atomicAdd, double, old + value)
TINYSEG_ATOMIC(atomicSub, int, int(unsigned(old) - unsigned(value)))
TINYSEG_ATOMIC(atomicSub, unsigned, old - value)
TINYSEG_ATOMIC(atomicInc, unsigned, old >= value ? 0 : old + 1)
TINYSEG_ATOMIC(atomicDec, unsigned, old == 0 || old > value ? value : old - 1)
TINYSEG_ATOMIC_BITS(int)
TINYSEG_ATOMIC_BITS(unsigned)
TINYSEG_ATOMIC_BITS(long long)
TINYSEG_ATOMIC_BITS(unsigned long long)
TINYSEG_ATOMIC_EXCH(int)
TINYSEG_ATOMIC_EXCH(unsigned)
TINYSEG_ATOMIC_EXCH(unsigned long long)
TINYSEG_ATOMIC_EXCH(float)

#define TINYSEG_CAS_NAMED(name, scope, T)                                                                             \
  static TINYSEG_ENTRY T name(T *address, T compare, T value) {                                                       \
    return emulator::atomic(address, emulator::scope | emulator::COMPARES, TINYSEG_CALLER,                            \
                            [compare, value](T old) TINYSEG_UNCHECKED -> T { return old == compare ? value : old; }); \
  }
#define TINYSEG_CAS(T)                               \
  TINYSEG_CAS_NAMED(atomicCAS, DEVICE_SCOPE, T)      \
  TINYSEG_CAS_NAMED(atomicCAS_block, BLOCK_SCOPE, T) \
  TINYSEG_CAS_NAMED(atomicCAS_system, SYSTEM_SCOPE, T)
TINYSEG_CAS(int)
TINYSEG_CAS(unsigned)
TINYSEG_CAS(unsigned long long)
TINYSEG_CAS_NAMED(atomicCAS, DEVICE_SCOPE, unsigned short)
#undef TINYSEG_CAS_NAMED
#undef TINYSEG_CAS

// Two or four floats: each is added atomically, all of them together are not (float2 and float4 have no operators).
#define TINYSEG_ATOMIC_VECTOR(name, scope)                                              \
  TINYSEG_ATOMIC_NAMED(name, scope, float2, (float2{old.x + value.x, old.y + value.y})) \
  TINYSEG_ATOMIC_NAMED(name, scope, float4,                                             \
                       (float4{old.x + value.x, old.y + value.y, old.z + value.z, old.w + value.w}))
TINYSEG_ATOMIC_VECTOR(atomicAdd, DEVICE_SCOPE)
TINYSEG_ATOMIC_VECTOR(atomicAdd_block, BLOCK_SCOPE)
TINYSEG_ATOMIC_VECTOR(atomicAdd_system, SYSTEM_SCOPE)
#undef TINYSEG_ATOMIC_VECTOR

// Any type of 16 bytes that is aligned to as many.
#define TINYSEG_ATOMIC_16(end, scope)                                                                                  \
  template <class T, class = std::enable_if_t<sizeof(T) == 16 && alignof(T) >= 16 && std::is_trivially_copyable_v<T>>> \
  TINYSEG_ENTRY T atomicCAS##end(T *address, T compare, T value) {                                                     \
    return emulator::atomic(address, emulator::scope | emulator::COMPARES, TINYSEG_CALLER,                             \
                            [compare, value](T old) TINYSEG_UNCHECKED -> T {                                           \
                              return memcmp(&old, &compare, 16) ? old : value;                                         \
                            });                                                                                        \
  }                                                                                                                    \
  template <class T, class = std::enable_if_t<sizeof(T) == 16 && alignof(T) >= 16 && std::is_trivially_copyable_v<T>>> \
  TINYSEG_ENTRY T atomicExch##end(T *address, T value) {                                                               \
    return emulator::atomic(address, emulator::scope, TINYSEG_CALLER,                                                  \
                            [value](T) TINYSEG_UNCHECKED -> T { return value; });                                      \
  }
TINYSEG_ATOMIC_16(, DEVICE_SCOPE)
TINYSEG_ATOMIC_16(_block, BLOCK_SCOPE)
TINYSEG_ATOMIC_16(_system, SYSTEM_SCOPE)
#undef TINYSEG_ATOMIC_16
