// Shifts, division and conversions of numbers as a GPU does them where C++ leaves the result open. translate/arithmetic.py writes
// a <<emulator::Shift{}<< b for a << b: an operator that has the place of the old one in every expression, template and constant.
#pragma once

extern "C" void tinyseg_undefined(const char *what, const char *left, const char *right, const char *result, const char *file, int line);
extern "C" int tinyseg_on_device();

namespace emulator {
template <class T>
constexpr bool is_number = std::is_integral_v<T> || (std::is_enum_v<T> && std::is_convertible_v<T, int>);
template <class A, class B>
constexpr bool numbers = is_number<std::remove_cv_t<std::remove_reference_t<A>>> && is_number<std::remove_cv_t<std::remove_reference_t<B>>>;

// The place of an operator in the source. (Its machine code may stand anywhere.)
struct Spot {
  const char *file;
  int line;
  constexpr Spot(const char *file = __builtin_FILE(), int line = __builtin_LINE()) : file(file), line(line) {}
};

// Told to the checks; without them nobody asks.
#ifdef TINYSEG_CHECKED
template <class A, class B, class R>
__attribute__((noinline)) TINYSEG_UNCHECKED void tell(const char *what, A a, B b, R result, Spot at) {
  char left[40], right[40], shown[40];
  const auto write = [](char *to, auto value) TINYSEG_UNCHECKED {
    if constexpr (std::is_floating_point_v<decltype(value)>) snprintf(to, 40, "%.9g", double(value));
    else if constexpr (std::is_unsigned_v<decltype(value)>) snprintf(to, 40, "%llu", (unsigned long long)value);
    else snprintf(to, 40, "%lld", (long long)value);
  };
  write(left, a), write(right, b), write(shown, result);
  tinyseg_undefined(what, left, right, shown, at.file, at.line);
}
#define TINYSEG_TELL(what, a, b, result, at) \
  do { if (!__builtin_is_constant_evaluated()) emulator::tell(what, a, b, result, at); } while (0)
#else
#define TINYSEG_TELL(what, a, b, result, at) ((void)at)
#endif
#define TINYSEG_OPERATOR constexpr __attribute__((always_inline)) inline

// Gives back what it is given: translate/stores.py writes a =emulator::Kept{}|| f() for a = f().
struct Kept {};
template <class T>
TINYSEG_OPERATOR T &&operator||(Kept, T &&value) { return static_cast<T &&>(value); }

// PTX clamps the count of a shift: from the number of bits on nothing is left, or the sign everywhere. A negative count is a large one.
template <class T, class B>
TINYSEG_OPERATOR T shift_left(T a, B count, Spot at) {
  constexpr int bits = sizeof(T) * 8;
  const bool wide = count < 0 || (unsigned long long)count >= (unsigned long long)bits;
  if (__builtin_expect(!wide, 1)) {
    const T result = T(std::make_unsigned_t<T>(a) << count);
    // 1 << 31 is what it looks like; what loses a bit of the number is told, as C++ before 20 has it.
    if constexpr (std::is_signed_v<T> && __cplusplus < 202000L) {
      const bool lost = a < 0 ? T(result >> count) != a : (std::make_unsigned_t<T>(result) >> count) != std::make_unsigned_t<T>(a);
      if (__builtin_expect(lost, 0)) TINYSEG_TELL("signed overflow: a << b", a, count, result, at);
    }
    return result;
  }
  TINYSEG_TELL(count < 0 ? "shift by a negative count: a << b" : "shift by all bits or more: a << b", a, count, T(0), at);
  return 0;
}
template <class T, class B>
TINYSEG_OPERATOR T shift_right(T a, B count, Spot at) {
  constexpr int bits = sizeof(T) * 8;
  const bool wide = count < 0 || (unsigned long long)count >= (unsigned long long)bits;
  if (__builtin_expect(!wide, 1)) return a >> count;
  const T result = a < 0 ? T(-1) : T(0);
  TINYSEG_TELL(count < 0 ? "shift by a negative count: a >> b" : "shift by all bits or more: a >> b", a, count, result, at);
  return result;
}

// PTX leaves a division by zero open, and the code that its assembler makes gives a number with all bits set; the smallest number over -1 is itself, with a remainder of 0.
template <class T>
TINYSEG_OPERATOR T divide(T a, T b, Spot at) {
  if constexpr (std::is_signed_v<T>) {
    if (__builtin_expect(b == -1, 0)) {
      const T result = T(std::make_unsigned_t<T>(0) - std::make_unsigned_t<T>(a));
      if (a == result && a != 0) TINYSEG_TELL("overflow of a division: a / b", a, b, result, at);
      return result;
    }
  }
  if (__builtin_expect(b != 0, 1)) return a / b;
  TINYSEG_TELL("division by zero: a / b", a, b, T(-1), at);
  return T(-1);
}
template <class T>
TINYSEG_OPERATOR T remainder_of(T a, T b, Spot at) {
  if constexpr (std::is_signed_v<T>) {
    if (__builtin_expect(b == -1, 0)) {
      if (a == T(std::make_unsigned_t<T>(1) << (sizeof(T) * 8 - 1))) TINYSEG_TELL("overflow of a division: a % b", a, b, T(0), at);
      return 0;
    }
  }
  if (__builtin_expect(b != 0, 1)) return a % b;
  const T result = T(-1);
  TINYSEG_TELL("division by zero: a % b", a, b, result, at);
  return result;
}

template <class T>
constexpr const char *does_not_fit = std::is_signed_v<T> ? "a float that does not fit in a signed integer" : "a float that does not fit in an unsigned integer";

// A conversion takes the nearest number of the type. NaN gives 0, and where one of both types has 64 bits, the integer of
// the highest bit only. (A type of 8 or 16 bits is cut out of one of 32.)
template <class T, class X>
TINYSEG_OPERATOR T saturated(X x, Spot at) {
  using Wide = std::conditional_t<(sizeof(T) >= 4), T, std::conditional_t<std::is_signed_v<T>, int, unsigned>>;
  constexpr Wide low = std::is_signed_v<Wide> ? Wide(std::make_unsigned_t<Wide>(1) << (sizeof(Wide) * 8 - 1)) : Wide(0);
  constexpr Wide high = Wide(~std::make_unsigned_t<Wide>(low));
  // 2 to the power of the bits: the first number that is too large.
  constexpr X above = X(high / 2 + 1) * 2;
  constexpr X below = std::is_signed_v<Wide> ? -above : X(-1);
  const bool fits = x < above && (std::is_signed_v<Wide> ? x >= below : x > below);
  if (__builtin_expect(fits, 1)) {
    const Wide cut = Wide(x);
    if constexpr (sizeof(T) < 4)
      if (__builtin_expect(T(cut) != cut, 0)) TINYSEG_TELL(does_not_fit<T>, x, x, T(cut), at);
    return T(cut);
  }
#ifdef TINYSEG_PROGRAM  // where the host does as hosts do
  if (!__builtin_is_constant_evaluated() && !tinyseg_on_device()) return T(Wide(x));
#endif
  constexpr Wide high_bit = Wide(std::make_unsigned_t<Wide>(1) << (sizeof(Wide) * 8 - 1));
  const T result = T(x != x ? (sizeof(Wide) == 8 || sizeof(X) == 8 ? high_bit : Wide(0)) : x < 0 ? low : high);
  TINYSEG_TELL(does_not_fit<T>, x, x, result, at);
  return result;
}
template <class T, class X>
TINYSEG_OPERATOR T converted(const X &x, const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  if constexpr (std::is_floating_point_v<X> && std::is_integral_v<T>) return saturated<T>(x, {file, line});
  else return T(x);
}
template <class T>
struct saturating {
  T value;
  template <class X>
  TINYSEG_OPERATOR explicit saturating(const X &x, const char *file = __builtin_FILE(), int line = __builtin_LINE()) : value() {
    if constexpr (std::is_floating_point_v<X>) value = saturated<T>(x, {file, line});
    else value = (T)x;
  }
  TINYSEG_OPERATOR operator T() const { return value; }
};

// Of the smallest integer there is no absolute value: it stays what it is.
template <class X>
TINYSEG_OPERATOR auto absolute(const X &x, const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  if constexpr (std::is_integral_v<X> && std::is_signed_v<X>) {
    using T = decltype(+x);
    if (__builtin_expect(x >= 0, 1)) return T(x);
    const T result = T(std::make_unsigned_t<T>(0) - std::make_unsigned_t<T>(x));
    if (__builtin_expect(result < 0, 0)) TINYSEG_TELL("signed overflow: -a", T(x), T(x), result, (Spot{file, line}));
    return result;
  } else {
    return abs(x);
  }
}
// A float that something takes as an integer, without a word in the source (implicit.py finds these places). In a
// template the type that is wanted may be another one for each instance.
template <class X>
struct Wanted {
  X value;
  Spot at;
  template <class T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
  TINYSEG_OPERATOR operator T() const {
    if constexpr (std::is_same_v<T, bool>) return value != 0;
    else return saturated<T>(value, at);
  }
  TINYSEG_OPERATOR operator float() const { return float(value); }
  TINYSEG_OPERATOR operator double() const { return double(value); }
};
template <class X>
TINYSEG_OPERATOR decltype(auto) wanted(X &&x, const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  using Plain = std::remove_cv_t<std::remove_reference_t<X>>;
  if constexpr (std::is_floating_point_v<Plain>) return Wanted<Plain>{x, {file, line}};
  else return static_cast<X &&>(x);
}
template <class T, class X>
TINYSEG_OPERATOR T assigned(X x, Spot at) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && std::is_floating_point_v<X>) return saturated<T>(x, at);
  else return static_cast<T>(x);
}

// The operators. `Held` is the left side on its way to the right one; what is no number goes through as it is.
struct Shift : Spot {
  constexpr Shift(const char *file = __builtin_FILE(), int line = __builtin_LINE()) : Spot(file, line) {}
};
struct Divide : Spot {
  constexpr Divide(const char *file = __builtin_FILE(), int line = __builtin_LINE()) : Spot(file, line) {}
};
template <class Word, class T>
struct Held { T value; Word at; };
template <class Word, class T>
struct Assigned { T value; Word at; };
template <class T>
using plain = std::remove_cv_t<std::remove_reference_t<T>>;
template <class T>
constexpr bool by_value = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_pointer_v<T>;
template <class T>
constexpr bool counts = is_number<T>;
template <class T>
using promoted = decltype(+std::declval<T>());

#define TINYSEG_NAMED(symbol, Word, number)                                                                                  \
  template <class L, std::enable_if_t<by_value<L>, int> = 0>                                                                 \
  TINYSEG_OPERATOR Held<Word, L> operator symbol(L l, Word at) { return {l, at}; }                                           \
  template <class L, std::enable_if_t<!by_value<L>, int> = 0>                                                                \
  TINYSEG_OPERATOR Held<Word, L &> operator symbol(const L &l, Word at) { return {const_cast<L &>(l), at}; }                 \
  template <class L, class R, std::enable_if_t<by_value<R>, int> = 0>                                                        \
  TINYSEG_OPERATOR decltype(auto) operator symbol(Held<Word, L> l, R r) {                                                    \
    if constexpr (counts<plain<L>> && counts<R>) return number;                                                              \
    else return l.value symbol r;                                                                                            \
  }                                                                                                                          \
  template <class L, class R, std::enable_if_t<!by_value<R>, int> = 0>                                                       \
  TINYSEG_OPERATOR decltype(auto) operator symbol(Held<Word, L> l, const R &r) { return l.value symbol const_cast<R &>(r); } \
  template <class R, std::enable_if_t<by_value<R>, int> = 0>                                                                 \
  TINYSEG_OPERATOR Assigned<Word, R> operator symbol##=(Word at, R r) { return {r, at}; }                                    \
  template <class R, std::enable_if_t<!by_value<R>, int> = 0>                                                                \
  TINYSEG_OPERATOR Assigned<Word, const R &> operator symbol##=(Word at, const R &r) { return {r, at}; }                     \
  template <class L, class R>                                                                                                \
  TINYSEG_OPERATOR decltype(auto) operator symbol##=(L &l, Assigned<Word, R> r) {                                            \
    if constexpr (counts<plain<L>> && counts<plain<R>>) {                                                                    \
      l = static_cast<plain<L>>(plain<L>(l) symbol r.at symbol r.value);                                                     \
      return (l);                                                                                                            \
    } else if constexpr (std::is_arithmetic_v<plain<L>> && std::is_floating_point_v<plain<R>>) {                             \
      l = assigned<plain<L>>(plain<L>(l) symbol r.value, r.at);                                                              \
      return (l);                                                                                                            \
    } else return l symbol##= r.value;                                                                                       \
  }
TINYSEG_NAMED(<<, Shift, (shift_left<promoted<plain<L>>>(l.value, +r, l.at)))
TINYSEG_NAMED(>>, Shift, (shift_right<promoted<plain<L>>>(l.value, +r, l.at)))
TINYSEG_NAMED(/, Divide, (divide<std::common_type_t<promoted<plain<L>>, promoted<R>>>(l.value, r, l.at)))
TINYSEG_NAMED(%, Divide, (remainder_of<std::common_type_t<promoted<plain<L>>, promoted<R>>>(l.value, r, l.at)))
#undef TINYSEG_NAMED
// i += x for a float x: the sum is a float, and is converted.
struct Convert : Spot {
  constexpr Convert(const char *file = __builtin_FILE(), int line = __builtin_LINE()) : Spot(file, line) {}
};
#define TINYSEG_CONVERTING(symbol)                                                                             \
  template <class R>                                                                                           \
  TINYSEG_OPERATOR Assigned<Convert, const R &> operator symbol##=(Convert at, const R &r) { return {r, at}; } \
  template <class L, class R>                                                                                  \
  TINYSEG_OPERATOR decltype(auto) operator symbol##=(L &l, Assigned<Convert, R> r) {                           \
    if constexpr (std::is_arithmetic_v<plain<L>> && std::is_floating_point_v<plain<R>>) {                      \
      l = assigned<plain<L>>(plain<L>(l) symbol r.value, r.at);                                                \
      return (l);                                                                                              \
    } else return l symbol##= r.value;                                                                         \
  }
TINYSEG_CONVERTING(+)
TINYSEG_CONVERTING(-)
TINYSEG_CONVERTING(*)
#undef TINYSEG_CONVERTING
#undef TINYSEG_OPERATOR
}  // namespace emulator

