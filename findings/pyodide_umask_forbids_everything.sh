#!/usr/bin/env bash
# Pyodide 0.27.7 (Python 3.12 in WebAssembly), under Node: os.umask() says 0o777, which would mean that new files are for
# nobody, yet a new file gets 0o666.
#
# Programs that write a temporary file and then give it the mode that the umask allows, before they rename it, so make a
# file that nobody may read, not even they themselves. tinyseg did; it leaves the mode as it is there.
#
#     umask 0o777, a new file 0o666, after chmod(0o666 & ~umask) 0o0, reading it: Permission denied
#
# Needs Node 18 or newer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund pyodide@0.27.7 > /dev/null
cat > umask.mjs <<'JAVASCRIPT'
import { loadPyodide } from "pyodide";

const pyodide = await loadPyodide();
console.log(pyodide.runPython(`
import os
from pathlib import Path

umask = os.umask(0o022)
path = Path("weights.bin")
path.write_bytes(b"1")
made = path.stat().st_mode & 0o777
path.chmod(0o666 & ~umask)
kept = path.stat().st_mode & 0o777
try:
    path.read_bytes()
    said = "works"
except OSError as error:
    said = error.strerror
assert (umask, made, kept, said) == (0o777, 0o666, 0, "Permission denied"), (umask, made, kept, said)
f"umask {oct(umask)}, a new file {oct(made)}, after chmod(0o666 & ~umask) {oct(kept)}, reading it: {said}"
`));
JAVASCRIPT
node umask.mjs
