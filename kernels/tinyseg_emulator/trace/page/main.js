// What is chosen: a launch, a block of it, a step and a thread. Everything that is shown follows from these.
const state = { launch: 0, block: 0, step: 0, thread: 0, finding: -1 };
const timeline = new Timeline((step, thread) => move(step, thread));
const source = new Source((file, line) => nextOfLine(file, line));
let shown = null;

function open(launch, block) {
  Object.assign(state, { launch, block, step: 0, thread: 0 });
  shown = blockOf(launch, block);
  const its = shown.launch,
    pick = $("block");
  $("launch").value = String(launch);
  pick.replaceChildren(...its.blocks.map((raw, k) => element("option", { value: String(k) }, triple(raw.index))));
  pick.value = String(block);
  $("title").replaceChildren("Kernel ", element("code", {}, its.kernel));
  $("summary").textContent =
    `${DATA.title}: grid ${triple(its.grid)}, blocks of ${triple(its.block)} threads. ` +
    `Block ${triple(shown.raw.index)}: ` +
    `${shown.accesses.toLocaleString("en")} accesses in ${shown.steps.toLocaleString("en")} steps`;
  const notes = [];
  if (shown.raw.left_out)
    notes.push(
      `${shown.raw.left_out.toLocaleString("en")} more events of this block were left out: ` +
        `at most ${shown.count.toLocaleString("en")} are written down.`,
    );
  if (DATA.launches_left_out) notes.push(`${DATA.launches_left_out} more launches were left out.`);
  $("notes").replaceChildren(...notes.map((text) => element("p", { className: "note" }, text)));
  timeline.show(shown, `${launch}/${block}`);
}

function move(step, thread) {
  if (!shown || !shown.steps) return;
  state.step = Math.max(0, Math.min(shown.steps - 1, step));
  state.thread = Math.max(0, Math.min(shown.threads - 1, thread));
  const event = shown.eventOf(state.step, state.thread);
  const site = event < 0 ? shown.launch.sites[shown.raw.steps.site[state.step]] : shown.place(event);
  $("position").textContent = `step ${state.step + 1} of ${shown.steps}`;
  for (const id of ["first", "back"]) $(id).disabled = state.step === 0;
  for (const id of ["forward", "last"]) $(id).disabled = state.step === shown.steps - 1;
  $("said").textContent =
    `Line ${site[1]}, interval ${shown.raw.steps.interval[state.step]}: ` +
    (event < 0 ? `thread ${shown.triple(state.thread)} takes no part` : shown.says(event));
  Object.assign(timeline, { step: state.step, thread: state.thread });
  timeline.reveal();
  source.show(site[0], site[1], shown);
  showRequest(shown, state.step, state.thread);
  showThread(shown, state.step, state.thread);
}

function goTo([launch, block, event]) {
  if (launch !== state.launch || block !== state.block || !shown) open(launch, block);
  move(shown.step[event], shown.thread[event]);
}

function chooseFinding(number) {
  if (!DATA.findings.length) return;
  state.finding = (number + DATA.findings.length) % DATA.findings.length;
  showFinding(state.finding, (at) => {
    goTo(at);
    $("picture").scrollIntoView({ block: "nearest" });
  });
  timeline.pair = DATA.findings[state.finding].at;
  const at = DATA.findings[state.finding].at.find(Boolean),
    place = DATA.findings[state.finding].place;
  if (at) goTo(at);
  else if (place?.[1] && shown) source.show(place[0], place[1], shown);
}

function nextOfLine(file, line) {
  for (let k = 1; k <= shown.steps; k++) {
    const step = (state.step + k) % shown.steps,
      site = shown.launch.sites[shown.raw.steps.site[step]];
    if (site[0] !== file || site[1] !== line) continue;
    const mine = shown.eventOf(step, state.thread) >= 0;
    move(step, mine ? state.thread : shown.thread[shown.events(step)[0]]);
    return;
  }
}

function toBarrier(direction) {
  for (let step = state.step + direction; step >= 0 && step < shown.steps; step += direction)
    if (shown.raw.steps.kind[step] === BLOCK_WAIT) return move(step, state.thread);
  return move(direction < 0 ? 0 : shown.steps - 1, state.thread);
}

const ANYWHERE = {
  ArrowLeft: () => move(state.step - 1, state.thread),
  ArrowRight: () => move(state.step + 1, state.thread),
  "[": () => toBarrier(-1),
  "]": () => toBarrier(1),
  n: () => chooseFinding(state.finding + 1),
  p: () => chooseFinding(state.finding < 0 ? -1 : state.finding - 1),
};
const IN_PICTURE = {
  ArrowUp: () => move(state.step, state.thread - 1),
  ArrowDown: () => move(state.step, state.thread + 1),
  PageUp: () => move(state.step, state.thread - WARP),
  PageDown: () => move(state.step, state.thread + WARP),
  Home: () => move(0, state.thread),
  End: () => move(shown.steps - 1, state.thread),
};
document.addEventListener("keydown", (event) => {
  if (!shown || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, textarea"))
    return;
  const scrolls = event.target.closest("#request, #lanes, #thread, .code");
  const act =
    (scrolls && event.key.startsWith("Arrow") ? null : ANYWHERE[event.key]) ??
    (event.target.closest("#picture") ? IN_PICTURE[event.key] : null);
  if (!act) return;
  event.preventDefault();
  act();
});

const KINDS = [
  ["shared-read", "shared read"],
  ["shared-write", "shared write"],
  ["global-read", "global read"],
  ["global-write", "global write"],
  ["atomic", "atomic"],
  ["barrier", "barrier of the block"],
  ["warp-wait", "operation of a warp"],
];
function legend() {
  const swatch = (style, text) => element("span", {}, element("i", { style }), text);
  const race = element("span", {}, element("i", { className: "race" }), "in a finding");
  const rows = {
    kind: KINDS.map(([name, text]) => swatch(`background: var(--${name})`, text)),
    place: [
      swatch(
        "background: linear-gradient(90deg, hsl(0 70% 52%), hsl(120 70% 52%), hsl(240 70% 52%), hsl(348 70% 52%))",
        "bank of shared memory, or sector of global memory modulo 32: " +
          "equal colours in a warp are one bank, or one sector",
      ),
    ],
    cost: [
      swatch("background: var(--free)", "no more than needed"),
      swatch("background: hsl(32 90% 56%)", "2 times"),
      swatch("background: hsl(0 90% 42%)", "32 times what would do (passes over the banks, or sectors)"),
    ],
  };
  $("legend").replaceChildren(...rows[$("colour").value], race);
}

function start() {
  listFindings(chooseFinding);
  legend();
  $("launch").replaceChildren(
    ...DATA.launches.map((launch, k) => element("option", { value: String(k) }, `${k + 1}: ${launch.kernel}`)),
  );
  const first = DATA.launches.findIndex((launch) => launch.blocks.some((block) => block.events.thread.length));
  if (first < 0) {
    $("summary").textContent = DATA.title;
    $("notes").replaceChildren(
      element(
        "p",
        { className: "note" },
        "Nothing was written down: no launch touched memory, or the block that was asked for did not run.",
      ),
    );
    document.querySelector("main").hidden = true;
    return;
  }
  $("launch").onchange = () => {
    open(Number($("launch").value), 0);
    move(0, 0);
    const first = DATA.findings.findIndex((finding) => finding.at.some((at) => at?.[0] === state.launch));
    if (first >= 0) chooseFinding(first);
    else showFinding((state.finding = -1));
  };
  $("block").onchange = () => {
    open(state.launch, Number($("block").value));
    move(0, 0);
  };
  $("colour").onchange = () => {
    timeline.colour = $("colour").value;
    legend();
    timeline.later();
  };
  $("first").onclick = () => move(0, state.thread);
  $("last").onclick = () => move(shown.steps - 1, state.thread);
  $("back").onclick = () => move(state.step - 1, state.thread);
  $("forward").onclick = () => move(state.step + 1, state.thread);
  $("smaller").onclick = () => timeline.zoom(1 / 1.4);
  $("larger").onclick = () => timeline.zoom(1.4);
  open(first, 0);
  move(0, 0);
  if (DATA.findings.length) chooseFinding(0);
}
start();
