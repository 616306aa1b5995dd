// Launches of one program, numbered by whoever runs it: what they did to memory is kept, so that two of them that
// nothing orders can race.
#include <algorithm>

#include "checks.h"

namespace emulator {

struct LaunchRecord {
  uint32_t first_epoch, number;
  unsigned grid[3], block[3];
  const char *code_begin;
};
static std::vector<LaunchRecord> records;

void begin_launch_record(const Launch &launch) {
  if (!launch.number) records.clear();
  records.push_back({checks.epoch + 1,
                     launch.number,
                     {launch.grid[0], launch.grid[1], launch.grid[2]},
                     {launch.block[0], launch.block[1], launch.block[2]},
                     machine.code_begin});
}

static const LaunchRecord &record_of(uint32_t epoch) {
  return *(std::upper_bound(records.begin(), records.end(), epoch,
                            [](uint32_t e, const LaunchRecord &r) { return e < r.first_epoch; }) -
           1);
}

static uint3 split(uint64_t number, const unsigned *size) {
  const uint64_t x = size[0], y = size[1];
  return {unsigned(number % x), unsigned(number / x % y), unsigned(number / (x * y))};
}

uint32_t launch_of(uint32_t epoch) { return record_of(epoch).number; }
uint3 block_index_of(uint32_t epoch) { return split(checks.block_of_epoch[epoch], record_of(epoch).grid); }
uint3 thread_index_of(const Entry &entry) { return split(entry.thread(), record_of(entry.epoch).block); }
const void *code_of(const Entry &entry) { return record_of(entry.epoch).code_begin + entry.code(); }

bool launch_is_before(uint32_t epoch) {
  const Launch &launch = *machine.launch;
  const uint32_t *end = launch.after + launch.after_count, number = launch_of(epoch);
  return std::find(launch.after, end, number) != end;
}

}  // namespace emulator
