// How the program ends, and where it stood: faults of host code, the end that main() or exit() gives, Ctrl-C and the
// limit of time.
#include <execinfo.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "program.h"

namespace program {

void end_launches();
static void (*finish)();
static char stack_memory[512 << 10];

std::string frames(const void* pc) {
  const auto offset = [](const void* at) {
    const char* place = static_cast<const char*>(at);
    return place >= library_begin && place < library_end ? std::to_string(place - library_begin) + " " : std::string();
  };
  std::string found = pc ? offset(static_cast<const char*>(pc) + 1) : "";  // as a return address: one behind
  void* places[64];
  const int count = backtrace(places, 64);
  for (int i = 0; i < count; i++)
    if (places[i] != pc) found += offset(places[i]);
  return text("frames", found);
}

static const char* register_of(void* context, int which, bool& write) {
#if defined(__x86_64__)
  const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  write = registers[REG_ERR] & 2;
  return reinterpret_cast<const char*>(registers[which ? REG_RSP : REG_RIP]);
#else
  const auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  write = false;
  return reinterpret_cast<const char*>(which ? machine.sp : machine.pc);
#endif
}

static void crash(const char* what, const std::string& touched, const void* pc, int number_of_signal) {
  record("crash", text("what", what) + text("touched", touched) + frames(pc) + number("signal", number_of_signal));
}

static void on_fault(int number, siginfo_t* information, void* context) {
  bool write = false;
  const char *pc = register_of(context, 0, write), *stack = register_of(context, 1, write);
  const char* address = static_cast<const char*>(information->si_addr);
  if (number == SIGSEGV && in_arena(address)) {
    if (pending_fault(address, write, pc)) return;
    const Allocation* one = near(address);
    const bool device = one && one->space == DEVICE && !one->freed;
    crash(device              ? "host code uses a pointer to device memory: cudaMemcpy brings the data over"
          : one && one->freed ? "host code uses memory that was freed"
                              : "host code uses an address that no allocation has",
          describe(address), pc, number);
  } else if (number == SIGSEGV || number == SIGBUS) {
    const ptrdiff_t distance = address - stack;
    const char* what = !address || uintptr_t(address) < 4096 ? "host code uses the null pointer"
                       : distance > -65536 && distance < 65536
                           ? "stack overflow: a recursion without end, or large local arrays"
                           : "host code uses an address that is no memory";
    crash(what, "", pc, number);
  } else {
    const char* what = number == SIGFPE ? "an integer is divided by zero"
                       : number == SIGABRT
                           ? "abort: an assert that failed, an exception that nobody caught, or a heap that was damaged"
                           : "an instruction that this processor lacks";
    crash(what, "", pc, number);
  }
  signal(number, SIG_DFL);
  raise(number);
}

// Ctrl-C (the watcher sends SIGUSR1), or the limit of time (SIGTERM).
static void on_stop(int number_of_signal, siginfo_t*, void* context) {
  bool write = false;
  const char* pc = register_of(context, 0, write);
  std::string fields = text("why", number_of_signal == SIGUSR1 ? "interrupted" : "time") +
                       text("kernel", in_launch ? launched_kernel : "") + frames(pc);
  if (in_launch) {
    const uint3 b = tinyseg_block_index, t = tinyseg_thread_index;
    char words[200];
    snprintf(words, sizeof words, "block (%u, %u, %u), thread (%u, %u, %u)", b.x, b.y, b.z, t.x, t.y, t.z);
    fields += text("thread", words);
  }
  record("stopped", fields);
  fflush(stdout);
  _exit(128 + number_of_signal);
}

static void on_terminate() {
  std::string what = "an exception that nobody caught";
  if (std::exception_ptr current = std::current_exception()) {
    try {
      std::rethrow_exception(current);
    } catch (const std::exception& error) {
      what += std::string(": ") + error.what();
    } catch (...) {
      what += ", of a type that is no std::exception";
    }
  } else {
    what = "std::terminate: a thread that was neither joined nor detached, or a noexcept function that throws";
  }
  record("terminate", text("what", what));
  abort();
}

void catch_faults() {
  void* warm_up[2];
  backtrace(warm_up, 2);  // loads what it needs
  stack_t stack = {};
  stack.ss_sp = stack_memory;
  stack.ss_size = sizeof stack_memory;
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = on_fault;
  for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigaction(number, &action, nullptr);
  action.sa_sigaction = on_stop;
  for (int number : {SIGUSR1, SIGTERM}) sigaction(number, &action, nullptr);
  std::set_terminate(on_terminate);
}

static void on_end(int status, void*) {
  finish();
  end_launches();
  if (status == 0 && !sticky()) {  // a program that gave up, or could not, is not blamed for what it did not free
    end_memory();
    end_streams();
  }
  record("end", number("status", status));
}

}  // namespace program

using namespace program;

extern "C" {
// Registered before the program's library is loaded, so that its objects are gone when leaks are counted.
void tinyseg_program_at_end(void (*function)()) {
  finish = function;
  on_exit(on_end, nullptr);
}
// Not noexcept: an exception that nobody catches then ends the program where it is thrown, and not behind its cleanups.
void tinyseg_program_main(int (*main_function)(int, char**, char**), int count, char** arguments,
                          char** environment) {
  setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  catch_faults();
  record("start", "");
  const int status = main_function(count, arguments, environment);
  exit(status);
}
// Other processes are not the subject of a check.
static int refused(const char* what) {
  record("refused", text("what", what) + frames(nullptr));
  return -1;
}
int __wrap_fork() { return refused("fork"); }
int __wrap_vfork() { return refused("vfork"); }
int __wrap_system(const char*) { return refused("system"); }
void* __wrap_popen(const char*, const char*) { return refused("popen"), nullptr; }
int __wrap_execv(const char*, char* const*) { return refused("execv"); }
int __wrap_execvp(const char*, char* const*) { return refused("execvp"); }
int __wrap_execve(const char*, char* const*, char* const*) { return refused("execve"); }
}
