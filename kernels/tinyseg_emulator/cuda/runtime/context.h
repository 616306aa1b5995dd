// A context is a stack and a place to continue: the kernel's threads change places by switching contexts.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(TINYSEG_UCONTEXT)
// Only what the System V ABI lets a callee keep has to be saved: six registers and the stack pointer. (swapcontext would
// also save the signal mask, by two system calls, about 50 times the time.)
struct Context {
  void *stack_pointer = nullptr;
};
extern "C" void tinyseg_switch(void **from, void *to);
asm(R"(
.text
.globl tinyseg_switch
.type tinyseg_switch, @function
tinyseg_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size tinyseg_switch, .-tinyseg_switch
)");
static inline void make_context(Context &context, char *stack, size_t size, void (*entry)()) {
  // top[1] is the return address that entry never uses: it keeps the ABI's alignment.
  void **top = reinterpret_cast<void **>(stack + size) - 2;
  top[0] = reinterpret_cast<void *>(entry);
  top[1] = nullptr;
  context.stack_pointer = top - 6;
}
static inline void switch_context(Context &from, Context &to) { tinyseg_switch(&from.stack_pointer, to.stack_pointer); }
#else
#include <ucontext.h>
struct Context {
  ucontext_t state;
};
static inline void make_context(Context &context, char *stack, size_t size, void (*entry)()) {
  getcontext(&context.state);
  context.state.uc_stack.ss_sp = stack;
  context.state.uc_stack.ss_size = size;
  context.state.uc_link = nullptr;
  makecontext(&context.state, entry, 0);
}
static inline void switch_context(Context &from, Context &to) { swapcontext(&from.state, &to.state); }
#endif
