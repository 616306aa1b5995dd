// Launches of a whole program: program/launches.py writes k<<<grid, block>>>(a, b) as emulator::stub(Config(grid,
// block), "k", k)(a, b).
#pragma once
#include <new>
#include <tuple>
#include <utility>

#include "cuda_launch.h"
#include "launch_request.h"

namespace emulator {

template <class T>
TINYSEG_UNCHECKED inline void* keep(Parameters& memory, T&& value) {
  using V = std::remove_cv_t<std::remove_reference_t<T>>;
  return new (memory.take(sizeof(V), alignof(V))) V(static_cast<T&&>(value));
}

// A kernel whose address is known: its parameters' types decide how arguments are converted, as in any call.
template <class... P>
struct Stub {
  Config config;
  const char* name;
  void (*kernel)(P...);

  TINYSEG_UNCHECKED static void run(void** arguments) {
    call(reinterpret_cast<void (*)(P...)>(arguments[0]), arguments + 1, std::index_sequence_for<P...>{});
  }
  TINYSEG_UNCHECKED cudaError_t operator()(P... parameters) const {
    Parameters memory;
    void* arguments[] = {reinterpret_cast<void*>(kernel), keep(memory, static_cast<P&&>(parameters))...};
    return launch(arguments);
  }
  TINYSEG_UNCHECKED cudaError_t launch(void** arguments) const {
    char text[32 * (sizeof...(P) + 1)];
    signature(kernel, text);
    Request request = {name, text, run, arguments, int(sizeof...(P)), reinterpret_cast<const void*>(kernel), &config};
    return tinyseg_launch_kernel(&request);
  }
};
template <class... P>
Stub<P...> stub(const Config& config, const char* name, void (*kernel)(P...)) {
  return {config, name, kernel};
}

// A kernel that only the call itself selects (an overload, a template whose arguments are deduced): `function` calls
// it.
template <class F>
struct Generic {
  Config config;
  const char* name;
  F function;

  template <class... D, size_t... I>
  TINYSEG_UNCHECKED static void call_with(void** arguments, std::index_sequence<I...>) {
    (*static_cast<const F*>(arguments[0]))(*static_cast<D*>(arguments[I + 1])...);
  }
  template <class... D>
  TINYSEG_UNCHECKED static void run(void** arguments) {
    call_with<D...>(arguments, std::index_sequence_for<D...>{});
  }
  template <class... A>
  TINYSEG_UNCHECKED cudaError_t operator()(A&&... values) const {
    return launch<std::decay_t<A>...>(static_cast<A&&>(values)...);
  }
  template <class... D>
  TINYSEG_UNCHECKED cudaError_t launch(D... values) const {
    Parameters memory;
    void* arguments[] = {const_cast<F*>(&function), keep(memory, static_cast<D&&>(values))...};
    char text[32 * (sizeof...(D) + 1)];
    signature(static_cast<void (*)(D...)>(nullptr), text);
    Request request = {name, text, run<D...>, arguments, int(sizeof...(D)), nullptr, &config};
    return tinyseg_launch_kernel(&request);
  }
};
template <class F>
Generic<F> generic(const Config& config, const char* name, F function) {
  return {config, name, function};
}

template <class... P>
TINYSEG_UNCHECKED inline cudaError_t launch_by_pointers(const Config& config, const char* name, void (*kernel)(P...),
                                                        void** values) {
  Parameters memory;
  void* arguments[sizeof...(P) + 1] = {reinterpret_cast<void*>(kernel)};
  size_t i = 0;
  ((i++, arguments[i] = keep(memory, *static_cast<std::remove_reference_t<P>*>(values[i - 1]))), ...);
  return Stub<P...>{config, name, kernel}.launch(arguments);
}
}  // namespace emulator

// program/launches.py puts the kernel's name in front.
template <class... P>
inline cudaError_t cudaLaunchKernel(const char* name, void (*kernel)(P...), dim3 grid, dim3 block, void** arguments,
                                    size_t shared = 0, cudaStream_t stream = nullptr, TINYSEG_SITE) {
  return emulator::launch_by_pointers({grid, block, shared, stream, file, line}, name, kernel, arguments);
}
template <class... P>
inline cudaError_t cudaLaunchCooperativeKernel(const char* name, void (*kernel)(P...), dim3 grid, dim3 block,
                                               void** arguments, size_t shared = 0, cudaStream_t stream = nullptr,
                                               TINYSEG_SITE) {
  emulator::Config config(grid, block, shared, stream, file, line);
  config.cooperative = true;
  return emulator::launch_by_pointers(config, name, kernel, arguments);
}
