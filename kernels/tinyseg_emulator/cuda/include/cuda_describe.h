// Tells Python about the types, the values and the variables of a kernel file, where its launch comments name them.
#pragma once

namespace emulator {
// Appends "f4 2 3" for float[2][3]: the word of the element (cuda_launch.h) and the lengths.
template <class T>
TINYSEG_UNCHECKED inline char *describe_object(char *out) {
  using Element = std::remove_cv_t<std::remove_all_extents_t<T>>;
  if constexpr (std::is_enum_v<Element>) out = describe<std::underlying_type_t<Element>>(out);
  else out = describe<Element>(out);
  if constexpr (std::rank_v<T> > 0) out += sprintf(out, "%zu ", std::extent_v<T, 0>);
  if constexpr (std::rank_v<T> > 1) out += sprintf(out, "%zu ", std::extent_v<T, 1>);
  if constexpr (std::rank_v<T> > 2) out += sprintf(out, "%zu ", std::extent_v<T, 2>);
  return out;
}
template <class... P>
TINYSEG_UNCHECKED inline void *address(void (*kernel)(P...)) { return reinterpret_cast<void *>(kernel); }
// A line for a field: name, place, type as written, number of the description of its own fields or -1, description.
template <class T>
TINYSEG_UNCHECKED inline char *describe_field(char *out, const char *name, size_t offset, const char *written, int nested) {
  out += sprintf(out, "\n%s\t%zu\t%s\t%d\t", name, offset, written, nested);
  return describe_object<T>(out);
}
template <class T>
TINYSEG_UNCHECKED inline void tell(T value, char *out) {
  if constexpr (std::is_floating_point_v<T>) sprintf(out, "%.17g", double(value));
  else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T>) sprintf(out, "%llu", (unsigned long long)value);
  else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) sprintf(out, "%lld", (long long)value);
  else if constexpr (std::is_convertible_v<T, float>) sprintf(out, "%.9g", double(float(value)));
  else sprintf(out, "0");  // an array of the file: no number
}
}  // namespace emulator
