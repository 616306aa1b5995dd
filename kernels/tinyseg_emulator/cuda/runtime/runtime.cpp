// The emulator's runtime as one translation unit: compiled once on a machine, shared by all kernel files.
#include "launch.cpp"
#include "schedule.cpp"
#include "warp.cpp"
#include "converge.cpp"
#include "hooks.cpp"
#include "races.cpp"
#include "memory_use.cpp"
