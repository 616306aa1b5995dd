// Scopes and orders of libcu++, and what the checks are told of them.
#pragma once

namespace cuda {
enum thread_scope { thread_scope_system, thread_scope_device, thread_scope_block, thread_scope_thread };
enum memory_order {
  memory_order_relaxed,
  memory_order_consume,
  memory_order_acquire,
  memory_order_release,
  memory_order_acq_rel,
  memory_order_seq_cst
};
namespace std {
using cuda::memory_order;
using cuda::memory_order_acq_rel;
using cuda::memory_order_acquire;
using cuda::memory_order_relaxed;
using cuda::memory_order_release;
using cuda::memory_order_seq_cst;
}  // namespace std

namespace emulation {
// What the checks are told of an order and a scope.
constexpr int kind(memory_order order, thread_scope scope) {
  const int scopes = scope == thread_scope_system  ? emulator::SYSTEM_SCOPE
                     : scope == thread_scope_block ? emulator::BLOCK_SCOPE
                                                   : emulator::DEVICE_SCOPE;
  return scopes | (order == memory_order_relaxed   ? emulator::RELAXED
                   : order == memory_order_acquire ? emulator::ACQUIRE
                   : order == memory_order_release ? emulator::RELEASE
                                                   : emulator::ACQUIRE_RELEASE);
}
// The operations of an atomic at the address that Self::address() gives.
}  // namespace emulation
}  // namespace cuda
