// float1 to float4 and their kin, with the alignment that the programming guide gives ("Built-in Vector Types"). uint3
// and dim3 are declared with threadIdx, in runtime_interface.h.
#pragma once

#define TINYSEG_VECTORS_123(type, name)                                                     \
  struct name##1 { type x; };                                                               \
  struct alignas(2 * sizeof(type)) name##2 { type x, y; };                                  \
  inline name##1 make_##name##1(type x) { return {x}; }                                     \
  inline name##2 make_##name##2(type x, type y) { return {x, y}; }                          \
  inline name##3 make_##name##3(type x, type y, type z) { return {x, y, z}; }
#define TINYSEG_VECTOR_4(type, name, alignment)                                             \
  struct alignas(alignment) name { type x, y, z, w; };                                      \
  inline name make_##name(type x, type y, type z, type w) { return {x, y, z, w}; }
#define TINYSEG_VECTORS(type, name, alignment)                                              \
  struct name##3 { type x, y, z; };                                                         \
  TINYSEG_VECTORS_123(type, name)                                                           \
  TINYSEG_VECTOR_4(type, name##4, alignment)
// Four numbers of 8 bytes: aligned to 16 bytes under the old name, and to 16 or 32 under names of their own.
#define TINYSEG_LONG_VECTORS(type, name)                                                    \
  TINYSEG_VECTORS(type, name, 16)                                                           \
  TINYSEG_VECTOR_4(type, name##4_16a, 16)                                                   \
  TINYSEG_VECTOR_4(type, name##4_32a, 32)

TINYSEG_VECTORS(signed char, char, 4)
TINYSEG_VECTORS(unsigned char, uchar, 4)
TINYSEG_VECTORS(short, short, 8)
TINYSEG_VECTORS(unsigned short, ushort, 8)
TINYSEG_VECTORS(int, int, 16)
TINYSEG_VECTORS_123(unsigned, uint)
TINYSEG_VECTOR_4(unsigned, uint4, 16)
TINYSEG_VECTORS(float, float, 16)
TINYSEG_LONG_VECTORS(long, long)
TINYSEG_LONG_VECTORS(unsigned long, ulong)
TINYSEG_LONG_VECTORS(long long, longlong)
TINYSEG_LONG_VECTORS(unsigned long long, ulonglong)
TINYSEG_LONG_VECTORS(double, double)
#undef TINYSEG_VECTORS_123
#undef TINYSEG_VECTOR_4
#undef TINYSEG_VECTORS
#undef TINYSEG_LONG_VECTORS
