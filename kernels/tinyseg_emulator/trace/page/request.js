// One warp's request: which lanes want which word of which bank, or of which sector.
const SVG = "http://www.w3.org/2000/svg";
const CELL = 20,
  SIDE = 62;

function drawn(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Lanes as text: "3", or "3 +2" where three share a word.
function lanesText(lanes) {
  return lanes.length === 1 ? String(lanes[0]) : `${lanes[0]}+${lanes.length - 1}`;
}

function wordsOf(block, events) {
  const words = new Map();
  for (const event of events)
    for (let at = block.offset[event]; at < block.offset[event] + block.size[event]; at += 4 - (((at % 4) + 4) % 4)) {
      const word = Math.floor(at / 4);
      if (!words.has(word)) words.set(word, []);
      words.get(word).push(event);
    }
  return words;
}

// A grid of 32 columns; `rows` are [label, Map(column -> [text, fill, tint, title])].
function grid(rows, heads, label) {
  const high = 16,
    svg = drawn("svg", {
      viewBox: `0 0 ${SIDE + 32 * CELL} ${18 + rows.length * high}`,
      role: "img",
      "aria-label": label,
    });
  heads.forEach(([column, text]) =>
    svg.append(
      drawn("text", { x: SIDE + column * CELL + CELL / 2, y: 11, "font-size": 9, "text-anchor": "middle" }, text),
    ),
  );
  rows.forEach(([name, cells], number) => {
    const y = 18 + number * high;
    svg.append(drawn("text", { x: SIDE - 6, y: y + 11, "font-size": 9, "text-anchor": "end" }, name));
    for (let column = 0; column < 32; column++) {
      const [text, fill, tint, title] = cells.get(column) ?? ["", "", "", ""];
      const box = drawn("rect", {
        x: SIDE + column * CELL + 0.5,
        y: y + 0.5,
        width: CELL - 1,
        height: high - 1,
        rx: 2,
        style: `fill: ${fill || tint || "none"}; stroke: var(--line)`,
      });
      if (title) box.append(drawn("title", {}, title));
      svg.append(box);
      if (text)
        svg.append(
          drawn(
            "text",
            {
              x: SIDE + column * CELL + CELL / 2,
              y: y + 11,
              "font-size": text.length > 3 ? 7 : 9,
              "text-anchor": "middle",
              class: "on",
            },
            text,
          ),
        );
    }
  });
  return svg;
}

function banks(block, events) {
  const rows = [];
  const size = block.size[events[0]],
    words = Math.max(1, size / 4),
    group = Math.max(1, Math.floor(WARP / words));
  for (let first = 0; first < WARP; first += group) {
    const inside = events.filter(
      (event) => block.thread[event] % WARP >= first && block.thread[event] % WARP < first + group,
    );
    if (!inside.length) continue;
    const start = rows.length,
      taken = new Map();
    for (const [word, its] of wordsOf(block, inside)) {
      const bank = ((word % 32) + 32) % 32,
        pass = taken.get(bank) ?? 0;
      taken.set(bank, pass + 1);
      while (rows.length <= start + pass) rows.push([`pass ${rows.length + 1}`, new Map()]);
      const lanes = its.map((event) => block.thread[event] % WARP);
      rows[start + pass][1].set(bank, [
        lanesText(lanes),
        pass ? "var(--conflict)" : "var(--free)",
        "",
        `bank ${bank}, pass ${start + pass + 1}: word ${word}, lanes ${lanes.join(", ")}`,
      ]);
    }
  }
  const heads = Array.from({ length: 32 }, (_, bank) => [bank, String(bank)]);
  return grid(rows, heads, `${rows.length} passes over the 32 banks of shared memory`);
}

function sectorRows(block, events) {
  const words = wordsOf(block, events),
    lines = new Map();
  for (const [word, its] of words) {
    const line = Math.floor(word / 32),
      column = word - line * 32;
    if (!lines.has(line)) lines.set(line, new Map());
    const lanes = its.map((event) => block.thread[event] % WARP);
    lines
      .get(line)
      .set(column, [
        lanesText(lanes),
        "var(--word)",
        "",
        `bytes ${word * 4} to ${word * 4 + 3}: lanes ${lanes.join(", ")}`,
      ]);
  }
  const rows = [...lines]
    .sort((a, b) => a[0] - b[0])
    .map(([line, cells]) => {
      for (const sector of new Set([...cells.keys()].map((column) => column >> 3)))
        for (let column = sector * 8; column < sector * 8 + 8; column++)
          if (!cells.has(column)) cells.set(column, ["", "", "var(--sector)", "moved, and not wanted"]);
      return [`byte ${line * 128}`, cells];
    });
  const heads = [0, 1, 2, 3].map((sector) => [sector * 8 + 3.5, `sector ${sector}: 32 bytes`]);
  return grid(rows, heads, `${rows.length} lines of 128 bytes, with the sectors of 32 bytes that are moved`);
}

function showRequest(block, step, thread) {
  const warp = Math.floor(thread / WARP),
    events = block.events(step, warp * WARP, warp * WARP + WARP);
  $("request").replaceChildren();
  $("lanes").replaceChildren();
  $("request-head").textContent = `The request of warp ${warp}`;
  if (!events.length) {
    $("request-text").textContent = "No lane of this warp takes part in this step.";
    return;
  }
  const site = block.place(events[0]);
  if (block.kind[events[0]] >= BLOCK_WAIT) {
    const places = new Set(events.map((event) => `${block.place(event)[2]} at line ${block.place(event)[1]}`));
    $("request-text").textContent = `${events.length} lanes wait: ${[...places].join("; ")}.`;
    return;
  }
  const shared = block.memory(events[0]) === "shared",
    [moved, least] = block.cost(step, thread) ?? [0, 0];
  const names = new Set(events.map((event) => block.launch.arrays[block.array[event]][0]));
  const what =
    `${events.length} ${events.length === 1 ? "lane" : "lanes"}, ${VERBS[block.kind[events[0]]]} ` +
    `${block.memory(events[0])} ${[...names].join(", ")} at line ${site[1]}: `;
  const unit = shared
    ? ["pass over the banks", "passes over the banks"]
    : ["sector of 32 bytes", "sectors of 32 bytes"];
  const cost = element(
    "span",
    { className: moved > least ? "cost" : "" },
    `${moved} ${unit[moved === 1 ? 0 : 1]}, ` +
      `${moved > least ? `where ${least} would do` : "the least that there can be"}.`,
  );
  $("request-text").replaceChildren(what, cost);
  $("request").append(shared ? banks(block, events) : sectorRows(block, events));
  const heads = ["lane", "thread", "place", shared ? "bank" : "sector", ...(shared ? ["pass"] : []), "value"];
  const rows = events.map((event) => {
    const at = Math.floor(block.offset[event] / (shared ? 4 : 32));
    const cells = [
      block.thread[event] % WARP,
      block.triple(block.thread[event]),
      block.name(event),
      shared ? ((at % 32) + 32) % 32 : at,
      ...(shared ? [block.served[event] + 1] : []),
      block.value(event),
    ];
    return element(
      "tr",
      { className: block.thread[event] === thread ? "now" : "" },
      ...cells.map((cell) => element("td", { className: "n" }, String(cell))),
    );
  });
  $("lanes").append(table(heads, rows));
}

function table(heads, rows) {
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows),
  );
}
