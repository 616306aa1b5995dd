// printf and assert: in a kernel CUDA's, which the runtime has (runtime/print.cpp), elsewhere the C library's.
#pragma once
#include <assert.h>
#include <stdio.h>

#include <cstdio>  // takes away a macro of this name, so it comes first

extern "C" {
int tinyseg_printf(const char *file, int line, const char *format, ...);
// A kernel may call it inside #ifdef TINYSEG_EMULATOR: with a debugger's breakpoint at tinyseg_stopped, the chosen
// thread stops there.
void tinyseg_breakpoint();
[[noreturn]] void tinyseg_assert(const char *what, const char *file, unsigned line, const char *function);

// The C library's assert calls this; a file's own definition comes before the library's.
__attribute__((weak, visibility("hidden"), no_sanitize("thread"), no_sanitize("undefined"))) void __assert_fail(
    const char *what, const char *file, unsigned line, const char *function) noexcept {
  tinyseg_assert(what, file, line, function);
}
}

namespace std {
using ::tinyseg_printf;
}
#define printf(...) tinyseg_printf(__FILE__, __LINE__, __VA_ARGS__)
