// Loads and stores with a cache operator (__ldg, __ldcg, __stcs and so on), for the types that CUDA has them for. There
// are no caches here. Macros, so that the access is the kernel's own and belongs to its line.
#pragma once

namespace emulator {
template <class... T>
struct Types {};
template <class T, class... List>
constexpr bool is_one_of(Types<List...>) {
  return (std::is_same_v<T, List> || ...);
}
using Cached = Types<char, signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long,
                     long long, unsigned long long, float, double, char2, char4, uchar2, uchar4, short2, short4,
                     ushort2, ushort4, int2, int4, uint2, uint4, longlong2, ulonglong2, float2, float4, double2>;
// cuda_fp16.h and cuda_bf16.h add their types.
template <class T>
constexpr bool is_cached = is_one_of<T>(Cached());

template <class T>
inline __attribute__((always_inline)) const T *loadable(const T *address) {
  static_assert(is_cached<T>,
                "__ldg and its kin load numbers and vectors of up to 16 bytes; CUDA has none for this type");
  return address;
}
template <class T>
inline __attribute__((always_inline)) T *storable(T *address) {
  static_assert(is_cached<T>,
                "__stcs and its kin store numbers and vectors of up to 16 bytes; CUDA has none for this type");
  return address;
}
}  // namespace emulator

#define __ldg(...) (*emulator::loadable(__VA_ARGS__))
#define __ldca(...) (*emulator::loadable(__VA_ARGS__))
#define __ldcg(...) (*emulator::loadable(__VA_ARGS__))
#define __ldcs(...) (*emulator::loadable(__VA_ARGS__))
#define __ldcv(...) (*emulator::loadable(__VA_ARGS__))
#define __ldlu(...) (*emulator::loadable(__VA_ARGS__))
#define __stwb(address, ...) ((void)(*emulator::storable(address) = (__VA_ARGS__)))
#define __stcg(address, ...) ((void)(*emulator::storable(address) = (__VA_ARGS__)))
#define __stcs(address, ...) ((void)(*emulator::storable(address) = (__VA_ARGS__)))
#define __stwt(address, ...) ((void)(*emulator::storable(address) = (__VA_ARGS__)))

// Where an address lies. Generic addresses are the only ones here, so a conversion changes nothing.
inline size_t __cvta_generic_to_shared(const void *address) { return size_t(address); }
inline size_t __cvta_generic_to_global(const void *address) { return size_t(address); }
inline size_t __cvta_generic_to_local(const void *address) { return size_t(address); }
inline void *__cvta_shared_to_generic(size_t address) { return reinterpret_cast<void *>(address); }
inline void *__cvta_global_to_generic(size_t address) { return reinterpret_cast<void *>(address); }
inline void *__cvta_local_to_generic(size_t address) { return reinterpret_cast<void *>(address); }
inline unsigned __isGlobal(const void *address) { return tinyseg_space(address) == emulator::IN_GLOBAL; }
inline unsigned __isShared(const void *address) { return tinyseg_space(address) == emulator::IN_SHARED; }
inline unsigned __isLocal(const void *address) { return tinyseg_space(address) == emulator::IN_LOCAL; }
