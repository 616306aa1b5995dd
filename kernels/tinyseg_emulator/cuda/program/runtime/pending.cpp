// Memory that the host can see while the device may still work on it: managed memory behind a launch, pinned memory
// behind an asynchronous copy. Its pages are protected until the host has waited, so that a touch before that stops at
// its line.
#include <sys/mman.h>

#include "program.h"

namespace program {

struct Pending {
  const char *begin, *end;
  bool host_may_read;
  uint32_t stream, index;
  std::string what;
  Place place;
  std::shared_ptr<Touches> touches;
};
static std::vector<Pending> waiting;

static void protect(const Pending& one, int protection) {
  const uintptr_t begin = reinterpret_cast<uintptr_t>(one.begin) / PAGE * PAGE,
                  end = (reinterpret_cast<uintptr_t>(one.end) + PAGE - 1) / PAGE * PAGE;
  mprotect(reinterpret_cast<void*>(begin), end - begin, protection);
}
static bool freed(const Pending& one) {
  const Allocation* allocation = find(one.begin);
  return !allocation || allocation->freed;
}

void add_pending(const char* begin, size_t size, bool host_may_read, std::shared_ptr<Touches> touches) {
  if (!size || !in_arena(begin)) return;
  const Operation& last = operation(last_operation());
  if (!done(last.stream, last.index))
    waiting.push_back({begin, begin + size, host_may_read, last.stream, last.index, last.what, last.place, touches});
}

void apply_pending() {
  for (const Pending& one : waiting)
    if (one.host_may_read && !freed(one)) protect(one, PROT_READ);
  for (const Pending& one : waiting)
    if (!one.host_may_read && !freed(one)) protect(one, PROT_NONE);
}

void release_pending() {
  std::vector<Pending> left;
  for (const Pending& one : waiting) {
    if (!done(one.stream, one.index))
      left.push_back(one);
    else if (!freed(one))
      protect(one, PROT_READ | PROT_WRITE);
  }
  const bool changed = left.size() != waiting.size();
  waiting.swap(left);
  if (changed) apply_pending();
}

// Called for a fault of the host; true when the host may go on.
bool pending_fault(const char* address, bool write, const void* pc) {
  for (size_t i = 0; i < waiting.size(); i++) {
    const Pending one = waiting[i];
    if (address < one.begin || address >= one.end || (one.host_may_read && !write)) continue;
    if (one.touches && !touched(*one.touches, address, write)) continue;
    record("host race",
           text("what",
                std::string("the host ") + (write ? "writes" : "reads") + " what an earlier " + one.what +
                    (one.host_may_read ? " may still read" : " may not have finished") +
                    ": it has to wait first (cudaDeviceSynchronize, cudaStreamSynchronize, cudaEventSynchronize)") +
               text("touched", describe(address)) + text("operation", one.what) +
               text("operation_file", one.place.file) + number("operation_line", one.place.line) + frames(pc));
    waiting.erase(waiting.begin() + long(i));
    protect(one, PROT_READ | PROT_WRITE);
    apply_pending();
    return true;
  }
  const Allocation* allocation = find(address);
  if (!allocation || allocation->freed || allocation->space == DEVICE) return false;
  // A neighbour on a protected page: open that page.
  mprotect(reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(address) / PAGE * PAGE), PAGE, PROT_READ | PROT_WRITE);
  return true;
}

}  // namespace program
