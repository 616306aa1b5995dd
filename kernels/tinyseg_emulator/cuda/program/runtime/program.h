// The host side of a program under check: its memory, the order of its streams, its errors, and the records of what was
// found.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../../include/cuda_runtime_api.h"
#include "../../runtime/machine.h"

namespace program {

struct Place {
  const char* file;
  int line;
};

struct Touches;
enum Space : int { DEVICE, MANAGED, PINNED };

// A stretch of the arena. Python reads it (../native.py has the same layout in ctypes).
struct Allocation {
  char* begin;
  size_t size;
  int space, freed;
  Place made, ended;
  int element_kind, element_size;
};

extern "C" const Allocation* tinyseg_program_allocations(size_t* count);

using Clock = std::vector<uint32_t>;  // [stream]: how many of that stream's operations are known to be done

// An operation of a stream: the `index`-th of it, which comes behind what `clock` says.
struct Operation {
  uint32_t stream, index;
  Clock clock;
  std::string what;
  Place place;
};

// records.cpp: each record is a line of JSON for the process that watches this one.
void record(const char* kind, const std::string& fields);
std::string text(const char* name, const std::string& value);
std::string number(const char* name, long long value);
std::string where(Place place);
std::string code(const char* name, const void* address);  // relative to the program's library

// errors.cpp
cudaError_t result(cudaError_t error, const char* function, Place place, const std::string& why = "");
cudaError_t sticky();  // the error that ended the device's work, or cudaSuccess
void make_sticky(cudaError_t error);
void end_errors();

// memory.cpp
Allocation* find(const void* address);  // the allocation that the address lies in, ended ones too
Allocation* near(const void* address);  // or lies shortly behind
bool in_arena(const void* address);
bool has_managed_memory();
bool is_symbol(const void* address);  // a variable of the program's file
std::string describe(const void* address);
void open_memory();   // for the time of a launch or copy, all allocations can be read and written
void close_memory();  // back to what the host may do
struct Opened {
  Opened() { open_memory(); }
  ~Opened() { close_memory(); }
};
void free_everything();
void end_memory();

// streams.cpp
Operation& begin_operation(cudaStream_t stream, const std::string& what, Place place);
bool known_stream(cudaStream_t stream);
void wait_for_stream(cudaStream_t stream);
void wait_for_all();
bool done(uint32_t stream, uint32_t index);  // whether the host knows that an operation is done
bool several_streams();
const Operation& operation(uint32_t number);
uint32_t last_operation();
void reset_streams();
void end_streams();

// pending.cpp: memory that the host sees while an operation of the device still works on it
// With `touches`, only the words that a launch has touched.
void add_pending(const char* begin, size_t size, bool host_may_read, std::shared_ptr<Touches> touches = nullptr);
void release_pending();
void apply_pending();
bool pending_fault(const char* address, bool write, const void* pc);

// touched.cpp: which words a launch under check touches
void begin_touches();
void note_touch(const char* address, size_t size, bool write);
std::shared_ptr<Touches> end_touches();  // nullptr when none were begun
bool touched(const Touches& launch, const char* address, bool host_writes);  // so that the host has to wait

bool touched_within(const Touches& launch, const char* begin, size_t size, bool* writes);

// written.cpp: which bytes of device memory something has written
void begin_written(char* arena, size_t size);
void mark_written(const void* address, size_t size);
void mark_all_written();
void copy_written(const void* to, const void* from, size_t size);
void note_written(const char* address, size_t size, int access, const void* at);
void check_copied(const char* from, size_t pitch, size_t width, size_t rows, const char* function, Place place);

// conflicts.cpp: operations of two streams on the same bytes that nothing orders
void note_range(const void* begin, size_t size, bool write);
void begin_observing(long long budget);
void end_observing();

// faults.cpp
void catch_faults();
std::string frames(const void* pc);  // the places in the program's library, the innermost first

extern const char *library_begin, *library_end;
extern bool in_launch;
extern const char* launched_kernel;
extern int failed_calls;

}  // namespace program
