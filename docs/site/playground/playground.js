// The page: pictures, settings, curves. What is computed is computed by worker.js.

const $ = (id) => document.getElementById(id);
const state = (name) => (document.body.dataset.state = name);
const KEPT = 6; // networks in the curves
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4"]; // of each curve; its colour is in the style sheet
const NUMBER = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

let config = null;
let worker = null;
let size = 32;
let scenes = [];
let truths = [];
let image = new Uint8Array(size * size); // what is drawn on
let chosen = 0; // which scene it is; null once it was drawn on
let cursor = null; // the marked pixel, [row, column]
let probability = null;
let influence = null;
let field = null; // the box that is shown: [top, left, bottom, right]
let inside = [];
let current = null; // the network in hand: {label, line, losses, ious}
let runs = [];
let busy = false;

// The worker ---------------------------------------------------------------------------------------------------------

const waiting = new Map();
let number = 0;

function ask(name, args = {}) {
  return new Promise((resolve, reject) => {
    waiting.set(++number, { resolve, reject });
    worker.postMessage({ id: number, name, args });
  });
}

function heard({ data }) {
  if (data.event === "status") $("status").textContent = data.text;
  else if (data.event === "step") stepped(data);
  else {
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    if ("error" in data) reject(new Error(data.error));
    else resolve(data.value);
  }
}

function failed(error) {
  $("status").textContent = `That did not work: ${error.message}`;
  $("status").className = "warning";
  state("failed");
}

// Start --------------------------------------------------------------------------------------------------------------

async function prepare() {
  const answer = await fetch("settings.json");
  if (!answer.ok) throw new Error(`settings.json is missing (${answer.status}): the site's build writes it`);
  config = await answer.json();
  size = config.size;
  image = new Uint8Array(size * size);
  const whence = config.local ? "from this site" : `from ${new URL(config.pyodideURL).host} and this site`;
  $("size-note").textContent = `${config.megabytes} MB, ${whence}; less where it is sent compressed, and kept by your browser.`;
  $("load").disabled = false;
  thumbnails();
  draw();
  state("waiting");
}

async function load() {
  $("load").disabled = true;
  state("loading");
  worker = new Worker("worker.js", { type: "module" });
  worker.onmessage = heard;
  worker.onerror = (event) => failed(new Error(event.message || "the worker cannot be started"));
  const url = (path) => new URL(path, document.baseURI).href;
  const about = await ask("load", {
    pyodideURL: url(config.pyodideURL), wheel: url(config.wheel), tab: url("tab.zip"), scenes: url("scenes.npz"),
  });
  scenes = about.scenes;
  truths = about.truths;
  document.body.dataset.seconds = about.seconds.toFixed(2);
  $("status").textContent = `Ready after ${about.seconds.toFixed(1)} s: tinyseg ${about.version}, backend '${about.backend}'.`;
  choose(0, false);
  await begin();
  for (const id of ["train", "renew", "check"]) $(id).disabled = false;
  state("ready");
}

// Scenes and drawing -------------------------------------------------------------------------------------------------

function thumbnails() {
  for (let k = 0; k < config.scenes; k++) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `Scene ${k + 1}`);
    button.setAttribute("aria-pressed", "false");
    const picture = document.createElement("span");
    picture.style.backgroundPosition = `${-56 * k}px 0`;
    button.append(picture);
    button.onclick = () => choose(k);
    button.disabled = true;
    $("thumbnails").append(button);
  }
}

function press(k) {
  [...$("thumbnails").children].forEach((button, n) => {
    button.setAttribute("aria-pressed", String(n === k));
    button.disabled = scenes.length === 0;
  });
}

function choose(k, look = true) {
  image = scenes[k].slice();
  chosen = k;
  press(k);
  if (look) refresh();
}

function paint(row, column, erase) {
  for (let r = row - 1; r <= row + 1; r++)
    for (let c = column - 1; c <= column + 1; c++) {
      if (r < 0 || c < 0 || r >= size || c >= size) continue;
      const weight = r === row && c === column ? 1 : r === row || c === column ? 0.75 : 0.35;
      const k = r * size + c;
      image[k] = erase ? Math.round(image[k] * (1 - weight) + 50 * weight) : Math.max(image[k], Math.round(235 * weight));
    }
  chosen = null;
  press(null);
}

const tool = () => document.querySelector("input[name=tool]:checked").value;

function act(row, column) {
  cursor = [row, column];
  if (tool() === "look") place();
  else {
    paint(row, column, tool() === "erase");
    refresh();
  }
  draw();
}

function pixelOf(event) {
  const box = $("image").getBoundingClientRect();
  const at = (position, start, length) => Math.min(size - 1, Math.max(0, Math.floor(((position - start) / length) * size)));
  return [at(event.clientY, box.top, box.height), at(event.clientX, box.left, box.width)];
}

let holding = false;

function listenToPicture() {
  const canvas = $("image");
  canvas.onpointerdown = (event) => {
    holding = tool() !== "look";
    if (holding) canvas.setPointerCapture(event.pointerId);
    act(...pixelOf(event));
  };
  canvas.onpointermove = (event) => {
    if (holding) act(...pixelOf(event));
  };
  canvas.onpointerup = canvas.onpointercancel = () => (holding = false);
  canvas.onkeydown = (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const [row, column] = cursor ?? [size >> 1, size >> 1];
    if (event.key in steps) {
      const [down, right] = steps[event.key];
      const inside = (n) => Math.min(size - 1, Math.max(0, n));
      cursor = cursor ? [inside(row + down), inside(column + right)] : [row, column];
      field = influence = null;
      draw();
    } else if (event.key === "Enter" || event.key === " ") act(row, column);
    else return;
    event.preventDefault();
  };
  for (const radio of document.querySelectorAll("input[name=tool]"))
    radio.onchange = () => canvas.classList.toggle("drawing", tool() !== "look");
}

// Pictures -----------------------------------------------------------------------------------------------------------

const ZOOM = 10;

function picture(canvas, colour) {
  canvas.width = canvas.height = size * ZOOM;
  const small = new ImageData(size, size);
  for (let k = 0; k < size * size; k++) small.data.set([...colour(k), 255], 4 * k);
  const buffer = new OffscreenCanvas(size, size);
  buffer.getContext("2d").putImageData(small, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(buffer, 0, 0, canvas.width, canvas.height);
  return context;
}

function frame(context, [top, left, bottom, right], colour) {
  for (const [width, style] of [[5, "#000"], [3, colour]]) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.strokeRect(left * ZOOM + 1.5, top * ZOOM + 1.5, (right - left + 1) * ZOOM - 3, (bottom - top + 1) * ZOOM - 3);
  }
}

const mix = (a, b, share) => a.map((value, k) => Math.round(value * (1 - share) + b[k] * share));
const grey = (k) => [image[k], image[k], image[k]];
const ORANGE = [230, 159, 0];

function draw() {
  let context = picture($("image"), grey);
  if (field) frame(context, field, "#56b4e9");
  if (cursor) frame(context, [...cursor, ...cursor], "#ffdd55");
  $("pixel-note").textContent = cursor
    ? `Row ${cursor[0] + 1}, column ${cursor[1] + 1} is marked (yellow)${field ? "; blue: the part that it is computed from." : "."}`
    : "No pixel is marked.";

  context = picture($("prediction"), (k) => (probability ? mix(grey(k).map((v) => v * 0.6), ORANGE, (0.85 * probability[k]) / 255) : [0, 0, 0]));
  if (probability && chosen !== null) outline(context, truths[chosen]);

  context = picture($("influence"), (k) => (influence ? mix(grey(k).map((v) => v * 0.45), [255, 120, 60], (influence[k] / 255) ** 0.6) : [0, 0, 0]));
  if (influence && field) frame(context, field, "#56b4e9");
  if (influence && cursor) frame(context, [...cursor, ...cursor], "#ffdd55");
}

// The edge of the true digits, as white lines between pixels.
function outline(context, truth) {
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.beginPath();
  for (let r = 0; r < size; r++)
    for (let c = 0; c < size; c++) {
      const here = truth[r * size + c];
      if (c + 1 < size && here !== truth[r * size + c + 1]) {
        context.moveTo((c + 1) * ZOOM, r * ZOOM);
        context.lineTo((c + 1) * ZOOM, (r + 1) * ZOOM);
      }
      if (r + 1 < size && here !== truth[(r + 1) * size + c]) {
        context.moveTo(c * ZOOM, (r + 1) * ZOOM);
        context.lineTo((c + 1) * ZOOM, (r + 1) * ZOOM);
      }
    }
  context.stroke();
}

// Asks for a prediction; of several wishes that come meanwhile only the last one is carried out.
let looking = false;
let again = false;

async function refresh() {
  draw();
  if (!worker || scenes.length === 0) return;
  again = true;
  if (looking) return;
  looking = true;
  try {
    while (again) {
      again = false;
      const which = chosen;
      const found = await ask("look", { image, index: which ?? undefined });
      probability = found.probability;
      const known = which !== null && "iou" in found;
      const taken = probability.filter((value) => value > 127).length;
      $("prediction-note").textContent =
        `${taken} of ${size * size} pixels` + (known ? `; IoU ${found.iou.toFixed(2)} with the true digits (white line).` : ".");
      $("prediction").setAttribute("aria-label", `The pixels that the network takes for a digit: ${$("prediction-note").textContent}`);
      if (cursor && inside.length && !busy) await place();
      draw();
    }
  } catch (error) {
    failed(error);
  } finally {
    looking = false;
  }
}

// Inside the network -------------------------------------------------------------------------------------------------

async function place() {
  if (!worker || scenes.length === 0 || !cursor) return;
  const [row, column] = cursor;
  try {
    const found = await ask("place", { image, row, column });
    influence = found.influence;
    inside = found.layers;
    showLayers(Math.max(0, inside.findIndex((layer) => layer.name === shown)));
    const last = inside[inside.length - 1];
    $("influence").setAttribute("aria-label",
      `What the answer at row ${row + 1}, column ${column + 1} depends on: most on pixels near it; none beyond ${boxText(last.field)}`);
    $("influence-note").textContent = influence.some((value) => value > 0)
      ? "The brighter, the more the answer at the marked pixel changes with this one."
      : "The answer at the marked pixel changes with no pixel at all.";
    document.body.dataset.field = last.field.join(" ");
  } catch (error) {
    failed(error);
  }
}

let shown = "scores"; // the layer whose field is framed
const boxText = ([top, left, bottom, right]) => `rows ${top + 1} to ${bottom + 1}, columns ${left + 1} to ${right + 1}`;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function showLayers(n) {
  shown = inside[n].name;
  field = inside[n].field;
  $("inside-note").textContent =
    "From the first layer to the last. Bars: what all channels answer at the place of the marked pixel. Pictures: each channel's map, from its smallest number (black) to its largest (white).";
  const cards = inside.map((layer, k) => {
    const [top, left, bottom, right] = layer.field;
    const button = element("button", { type: "button", textContent: "Show what it sees" });
    button.setAttribute("aria-label", `Show what ${layer.name} sees`);
    button.setAttribute("aria-pressed", String(k === n));
    button.onclick = () => {
      showLayers(k);
      $("layers").children[k].querySelector("button").focus();
      draw();
    };
    const text = element("div", {},
      element("h3", { textContent: layer.name }),
      element("p", { textContent: `${layer.kind}: ${layer.channels} channels of ${layer.size} x ${layer.size}` }),
      element("p", { textContent: `This place sees ${bottom - top + 1} x ${right - left + 1} pixels` }),
      button);
    return element("div", { className: "layer" }, text, element("div", {}, maps(layer), bars(layer)));
  });
  $("layers").replaceChildren(...cards);
  draw();
}

function maps({ name, maps, size: side, channels, place }) {
  const canvas = document.createElement("canvas");
  const [zoom, gap, across] = [Math.max(1, Math.floor(48 / side)), 4, Math.min(channels, 12)];
  const step = side * zoom + gap;
  canvas.width = across * step - gap;
  canvas.height = Math.ceil(channels / across) * step - gap;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  for (let channel = 0; channel < channels; channel++) {
    const data = new ImageData(side, side);
    for (let k = 0; k < side * side; k++) {
      const value = maps[channel * side * side + k];
      data.data.set([value, value, value, 255], 4 * k);
    }
    const buffer = new OffscreenCanvas(side, side);
    buffer.getContext("2d").putImageData(data, 0, 0);
    const [x, y] = [(channel % across) * step, Math.floor(channel / across) * step];
    context.drawImage(buffer, x, y, side * zoom, side * zoom);
    context.strokeStyle = "#ffdd55";
    context.lineWidth = 2;
    context.strokeRect(x + place[1] * zoom - 1, y + place[0] * zoom - 1, zoom + 2, zoom + 2);
  }
  canvas.style.width = `${canvas.width}px`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `The ${channels} maps of ${name}`);
  return canvas;
}

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function bars({ name, answers }) {
  const [wide, high] = [14, 44];
  const largest = Math.max(1e-9, ...answers.map((value) => Math.abs(value ?? 0)));
  const chart = svg("svg", { viewBox: `0 0 ${answers.length * wide} ${high}`, width: answers.length * wide, class: "answers", role: "img",
    "aria-label": `Answers of ${name}: ${answers.map((value) => (value === null ? "not finite" : NUMBER.format(value))).join(", ")}` });
  chart.append(svg("line", { x1: 0, x2: answers.length * wide, y1: high / 2, y2: high / 2 }));
  answers.forEach((value, k) => {
    const length = (Math.abs(value ?? 0) / largest) * (high / 2 - 1);
    const bar = svg("rect", { x: k * wide + 2, y: value > 0 ? high / 2 - length : high / 2, width: wide - 4, height: Math.max(length, 0.5) });
    bar.append(svg("title", {}, `channel ${k + 1}: ${value === null ? "not finite" : NUMBER.format(value)}`));
    chart.append(bar);
  });
  return chart;
}

// Training -----------------------------------------------------------------------------------------------------------

function settings() {
  const form = $("settings");
  return { pooling: form.pooling.value, activation: form.activation.value, loss: form.loss.value, skip: form.skip.checked, bug: form.bug.value };
}

function describe(chosenSettings) {
  const said = (name) => $("settings")[name].selectedOptions[0].textContent.trim();
  return [said("pooling"), said("activation"), said("loss"), chosenSettings.skip ? "skips" : "no skips",
    ...(chosenSettings.bug ? [said("bug")] : [])].join(", ");
}

async function begin() {
  const wanted = settings();
  let about;
  try {
    about = await ask("begin", { settings: wanted });
  } catch (error) {
    $("settings-note").textContent = `${error.message.replace(/^.*?: /, "")}. The gradient is right again.`;
    $("settings").bug.value = "";
    return begin();
  }
  $("settings-note").textContent = `A new network: ${about.parameters.toLocaleString("en")} parameters` +
    (about.planted.length ? `; the mistake is in ${about.planted.join(", ")}.` : ".");
  $("finding").replaceChildren();
  $("progress").textContent = "";
  current = { label: describe(wanted), losses: [], ious: [[0, about.iou]] };
  await refresh();
}

async function changed() {
  if (!worker || scenes.length === 0) return;
  worker.postMessage({ name: "stop" });
  await begin();
}

function stepped({ step, loss, iou, seconds }) {
  current.losses.push([step, loss]);
  if (iou !== undefined) current.ious.push([step, iou]);
  document.body.dataset.steps = step;
  $("progress").textContent = `Step ${step}: loss ${loss === null ? "not finite" : NUMBER.format(loss)}, ${Math.round(seconds * 1000)} ms.`;
  showCurves();
  if (iou !== undefined) refresh();
}

async function train() {
  if (!runs.includes(current)) {
    const kept = runs.slice(-(KEPT - 1));
    current.line = DASHES.findIndex((_, k) => !kept.some((run) => run.line === k));
    runs = [...kept, current];
  }
  busy = true;
  buttons(true);
  state("training");
  try {
    const { stopped } = await ask("train", { steps: 30, every: 5 });
    const [step, loss] = current.losses.at(-1) ?? [0, NaN];
    $("settings-note").textContent = `${stopped ? "Stopped" : "Trained"}: ${step} steps, loss ${loss === null ? "not finite" : NUMBER.format(loss)}.`;
  } catch (error) {
    failed(error);
  }
  busy = false;
  buttons(false);
  await refresh();
  state("ready");
}

function buttons(working) {
  for (const id of ["train", "renew", "check"]) $(id).disabled = working;
  $("stop").disabled = !working;
}

function showCurves() {
  const finite = runs.flatMap((run) => run.losses.map(([, loss]) => loss)).filter((loss) => loss !== null && loss > 0);
  const last = Math.max(30, ...runs.flatMap((run) => run.losses.map(([step]) => step)));
  const decades = [Math.floor(Math.log10(Math.min(0.1, ...finite))), Math.ceil(Math.log10(Math.max(1, ...finite)))];
  const ticks = [];
  for (let d = decades[0]; d <= decades[1]; d++) ticks.push(10 ** d);
  chart("loss-curve", (run) => run.losses, (v) => (Math.log10(v) - decades[0]) / (decades[1] - decades[0]), ticks, last);
  chart("iou-curve", (run) => run.ious, (v) => v, [0, 0.25, 0.5, 0.75, 1], last);
  const rows = runs.map((run) => {
    const line = svg("svg", { viewBox: "0 0 44 14", role: "img", "aria-label": `Line ${runs.indexOf(run) + 1}` });
    line.append(svg("line", { x1: 1, x2: 43, y1: 7, y2: 7, style: `stroke: var(--curve-${run.line})`, "stroke-width": 3, "stroke-dasharray": DASHES[run.line] }));
    const cells = [run.label, run.losses.at(-1)?.[0], run.losses.at(-1)?.[1], run.ious.at(-1)[1]];
    const shownAs = (value) => (value === null ? "not finite" : typeof value === "number" ? NUMBER.format(value) : value ?? "");
    return element("tr", {}, element("td", {}, line), ...cells.map((value) => element("td", { textContent: shownAs(value) })));
  });
  $("runs").tBodies[0].replaceChildren(...rows);
  const told = (key) => runs.map((run) => `${run.label}: ${key === "losses" ? "loss" : "IoU"} ${NUMBER.format(run[key].at(-1)?.[1] ?? NaN)}`).join("; ");
  $("loss-curve").setAttribute("aria-label", `Loss by step. ${told("losses")}`);
  $("iou-curve").setAttribute("aria-label", `Intersection over union by step. ${told("ious")}`);
}

function chart(id, pointsOf, height, ticks, last) {
  const [left, right, top, bottom] = [38, 350, 10, 172];
  const x = (step) => left + ((right - left) * step) / last;
  const y = (value) => bottom - (bottom - top) * height(value);
  const parts = ticks.flatMap((tick) => [
    svg("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
    svg("text", { x: left - 5, y: y(tick) + 4, "text-anchor": "end" }, NUMBER.format(tick)),
  ]);
  for (const step of [0, last / 2, last]) parts.push(svg("text", { x: x(step), y: bottom + 15, "text-anchor": "middle" }, String(step)));
  parts.push(svg("text", { x: (left + right) / 2, y: bottom + 26, "text-anchor": "middle" }, "step"));
  for (const run of runs) {
    const points = pointsOf(run).filter(([, value]) => value !== null && Number.isFinite(height(value)));
    parts.push(svg("polyline", { fill: "none", style: `stroke: var(--curve-${run.line})`, "stroke-width": run === current ? 2.6 : 1.6, "stroke-dasharray": DASHES[run.line],
      points: points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }));
  }
  $(id).replaceChildren(...parts);
}

// The gradient -------------------------------------------------------------------------------------------------------

async function check() {
  buttons(true);
  $("stop").disabled = true;
  state("checking");
  $("finding").replaceChildren(element("p", { textContent: "Central differences against the gradient of a whole training step ..." }));
  try {
    const found = await ask("check");
    const wrong = found.rows.filter((row) => !row.passed);
    const parts = [element("p", { className: `verdict ${found.passed ? "right" : "wrong"}`,
      textContent: found.passed
        ? `Central differences agree with all ${found.rows.length} gradients.`
        : `Central differences disagree with ${wrong.length} of ${found.rows.length} gradients: ${wrong.map((row) => row.name).join(", ")}.` })];
    $("finding").replaceChildren(...parts);
    if (settings().bug) {
      const wait = element("p", { textContent: "The diagnosis tries known mistakes; this takes some seconds ..." });
      $("finding").append(wait);
      const named = await ask("nameIt");
      wait.remove();
      $("finding").append(
        element("p", { className: "verdict wrong" }, `Diagnosis of ${named.operation}: `, element("code", { id: "cause", textContent: named.cause })),
        element("div", { className: "message", textContent: named.message }));
    }
  } catch (error) {
    failed(error);
  }
  buttons(false);
  state("ready");
}

// ---------------------------------------------------------------------------------------------------------------------

$("load").onclick = () => load().catch(failed);
$("train").onclick = train;
$("stop").onclick = () => worker.postMessage({ name: "stop" });
$("renew").onclick = begin;
$("check").onclick = check;
$("settings").onchange = changed;
$("settings").onsubmit = (event) => event.preventDefault();
$("clear").onclick = () => {
  image = new Uint8Array(size * size).fill(50);
  chosen = null;
  press(null);
  refresh();
};
listenToPicture();
prepare().catch(failed);
