// Shifts, division and conversions of numbers as a GPU does them where C++ leaves the result open. translate/arithmetic.py writes
// a <<emulator::Shift{}<< b for a << b: an operator that has the place of the old one in every expression, template and constant.
#pragma once

extern "C" void tinyseg_undefined(const char *what, const char *left, const char *right, const char *result, const void *code);

namespace emulator {
template <class T>
constexpr bool is_number = std::is_integral_v<T> || (std::is_enum_v<T> && std::is_convertible_v<T, int>);
template <class A, class B>
constexpr bool numbers = is_number<std::remove_cv_t<std::remove_reference_t<A>>> && is_number<std::remove_cv_t<std::remove_reference_t<B>>>;

// Told to the checks; without them nobody asks.
#ifdef TINYSEG_CHECKED
template <class A, class B, class R>
__attribute__((noinline)) TINYSEG_UNCHECKED void tell(const char *what, A a, B b, R result) {
  char left[40], right[40], shown[40];
  const auto write = [](char *to, auto value) TINYSEG_UNCHECKED {
    if constexpr (std::is_floating_point_v<decltype(value)>) snprintf(to, 40, "%.9g", double(value));
    else if constexpr (std::is_unsigned_v<decltype(value)>) snprintf(to, 40, "%llu", (unsigned long long)value);
    else snprintf(to, 40, "%lld", (long long)value);
  };
  write(left, a), write(right, b), write(shown, result);
  tinyseg_undefined(what, left, right, shown, __builtin_return_address(0));
}
#define TINYSEG_TELL(what, a, b, result) \
  do { if (!__builtin_is_constant_evaluated()) emulator::tell(what, a, b, result); } while (0)
#else
#define TINYSEG_TELL(what, a, b, result) ((void)0)
#endif
#define TINYSEG_OPERATOR constexpr __attribute__((always_inline)) inline

// Gives back what it is given: translate/stores.py writes a =emulator::Kept{}|| f() for a = f().
struct Kept {};
template <class T>
TINYSEG_OPERATOR T &&operator||(Kept, T &&value) { return static_cast<T &&>(value); }

// PTX clamps the count of a shift: from the number of bits on nothing is left, or the sign everywhere. A negative count is a large one.
template <class T, class B>
TINYSEG_OPERATOR T shift_left(T a, B count) {
  constexpr int bits = sizeof(T) * 8;
  const bool wide = count < 0 || (unsigned long long)count >= (unsigned long long)bits;
  if (__builtin_expect(!wide, 1)) return T(std::make_unsigned_t<T>(a) << count);
  TINYSEG_TELL(count < 0 ? "shift by a negative count: a << b" : "shift by all bits or more: a << b", a, count, T(0));
  return 0;
}
template <class T, class B>
TINYSEG_OPERATOR T shift_right(T a, B count) {
  constexpr int bits = sizeof(T) * 8;
  const bool wide = count < 0 || (unsigned long long)count >= (unsigned long long)bits;
  if (__builtin_expect(!wide, 1)) return a >> count;
  const T result = a < 0 ? T(-1) : T(0);
  TINYSEG_TELL(count < 0 ? "shift by a negative count: a >> b" : "shift by all bits or more: a >> b", a, count, result);
  return result;
}

// PTX leaves a division by zero open, and the code that its assembler makes gives a number with all bits set; the smallest number over -1 is itself, with a remainder of 0.
template <class T>
TINYSEG_OPERATOR T divide(T a, T b) {
  if constexpr (std::is_signed_v<T>) {
    if (__builtin_expect(b == -1, 0)) {
      const T result = T(std::make_unsigned_t<T>(0) - std::make_unsigned_t<T>(a));
      if (a == result && a != 0) TINYSEG_TELL("overflow of a division: a / b", a, b, result);
      return result;
    }
  }
  if (__builtin_expect(b != 0, 1)) return a / b;
  TINYSEG_TELL("division by zero: a / b", a, b, T(-1));
  return T(-1);
}
template <class T>
TINYSEG_OPERATOR T remainder_of(T a, T b) {
  if constexpr (std::is_signed_v<T>) {
    if (__builtin_expect(b == -1, 0)) return 0;
  }
  if (__builtin_expect(b != 0, 1)) return a % b;
  const T result = T(-1);
  TINYSEG_TELL("division by zero: a % b", a, b, result);
  return result;
}

// A conversion takes the nearest number of the type, and 0 for NaN. (A type of 8 or 16 bits is cut out of one of 32.)
template <class T, class X>
TINYSEG_OPERATOR T saturated(X x) {
  using Wide = std::conditional_t<(sizeof(T) >= 4), T, std::conditional_t<std::is_signed_v<T>, int, unsigned>>;
  constexpr Wide low = std::is_signed_v<Wide> ? Wide(std::make_unsigned_t<Wide>(1) << (sizeof(Wide) * 8 - 1)) : Wide(0);
  constexpr Wide high = Wide(~std::make_unsigned_t<Wide>(low));
  // 2 to the power of the bits: the first number that is too large.
  constexpr X above = X(high / 2 + 1) * 2;
  constexpr X below = std::is_signed_v<Wide> ? -above : X(-1);
  const bool fits = x < above && (std::is_signed_v<Wide> ? x >= below : x > below);
  if (__builtin_expect(fits, 1)) return T(Wide(x));
  const T result = x != x ? T(0) : T(x < 0 ? low : high);
  TINYSEG_TELL(std::is_signed_v<T> ? "a float that does not fit in a signed integer" : "a float that does not fit in an unsigned integer", x, x, result);
  return result;
}
template <class T, class X>
TINYSEG_OPERATOR T converted(const X &x) {
  if constexpr (std::is_floating_point_v<X> && std::is_integral_v<T>) return saturated<T>(x);
  else return T(x);
}
template <class T>
struct saturating {
  T value;
  template <class X>
  TINYSEG_OPERATOR explicit saturating(const X &x) : value() {
    if constexpr (std::is_floating_point_v<X>) value = saturated<T>(x);
    else value = (T)x;
  }
  TINYSEG_OPERATOR operator T() const { return value; }
};

// The operators. `Held` is the left side on its way to the right one; what is no number goes through as it is.
struct Shift {};
struct Divide {};
template <class Word, class T>
struct Held { T value; };
template <class Word, class T>
struct Assigned { T value; };
template <class T>
using plain = std::remove_cv_t<std::remove_reference_t<T>>;
template <class T>
constexpr bool by_value = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>;
template <class T>
constexpr bool counts = is_number<T>;
template <class T>
using promoted = decltype(+std::declval<T>());

#define TINYSEG_NAMED(symbol, Word, number)                                                                             \
  template <class L, std::enable_if_t<by_value<L>, int> = 0>                                                            \
  TINYSEG_OPERATOR Held<Word, L> operator symbol(L l, Word) { return {l}; }                                             \
  template <class L, std::enable_if_t<!by_value<L>, int> = 0>                                                           \
  TINYSEG_OPERATOR Held<Word, L &> operator symbol(const L &l, Word) { return {const_cast<L &>(l)}; }                   \
  template <class L, class R, std::enable_if_t<by_value<R>, int> = 0>                                                   \
  TINYSEG_OPERATOR decltype(auto) operator symbol(Held<Word, L> l, R r) {                                               \
    if constexpr (counts<plain<L>> && counts<R>) return number;                                                         \
    else return l.value symbol r;                                                                                       \
  }                                                                                                                     \
  template <class L, class R, std::enable_if_t<!by_value<R>, int> = 0>                                                  \
  TINYSEG_OPERATOR decltype(auto) operator symbol(Held<Word, L> l, const R &r) { return l.value symbol const_cast<R &>(r); } \
  template <class R, std::enable_if_t<by_value<R>, int> = 0>                                                            \
  TINYSEG_OPERATOR Assigned<Word, R> operator symbol##=(Word, R r) { return {r}; }                                      \
  template <class R, std::enable_if_t<!by_value<R>, int> = 0>                                                           \
  TINYSEG_OPERATOR Assigned<Word, const R &> operator symbol##=(Word, const R &r) { return {r}; }                       \
  template <class L, class R>                                                                                           \
  TINYSEG_OPERATOR decltype(auto) operator symbol##=(L &l, Assigned<Word, R> r) {                                       \
    if constexpr (counts<plain<L>> && counts<plain<R>>) {                                                               \
      l = static_cast<plain<L>>(plain<L>(l) symbol Word{} symbol r.value);                                              \
      return (l);                                                                                                       \
    } else return l symbol##= r.value;                                                                                  \
  }
TINYSEG_NAMED(<<, Shift, (shift_left<promoted<plain<L>>>(l.value, +r)))
TINYSEG_NAMED(>>, Shift, (shift_right<promoted<plain<L>>>(l.value, +r)))
TINYSEG_NAMED(/, Divide, (divide<std::common_type_t<promoted<plain<L>>, promoted<R>>>(l.value, r)))
TINYSEG_NAMED(%, Divide, (remainder_of<std::common_type_t<promoted<plain<L>>, promoted<R>>>(l.value, r)))
#undef TINYSEG_NAMED
#undef TINYSEG_OPERATOR
}  // namespace emulator

