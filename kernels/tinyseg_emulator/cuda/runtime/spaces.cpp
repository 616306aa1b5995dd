// warpSize, and in which memory an address lies, for __isShared and its kin.
#include "machine.h"

extern "C" {
extern const int tinyseg_warp_size;
const int tinyseg_warp_size = 32;
}

extern "C" int tinyseg_space(const void *pointer) {
  using namespace emulator;
  const char *address = static_cast<const char *>(pointer);
  const Launch &launch = *machine.launch;
  if (size_t(address - launch.static_shared) < launch.static_shared_size) return IN_SHARED;
  if (size_t(address - machine.dynamic_shared) < MAX_DYNAMIC_SHARED) return IN_SHARED;
  return on_a_stack(address) ? IN_LOCAL : IN_GLOBAL;
}
