// How the runtime calls a kernel and learns the types of its parameters: build.py adds a TINYSEG_KERNEL for each kernel.
#pragma once

namespace emulator {
// Never shared memory of the kernel: its address tells where this file's thread-local storage, that is its shared memory, lies.
static thread_local char anchor;

template <class... P, size_t... I>
TINYSEG_UNCHECKED inline void call(void (*kernel)(P...), void **arguments, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_reference_t<P> *>(arguments[I])...);
}

template <class T>
constexpr char kind() {
  if (std::is_floating_point_v<T>) return 'f';
  if (std::is_same_v<T, bool>) return 'b';
  if (std::is_pointer_v<T>) return 'u';  // an array of addresses
  if (std::is_integral_v<T>) return std::is_unsigned_v<T> ? 'u' : 'i';
  if constexpr (std::is_enum_v<T>) return std::is_unsigned_v<std::underlying_type_t<T>> ? 'u' : 'i';
  return 'V';
}

// Appends "Pf4" for float*, "Kf4" for const float*, "i4" for int, "V16" for a struct of 16 bytes.
template <class P>
TINYSEG_UNCHECKED inline char *describe(char *out) {
  using T = std::remove_pointer_t<std::remove_cv_t<P>>;
  using Plain = std::remove_cv_t<T>;
  const char *pointer = !std::is_pointer_v<P> ? "" : std::is_const_v<T> ? "K" : "P";
  if constexpr (std::is_void_v<Plain>) return out + sprintf(out, "%sV1 ", pointer);
  else return out + sprintf(out, "%s%c%zu ", pointer, kind<Plain>(), sizeof(Plain));
}
template <class... P>
TINYSEG_UNCHECKED inline void signature(void (*)(P...), char *out) {
  *out = 0;
  ((out = describe<P>(out)), ...);
}
template <class... P>
constexpr size_t count(void (*)(P...)) { return sizeof...(P); }
template <class... P>
TINYSEG_UNCHECKED inline void run(void (*kernel)(P...), void **arguments) { call(kernel, arguments, std::index_sequence_for<P...>{}); }
}  // namespace emulator

#define TINYSEG_EXPORT extern "C" __attribute__((visibility("default"), used))
