// Records of what was found: lines of JSON, written at once, so that they are there when the program does not live on.
#include <unistd.h>

#include <cstdio>

#include "program.h"

namespace program {

const char *library_begin, *library_end;
static int descriptor = -1;

static std::string quoted(const std::string& value) {
  std::string out = "\"";
  for (unsigned char c : value) {
    char hex[8];
    if (c == '"' || c == '\\')
      out += '\\', out += char(c);
    else if (c < 32 || c > 126)
      snprintf(hex, sizeof hex, "\\u%04x", c), out += hex;  // bytes; Python puts UTF-8 together
    else
      out += char(c);
  }
  return out + '"';
}

std::string text(const char* name, const std::string& value) {
  return std::string(", \"") + name + "\": " + quoted(value);
}
std::string number(const char* name, long long value) {
  return std::string(", \"") + name + "\": " + std::to_string(value);
}
std::string where(Place place) { return text("file", place.file ? place.file : "") + number("line", place.line); }
std::string code(const char* name, const void* address) {
  const char* at = static_cast<const char*>(address);
  return number(name, at >= library_begin && at < library_end ? at - library_begin : 0);
}

void record(const char* kind, const std::string& fields) {
  if (descriptor < 0) return;
  const std::string line = "{\"record\": " + quoted(kind) + fields + "}\n";
  for (size_t done = 0; done < line.size();) {
    const ssize_t n = write(descriptor, line.data() + done, line.size() - done);
    if (n <= 0) return;
    done += size_t(n);
  }
}

}  // namespace program

extern "C" void tinyseg_program_records(int to) { program::descriptor = to; }
