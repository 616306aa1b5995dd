// What the checks are told by the scheduler; in this file, nothing is done about it yet.
#include "machine.h"
namespace emulator {
void checks_begin_block() {}
void checks_block_barrier() {}
void checks_warp_done() {}
void checks_warp_sync(unsigned, unsigned) {}
}  // namespace emulator
extern "C" void tinyseg_access(const volatile void *, size_t, int, const void *) {}
