// What was found: each pair of lines once, with a count and the values of the first time.
#include <algorithm>
#include <cstring>

#include "checks.h"

namespace emulator {

// The finding whose second access is about to happen: its value afterwards is read at the next event of any kind.
struct Pending {
  size_t finding;
  const char *address;
  int size;
  bool keep;  // the first time that these lines race
  unsigned char before[16];
};
static std::vector<Pending> pending;
static std::vector<const void *> guesses;  // plain reads of what the same thread compares and swaps behind them
bool values_pending;

void begin_findings() {
  checks.findings.clear();
  checks.finding_of.clear();
  pending.clear();
  guesses.clear();
  values_pending = false;
}

void note_guess(const void *code) {
  if (std::find(guesses.begin(), guesses.end(), code) == guesses.end()) guesses.push_back(code);
}

// A guess that is out of date makes the swap fail, and the thread tries again: against atomics it is no race. Waiting for
// a plain variable is one, since a compiler may read it once only.
void drop_guesses() {
  const auto is_guess = [](const Touch &touch, const Touch &other) {
    return touch.access == READ && other.access == ATOMIC &&
           std::find(guesses.begin(), guesses.end(), touch.code) != guesses.end();
  };
  const auto is_harmless = [&](const Finding &finding) {
    return finding.kind == RACE && finding.advice != PLAIN_FLAG &&
           (is_guess(finding.first, finding.second) || is_guess(finding.second, finding.first));
  };
  if (guesses.empty()) return;
  checks.findings.erase(std::remove_if(checks.findings.begin(), checks.findings.end(), is_harmless),
                        checks.findings.end());
}

void finish_values() {
  for (const Pending &one : pending) {
    Finding &finding = checks.findings[one.finding];
    if (memcmp(one.before, one.address, size_t(one.size))) finding.all_same = 0;
    if (!one.keep) continue;
    memcpy(finding.after, one.address, size_t(one.size));
    finding.value_known = 1;
  }
  pending.clear();
  values_pending = false;
}

static uint64_t key_of(const void *a, int access_a, const void *b, int access_b, bool other_block) {
  uint64_t low = uint64_t(reinterpret_cast<uintptr_t>(a)) * 8 + unsigned(access_a),
           high = uint64_t(reinterpret_cast<uintptr_t>(b)) * 8 + unsigned(access_b);
  if (high < low) std::swap(low, high);
  return (low * 0x9E3779B97F4A7C15u ^ high) * 2 + other_block;
}

void report_race(const Entry &entry, const Where &where, const char *address, size_t size, int access, const void *code,
                 unsigned thread) {
  const bool other_block =
      entry.epoch < checks.launch_epoch || checks.block_of_epoch[entry.epoch] != checks.block->number;
  const uint64_t key = key_of(code_of(entry), int(entry.access()), code, access, other_block);
  auto [place, is_new] = checks.finding_of.try_emplace(key, checks.findings.size());
  if (is_new) {
    Finding finding = {};
    finding.kind = RACE;
    finding.space = where.space;
    finding.size = int(size);
    finding.all_same = 1;
    finding.address = address;
    finding.first = {code_of(entry), int(entry.access()), block_index_of(entry.epoch), thread_index_of(entry)};
    finding.second = {code, access, block_index_of(checks.block->epoch), machine.threads[thread].index};
    finding.first_launch = entry.epoch < checks.launch_epoch ? launch_of(entry.epoch) : 0;
    finding.advice = find_advice(entry, thread, address, where.space != GLOBAL, access, code, &finding.between);
    memcpy(finding.before, address, size);
    checks.findings.push_back(finding);
  }
  checks.findings[place->second].count++;
  pending.push_back({place->second, address, int(size), is_new, {}});
  memcpy(pending.back().before, address, size);
  values_pending = true;
}

void report_uninitialised(const Where &where, const char *address, size_t size, int access, const void *code,
                          unsigned thread) {
  const uint64_t key = uint64_t(reinterpret_cast<uintptr_t>(code)) * 8 + 7;
  auto [place, is_new] = checks.finding_of.try_emplace(key, checks.findings.size());
  if (is_new) {
    Finding finding = {};
    finding.kind = UNINITIALISED_READ;
    finding.space = where.space;
    finding.size = int(size);
    finding.address = address;
    finding.first = finding.second = {code, access, block_index_of(checks.block->epoch), machine.threads[thread].index};
    memcpy(finding.before, address, size);
    checks.findings.push_back(finding);
  }
  checks.findings[place->second].count++;
}

}  // namespace emulator
