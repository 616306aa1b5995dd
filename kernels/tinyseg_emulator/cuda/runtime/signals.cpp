// Signals during a launch: faults of a kernel become errors with a place; a timer gives every thread its turn and ends
// a launch at its limits; so does Ctrl-C.
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "machine.h"
#include "preempt.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

int tinyseg_patience = 1 << 30;

namespace emulator {

static volatile sig_atomic_t running;
static pthread_t running_thread;
static const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
constexpr int SIGNAL_COUNT = sizeof SIGNALS / sizeof *SIGNALS;
static struct sigaction previous[SIGNAL_COUNT], previous_interrupt;
static stack_t previous_stack;
static char signal_stack[64 << 10];

constexpr long TURN = 5'000'000,
               SHORT_TURN = 200'000;  // nanoseconds that a thread may run without giving way to others
static timer_t timer;
static pid_t timer_process, timer_thread;
constexpr double LEAST_TURN =
    1e-4;  // seconds of processor time in it: on a busy machine there may be none between two ticks
static double started, tick_clock;
static uint64_t tick_switches;
static int tick_patience;

double processor_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

static const char *program_counter(void *context) {
#if defined(__x86_64__)
  return reinterpret_cast<const char *>(static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const char *>(static_cast<ucontext_t *>(context)->uc_mcontext.pc);
#else
  (void)context;
  return nullptr;
#endif
}

static void on_fault(int number, siginfo_t *information, void *context) {
  if (!running || !pthread_equal(running_thread, pthread_self())) {  // somebody else's fault: let it have its usual end
    for (int i = 0; i < SIGNAL_COUNT; i++)
      if (SIGNALS[i] == number) sigaction(number, &previous[i], nullptr);
    return;
  }
  const void *code = program_counter(context);
  const char *address = static_cast<const char *>(information->si_addr);
  const Site nowhere = {nullptr, 0};
  if (number == SIGFPE) fail(nowhere, code, "integer division by zero (or an overflow of it)");
  if (number == SIGABRT) fail(nowhere, code, "abort: a failed assert");
  if (number == SIGILL || number == SIGTRAP) fail(nowhere, code, "__trap, or an instruction that this processor lacks");
  if (on_a_stack(address))
    fail(nowhere, code, "stack overflow: a thread's local variables exceed %zu KB", LARGEST_LOCAL >> 10);
  if (address >= machine.dynamic_end && address < machine.dynamic_end + PAGE)
    fail(nowhere, code, "out of bounds: byte %td of dynamic shared memory, which has %zu bytes",
         address - machine.dynamic_shared, machine.launch->dynamic_shared);
  fail(nowhere, code, "invalid memory access at address %p", static_cast<const void *>(address));
}

static bool in_kernel(const char *code) { return code >= machine.code_begin && code < machine.code_end; }

static void on_tick(int, siginfo_t *, void *context) {
  if (!running || !pthread_equal(running_thread, pthread_self())) return;
  const double now = processor_seconds();
  if (!machine.stop && now - started > machine.launch->seconds) machine.stop = SECONDS;
  const char *code = program_counter(context);
  if (machine.stop) {
    if (in_kernel(code)) end_launch(machine.stop, code + 1);  // as behind a call
    return;  // anywhere else a lock may be held; the runtime looks at `stop` itself
  }
  // A thread that has executed an atomic since the last tick may be in the middle of one, which must not be
  // interrupted; it gives way there itself.
  if (machine.switches == tick_switches && tinyseg_patience == tick_patience) {
    if (now - tick_clock > LEAST_TURN && in_kernel(code)) leave(context);
    return;
  }
  tick_switches = machine.switches;
  tick_patience = tinyseg_patience;
  tick_clock = now;
}

static void on_interrupt(int, siginfo_t *information, void *context) {
  if (!running) return;
  machine.stop = INTERRUPTED;
  if (!pthread_equal(running_thread, pthread_self())) return;  // the next tick ends it
  on_tick(0, information, context);
}

void set_slice(bool is_short) {
  itimerspec spec = {{0, TURN}, {0, is_short ? SHORT_TURN : TURN}};
  timer_settime(timer, 0, &spec, nullptr);
  tick_switches = machine.switches;
  tick_patience = tinyseg_patience;
  tick_clock = processor_seconds();
}

static bool have_timer() {
  const pid_t process = getpid(), thread = pid_t(syscall(SYS_gettid));
  if (timer_process == process && timer_thread == thread) return true;
  if (timer_process == process) timer_delete(timer);  // a child process does not have its parent's
  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGRTMIN + 5;
  event.sigev_notify_thread_id = thread;
  timer_process = 0;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer)) return false;
  timer_process = process;
  timer_thread = thread;
  return true;
}

void catch_signals() {
  stack_t stack = {};
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof signal_stack;
  sigaltstack(&stack, &previous_stack);
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  running_thread = pthread_self();
  machine.stop = 0;
  running = 1;
  started = processor_seconds();
  action.sa_sigaction = on_fault;
  for (int i = 0; i < SIGNAL_COUNT; i++) sigaction(SIGNALS[i], &action, &previous[i]);
  sigaction(SIGINT, nullptr, &previous_interrupt);
  if (previous_interrupt.sa_handler != SIG_IGN) {
    action.sa_sigaction = on_interrupt;
    sigaction(SIGINT, &action, nullptr);
  }
  action.sa_sigaction = on_tick;
  sigaction(SIGRTMIN + 5, &action, nullptr);
  if (have_timer()) set_slice(false);
}

void restore_signals() {
  if (timer_process) {
    const itimerspec never = {};
    timer_settime(timer, 0, &never, nullptr);
  }
  running = 0;
  for (int i = 0; i < SIGNAL_COUNT; i++) sigaction(SIGNALS[i], &previous[i], nullptr);
  sigaction(SIGINT, &previous_interrupt, nullptr);
  // The tick's handler stays: one may still be on its way, and by default it would end the process.
  sigaltstack(&previous_stack, nullptr);
}

}  // namespace emulator

extern "C" void tinyseg_interrupted(const void *code) {
  emulator::machine.current->slow = true;
  emulator::pause(code);
}
