// Runs Python (Pyodide) beside the page, which stays alive meanwhile. All arithmetic is tinyseg's, in tab/*.py.
//
// A message is {id, name, args}; the answer is {id, value} or {id, error}. Training answers with {event: "step", ...}
// after each step, and ends early when a message "stop" has come.

let session = null;
let stopped = false;

const say = (text) => postMessage({ event: "status", text });

async function bytesOf(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return answer.arrayBuffer();
}

// Values from Python: dictionaries become objects, bytes become arrays of bytes.
function plain(proxy) {
  const value = proxy.toJs({ dict_converter: Object.fromEntries });
  proxy.destroy();
  return value;
}

async function load({ pyodideURL, wheel, tab, scenes }) {
  say("Loading Python ...");
  const began = performance.now();
  const [{ loadPyodide }, ...files] = await Promise.all([
    import(new URL("pyodide.mjs", pyodideURL).href),
    ...[wheel, tab, scenes].map(bytesOf),
  ]);
  const pyodide = await loadPyodide({ indexURL: pyodideURL });
  say("Loading NumPy ...");
  await pyodide.loadPackage(["numpy"], { messageCallback: () => {} });
  say("Loading tinyseg ...");
  pyodide.unpackArchive(files[0], "wheel");
  pyodide.FS.mkdirTree("/playground");
  pyodide.unpackArchive(files[1], "zip", { extractDir: "/playground" });
  pyodide.FS.writeFile("/playground/scenes.npz", new Uint8Array(files[2]));
  session = pyodide.runPython(`
import sys
sys.path.insert(0, "/playground")
import numpy, tinyseg
from tab.session import Session
with numpy.load("/playground/scenes.npz") as _scenes:
    _session = Session(dict(_scenes))
_session
`);
  const about = pyodide.runPython(`
{"backend": tinyseg.get_backend(), "version": tinyseg.__version__, "size": _session.size,
 "scenes": [image.tobytes() for image in (_session.x_test[..., 0] * 255).round().astype("uint8")],
 "truths": [mask.tobytes() for mask in _session.y_test]}
`);
  return { ...plain(about), seconds: (performance.now() - began) / 1000 };
}

async function train({ steps, every }) {
  stopped = false;
  for (let k = 0; k < steps && !stopped; k++) {
    const step = plain(session.step());
    if (step.step % every === 0) Object.assign(step, plain(session.score()));
    postMessage({ event: "step", ...step });
    await new Promise((resolve) => setTimeout(resolve)); // lets a message come in
  }
  return { stopped };
}

const calls = {
  load,
  train,
  begin: ({ settings }) => plain(session.begin(settings)),
  look: ({ image, index }) => plain(session.look(image, index)),
  place: ({ image, row, column }) => plain(session.place(image, row, column)),
  check: () => plain(session.check()),
  nameIt: () => plain(session.name_it()),
};

let queue = Promise.resolve();

onmessage = ({ data: { id, name, args } }) => {
  if (name === "stop") {
    stopped = true;
    return;
  }
  queue = queue.then(async () => {
    try {
      postMessage({ id, value: await calls[name](args) });
    } catch (error) {
      postMessage({ id, error: lastLine(error) });
    }
  });
};

// Python's exceptions come with a traceback; its last line says what is wrong.
function lastLine(error) {
  const lines = String(error.message ?? error).trim().split("\n");
  return lines[lines.length - 1];
}
