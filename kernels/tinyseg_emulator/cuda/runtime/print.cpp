// printf and assert in kernels, as the CUDA C++ Programming Guide describes them.
//   printf: a call's text is whole, never mixed with another thread's. It goes to a circular buffer of 1 MB, of which
//   the host writes what is left when it synchronises: when more is printed, the oldest is lost. Conversions are
//   c d i o u x X p e E f g G a A s with flags, width, precision and h, l, ll; at most 32 arguments, beyond which
//   conversions are written as they stand. It returns the number of arguments.
//   assert: the host writes where and of which thread, on stderr, and the launch has failed.
// Outside of kernels both are the C library's.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>

#include "machine.h"
#include "print.h"

namespace emulator {

constexpr int MOST_ARGUMENTS = 32;

struct Printed {
  std::deque<std::string> texts;
  size_t size = 0, limit = 1 << 20;
  uint64_t lost = 0;
  bool one_thread = false;  // whether only this one prints
  uint3 block = {}, thread = {};
  std::string whole, asserted;
};
static Printed printed;

static bool is_shown() {
  if (!printed.one_thread) return true;
  return equal_index(printed.block, tinyseg_block_index) && equal_index(printed.thread, tinyseg_thread_index);
}

// One conversion: its flags, width and precision in a format for the C library, its size and its letter.
struct Conversion {
  std::string text;
  int stars = 0, longs = 0, shorts = 0;
  char letter = 0;
};

static Conversion conversion_at(const char *&at) {  // `at` is behind the %
  Conversion c;
  c.text = "%";
  while (*at && strchr("-+ #0", *at)) c.text += *at++;
  for (int part = 0; part < 2; part++) {
    if (part == 1) {
      if (*at != '.') break;
      c.text += *at++;
    }
    if (*at == '*') c.stars++, c.text += *at++;
    else
      while (*at >= '0' && *at <= '9') c.text += *at++;
  }
  while (*at == 'h' || *at == 'l') (*at == 'h' ? c.shorts : c.longs)++, c.text += *at++;
  if (*at) c.letter = *at++;
  c.text += c.letter;
  return c;
}

template <class T>
static void append(std::string &out, const Conversion &c, const int *stars, T value) {
  char text[1024];
  const char *format = c.text.c_str();
  int size = 0;
  std::string large;
  for (char *to = text; ; to = large.data()) {
    const size_t room = to == text ? sizeof text : large.size();
    size = c.stars == 2   ? snprintf(to, room, format, stars[0], stars[1], value)
           : c.stars == 1 ? snprintf(to, room, format, stars[0], value)
                          : snprintf(to, room, format, value);
    if (size < 0 || size_t(size) < room) {
      if (size > 0) out.append(to, size_t(size));
      return;
    }
    large.resize(size_t(size) + 1);
  }
}

static int format_text(std::string &out, const char *format, va_list arguments, const char *file, int line) {
  int count = 0;
  while (*format) {
    if (*format != '%') {
      out += *format++;
      continue;
    }
    const char *at = format + 1;
    if (*at == '%') {
      out += '%';
      format = at + 1;
      continue;
    }
    Conversion c = conversion_at(at);
    if (c.letter == 'n') fail({file, line}, nullptr, "printf: %%n is no conversion of CUDA's printf");
    const bool known = c.letter && strchr("cdiouxXpeEfgGaAs", c.letter);
    if (!known || count + c.stars + 1 > MOST_ARGUMENTS) {
      out.append(format, size_t(at - format));
      format = at;
      continue;
    }
    format = at;
    int stars[2] = {};
    for (int i = 0; i < c.stars && i < 2; i++) stars[i] = va_arg(arguments, int);
    count += c.stars + 1;
    if (strchr("eEfgGaA", c.letter)) append(out, c, stars, va_arg(arguments, double));
    else if (c.letter == 'p') append(out, c, stars, va_arg(arguments, void *));
    else if (c.letter == 's') {
      const char *text = va_arg(arguments, const char *);
      append(out, c, stars, text ? text : "(null)");
    } else if (c.longs >= 2 && c.letter != 'c') append(out, c, stars, va_arg(arguments, long long));
    else if (c.longs == 1 && c.letter != 'c') append(out, c, stars, va_arg(arguments, long));
    else append(out, c, stars, va_arg(arguments, int));
  }
  return count;
}

static void keep_text(std::string text) {
  printed.size += text.size();
  printed.texts.push_back(std::move(text));
  while (printed.size > printed.limit && printed.texts.size() > 1) {
    printed.size -= printed.texts.front().size();
    printed.texts.pop_front();
    printed.lost++;
  }
}

static bool in_kernel() { return running && pthread_equal(running_thread, pthread_self()); }

}  // namespace emulator

using namespace emulator;

extern "C" {

int tinyseg_printf(const char *file, int line, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = 0;
  if (!in_kernel()) count = vprintf(format, arguments);
  else if (!format) count = -1;
  else {
    std::string text;
    count = format_text(text, format, arguments, file, line);
    if (is_shown()) keep_text(std::move(text));
  }
  va_end(arguments);
  return count;
}

// A function's name as nvcc writes it: const float *, where g++ has const float*.
static std::string nvcc_name(const char *function) {
  std::string name;
  for (; *function; function++) {
    const char before = name.empty() ? ' ' : name.back();
    if ((*function == '*' || *function == '&') && !strchr(" *(", before)) name += ' ';
    name += *function;
  }
  return name;
}

void tinyseg_assert(const char *what, const char *file, unsigned line, const char *function) {
  if (!in_kernel()) {
    fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, what);
    abort();
  }
  const uint3 block = tinyseg_block_index, thread = tinyseg_thread_index;
  char text[2048];
  snprintf(text, sizeof text, "%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s` failed.\n", file, line,
           nvcc_name(function).c_str(), block.x, block.y, block.z, thread.x, thread.y, thread.z, what);
  printed.asserted += text;
  fail({file, int(line)}, nullptr, "Assertion `%s` failed", what);
}

// Where a debugger stops (break tinyseg_stopped), for the one thread that is chosen, or for each.
__attribute__((noinline)) void tinyseg_stopped() { __asm__ volatile(""); }
void tinyseg_breakpoint() {
  if (in_kernel() && is_shown()) tinyseg_stopped();
  __asm__ volatile("");  // so that the call above has a frame of its own: the kernel's is two up
}

// For whoever launches: which thread prints (all of them unless `one`), and the size of the buffer in bytes.
void tinyseg_print_from(int one, uint3 block, uint3 thread) {
  printed.one_thread = one != 0;
  printed.block = block;
  printed.thread = thread;
}
void tinyseg_print_limit(size_t bytes) { printed.limit = bytes; }

// What was printed since the last time, and how many calls' texts were lost; valid until the next one.
const char *tinyseg_take_printed(size_t *size, uint64_t *lost) {
  printed.whole.clear();
  for (const std::string &text : printed.texts) printed.whole += text;
  *size = printed.whole.size();
  *lost = printed.lost;
  printed.texts.clear();
  printed.size = printed.lost = 0;
  return printed.whole.data();
}
// What failed assertions say, likewise.
const char *tinyseg_take_asserted(size_t *size) {
  static std::string taken;
  taken.swap(printed.asserted);
  printed.asserted.clear();
  *size = taken.size();
  return taken.data();
}
// For a program, whose stdout it goes to.
void tinyseg_write_printed() {
  size_t size;
  uint64_t lost;
  const char *text = tinyseg_take_printed(&size, &lost);
  if (size) fwrite(text, 1, size, stdout);
  if (lost)
    fprintf(stderr, "printf: the buffer was full, so the first %llu texts are lost\n", (unsigned long long)lost);
  text = tinyseg_take_asserted(&size);
  if (size) fwrite(text, 1, size, stderr);
}
}
