// Makes a thread that a signal has interrupted give way to others: the signal's handler changes where the thread goes
// on to a piece of code that keeps all registers, calls tinyseg_interrupted, and returns to where the thread was. Only
// possible while the kernel's own code runs, since nothing else expects it.
#pragma once
#include <stdint.h>
#include <ucontext.h>

extern "C" void tinyseg_interrupted(const void *code);

#if defined(__x86_64__) && defined(__linux__)
#define TINYSEG_PREEMPT 1
extern "C" char tinyseg_leave[];
// The stack below the stack pointer, 128 bytes of it, belongs to the interrupted function (its red zone), so this one
// begins behind it.
asm(R"(
.text
.globl tinyseg_leave
.type tinyseg_leave, @function
tinyseg_leave:
  pushfq
  pushq %rax
  pushq %rbx
  pushq %rcx
  pushq %rdx
  pushq %rsi
  pushq %rdi
  pushq %rbp
  pushq %r8
  pushq %r9
  pushq %r10
  pushq %r11
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  cld
  movq 128(%rsp), %rdi
  incq %rdi
  movq %rsp, %rbx
  subq $1088, %rsp
  andq $-64, %rsp
  fxsave64 (%rsp)
)"
#ifdef __AVX__
    R"(
  vmovdqu %ymm0, 512(%rsp)
  vmovdqu %ymm1, 544(%rsp)
  vmovdqu %ymm2, 576(%rsp)
  vmovdqu %ymm3, 608(%rsp)
  vmovdqu %ymm4, 640(%rsp)
  vmovdqu %ymm5, 672(%rsp)
  vmovdqu %ymm6, 704(%rsp)
  vmovdqu %ymm7, 736(%rsp)
  vmovdqu %ymm8, 768(%rsp)
  vmovdqu %ymm9, 800(%rsp)
  vmovdqu %ymm10, 832(%rsp)
  vmovdqu %ymm11, 864(%rsp)
  vmovdqu %ymm12, 896(%rsp)
  vmovdqu %ymm13, 928(%rsp)
  vmovdqu %ymm14, 960(%rsp)
  vmovdqu %ymm15, 992(%rsp)
  vzeroupper
  call tinyseg_interrupted@PLT
  fxrstor64 (%rsp)
  vmovdqu 512(%rsp), %ymm0
  vmovdqu 544(%rsp), %ymm1
  vmovdqu 576(%rsp), %ymm2
  vmovdqu 608(%rsp), %ymm3
  vmovdqu 640(%rsp), %ymm4
  vmovdqu 672(%rsp), %ymm5
  vmovdqu 704(%rsp), %ymm6
  vmovdqu 736(%rsp), %ymm7
  vmovdqu 768(%rsp), %ymm8
  vmovdqu 800(%rsp), %ymm9
  vmovdqu 832(%rsp), %ymm10
  vmovdqu 864(%rsp), %ymm11
  vmovdqu 896(%rsp), %ymm12
  vmovdqu 928(%rsp), %ymm13
  vmovdqu 960(%rsp), %ymm14
  vmovdqu 992(%rsp), %ymm15
)"
#else
    R"(
  call tinyseg_interrupted@PLT
  fxrstor64 (%rsp)
)"
#endif
    R"(
  movq %rbx, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %r11
  popq %r10
  popq %r9
  popq %r8
  popq %rbp
  popq %rdi
  popq %rsi
  popq %rdx
  popq %rcx
  popq %rbx
  popq %rax
  popfq
  ret $128
.size tinyseg_leave, .-tinyseg_leave
)");

static inline void leave(void *context) {
  auto &registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
  registers[REG_RSP] -= 128 + 8;
  *reinterpret_cast<uint64_t *>(registers[REG_RSP]) = uint64_t(registers[REG_RIP]);
  registers[REG_RIP] = static_cast<long long>(reinterpret_cast<uintptr_t>(tinyseg_leave));
}
#else
#define TINYSEG_PREEMPT 0
static inline void leave(void *) {}
#endif
