// Runs a Python file in Pyodide, without a network.
//
//   node run.mjs PYODIDE PACKAGES FILE [folder=place ...] [-- arguments]
//
// PYODIDE: the folder of its files. PACKAGES: names of its packages, with commas. FILE: the Python file, as it is
// called inside. Folders of this machine are seen inside at the places named. The exit status is the file's.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

// Nothing may be fetched: what is not in the folder is not there.
globalThis.fetch = (url) => Promise.reject(new Error(`no network in this test: ${url}`));

const [folder, packages, file, ...rest] = process.argv.slice(2);
const split = rest.indexOf("--");
const mounts = (split < 0 ? rest : rest.slice(0, split)).map((pair) => pair.split("="));
const args = split < 0 ? [] : rest.slice(split + 1);

const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: folder, packageCacheDir: folder });
for (const [here, there] of mounts) {
  pyodide.FS.mkdirTree(there);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: here }, there);
}
const problems = [];
await pyodide.loadPackage(packages.split(",").filter(Boolean), {
  messageCallback: () => {},
  errorCallback: (text) => problems.push(text),
});
if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(3);
}
pyodide.globals.set("_arguments", pyodide.toPy([file, ...args]));
const status = await pyodide.runPythonAsync(`
import sys, traceback
sys.argv = list(_arguments)
_status = 0
try:
    _names = {"__name__": "__main__", "__file__": sys.argv[0]}
    _code = compile(open(sys.argv[0], encoding="utf-8").read(), sys.argv[0], "exec", flags=0x2000)
    _waiting = eval(_code, _names)
    if _waiting is not None:
        await _waiting
except SystemExit as error:
    _status = error.code if isinstance(error.code, int) else int(error.code is not None)
except BaseException:
    traceback.print_exc()
    _status = 1
sys.stdout.flush()
sys.stderr.flush()
_status
`);
process.exit(status);
