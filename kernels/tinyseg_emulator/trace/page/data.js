"use strict";
// The data of the page, and the block that is shown.
const DATA = JSON.parse(document.getElementById("data").textContent);
const READ = 0,
  WRITE = 1,
  ATOMIC = 2,
  BLOCK_WAIT = 3,
  WARP = 32;
const VERBS = ["reads", "writes", "updates (atomic)"];
const $ = (id) => document.getElementById(id);

// One block: its columns as typed arrays, and its events in the order of steps.
class Block {
  constructor(launch, raw) {
    this.launch = launch;
    this.raw = raw;
    const numbers = (name) => Int32Array.from(raw.events[name]);
    this.thread = numbers("thread");
    this.kind = numbers("kind");
    this.site = numbers("site");
    this.step = numbers("step");
    this.array = numbers("array");
    this.offset = Float64Array.from(raw.events.offset);
    this.size = numbers("size");
    this.before = numbers("before");
    this.after = numbers("after");
    this.served = numbers("served");
    this.count = this.thread.length;
    this.steps = raw.steps.site.length;
    this.threads = launch.block[0] * launch.block[1] * launch.block[2];
    this.order = Int32Array.from({ length: this.count }, (_, k) => k).sort(
      (a, b) => this.step[a] - this.step[b] || this.thread[a] - this.thread[b],
    );
    this.begin = new Int32Array(this.steps + 1);
    for (const step of this.step) this.begin[step + 1]++;
    for (let step = 0; step < this.steps; step++) this.begin[step + 1] += this.begin[step];
    this.told = new Uint8Array(this.count);
    for (const [its, number, event] of DATA.findings.flatMap((finding) => finding.at.filter(Boolean)))
      if (DATA.launches[its] === launch && launch.blocks[number] === raw) this.told[event] = 1;
    this.costs = new Map(raw.requests.map(([step, warp, moved, least]) => [step * WARP + warp, [moved, least]]));
    this.accesses = this.kind.reduce((sum, kind) => sum + (kind < BLOCK_WAIT), 0);
  }
  // The events of a step by the threads from `first` up to, not with, `end`.
  events(step, first = 0, end = this.threads) {
    const found = [];
    for (let k = this.begin[step]; k < this.begin[step + 1]; k++) {
      const event = this.order[k];
      if (this.thread[event] >= first && this.thread[event] < end) found.push(event);
    }
    return found;
  }
  eventOf(step, thread) {
    return this.events(step, thread, thread + 1)[0] ?? -1;
  }
  ofThread(thread) {
    const found = [];
    for (let k = 0; k < this.count; k++) if (this.thread[this.order[k]] === thread) found.push(this.order[k]);
    return found;
  }
  cost(step, thread) {
    return this.costs.get(step * WARP + Math.floor(thread / WARP));
  }
  triple(thread) {
    const [x, y] = this.launch.block;
    return `(${thread % x}, ${Math.floor(thread / x) % y}, ${Math.floor(thread / (x * y))})`;
  }
  place(event) {
    return this.launch.sites[this.site[event]];
  }
  index(event) {
    const [, , shape, itemsize] = this.launch.arrays[this.array[event]];
    const element = Math.floor(this.offset[event] / itemsize);
    const length = shape.reduce((product, n) => product * n, 1);
    if (shape.length < 2 || element < 0 || element >= length) return String(element);
    const places = [];
    let rest = element;
    for (const n of [...shape].reverse()) {
      places.unshift(rest % n);
      rest = Math.floor(rest / n);
    }
    return places.join(", ");
  }
  name(event) {
    return `${this.launch.arrays[this.array[event]][0]}[${this.index(event)}]`;
  }
  memory(event) {
    return this.launch.arrays[this.array[event]][1];
  }
  value(event) {
    const before = this.raw.texts[this.before[event]],
      after = this.raw.texts[this.after[event]];
    if (this.kind[event] === READ || !after) return before;
    return before && before !== after ? `${before} → ${after}` : after;
  }
  says(event) {
    const who = `thread ${this.triple(this.thread[event])}`;
    if (this.kind[event] >= BLOCK_WAIT) return `${who} waits: ${this.place(event)[2]}`;
    const value = this.value(event),
      what = `${who} ${VERBS[this.kind[event]]} ${this.memory(event)} ${this.name(event)}`;
    return value ? `${what}: ${value}` : what;
  }
}

const blocks = new Map();
function blockOf(launch, number) {
  const key = `${launch}/${number}`;
  if (!blocks.has(key)) blocks.set(key, new Block(DATA.launches[launch], DATA.launches[launch].blocks[number]));
  return blocks.get(key);
}
const triple = (index) => `(${index.join(", ")})`;

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
