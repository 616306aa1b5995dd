// The source, the findings with their two sides, and what one thread does.
const AROUND = 20; // events of the thread that are listed before and after the chosen one

class Source {
  constructor(go) {
    this.go = go;
    this.file = -1;
  }
  show(file, line, block, follow = true) {
    if (file !== this.file || block !== this.block) this.build(file, block);
    this.box.querySelector("li.now")?.classList.remove("now");
    const item = this.items[line - 1];
    if (!item) return;
    item.classList.add("now");
    if (follow) {
      const view = $("source"),
        top = item.offsetTop - view.offsetTop;
      if (top < view.scrollTop + 40 || top > view.scrollTop + view.clientHeight - 60)
        view.scrollTop = top - view.clientHeight / 2;
    }
  }
  build(file, block) {
    this.file = file;
    this.block = block;
    const { name, lines } = DATA.files[file] ?? { name: "", lines: [] };
    $("source-head").textContent = lines.length ? `Source: ${name}` : `Source: ${name || "?"} (could not be read)`;
    const busy = new Set(
      block.raw.steps.site
        .map((site) => block.launch.sites[site])
        .filter((site) => site[0] === file)
        .map((site) => site[1]),
    );
    const found = new Set(
      DATA.findings
        .flatMap((finding) => [finding.place, ...finding.accesses.map((access) => access.place)])
        .filter((place) => place && place[0] === file)
        .map((place) => place[1]),
    );
    this.items = lines.map((text, k) => {
      const number = busy.has(k + 1)
        ? element(
            "button",
            {
              className: "number",
              title: "To the next step of this line",
              "aria-label": `Line ${k + 1}: to its next step`,
              onclick: () => this.go(file, k + 1),
            },
            String(k + 1),
          )
        : element("span", { className: "number" }, String(k + 1));
      return element("li", { className: found.has(k + 1) ? "found" : "" }, number, text || " ");
    });
    this.box = element("ol", {}, ...this.items);
    $("source").replaceChildren(this.box);
  }
}

function excerpt([file, line]) {
  const lines = DATA.files[file]?.lines ?? [],
    first = Math.max(1, line - 2),
    box = element("ol");
  for (let number = first; number <= Math.min(lines.length, line + 2); number++)
    box.append(
      element(
        "li",
        { className: number === line ? "now" : "" },
        element("span", { className: "number" }, String(number)),
        lines[number - 1] || " ",
      ),
    );
  return element(
    "div",
    { className: "code", tabIndex: 0, role: "group", "aria-label": `Source around line ${line}` },
    box,
  );
}

function side(access, at, go) {
  const interval = at ? blockOf(at[0], at[1]).raw.steps.interval[blockOf(at[0], at[1]).step[at[2]]] : null;
  const where = DATA.files[access.place[0]]?.name ?? "?";
  const button = element(
    "button",
    { onclick: () => go(at), disabled: !at },
    at ? "Show in the picture" : "Not written down",
  );
  return element(
    "div",
    { className: "side" },
    element("h3", {}, `${access.kind} by thread ${triple(access.thread)} of block ${triple(access.block)}`),
    element(
      "p",
      {},
      [
        `${where}:${access.place[1]}`,
        access.value && `value ${access.value}`,
        interval !== null && `interval ${interval}`,
      ]
        .filter(Boolean)
        .join(", "),
    ),
    excerpt(access.place),
    button,
  );
}

function showFinding(number, go) {
  const finding = DATA.findings[number];
  document
    .querySelectorAll("#findings button")
    .forEach((button, k) => button.setAttribute("aria-pressed", String(k === number)));
  $("findings").querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest" });
  $("collision").hidden = !finding;
  if (!finding) return;
  $("collision-head").textContent = finding.accesses.length > 1 ? "The two accesses" : "The finding";
  $("collision-text").textContent = `${finding.headline}${finding.hint ? `. ${finding.hint}` : ""}`;
  const sides = finding.accesses.map((access, k) => side(access, finding.at[k], go));
  if (!sides.length && finding.place?.[1]) sides.push(excerpt(finding.place));
  $("sides").replaceChildren(...sides);
}

function listFindings(choose) {
  const items = DATA.findings.map((finding, number) =>
    element(
      "li",
      {},
      element(
        "button",
        { onclick: () => choose(number), "aria-pressed": "false" },
        finding.headline,
        element(
          "small",
          {},
          finding.accesses.map((access) => `line ${access.place[1]}`).join(" and ") ||
            (finding.place ? `line ${finding.place[1]}` : ""),
        ),
      ),
    ),
  );
  if (!items.length) items.push(element("li", { className: "none" }, "Nothing found."));
  for (const name of DATA.not_checked) items.push(element("li", { className: "none" }, `Not checked: ${name}`));
  $("findings-head").textContent = `Findings (${DATA.findings.length})`;
  $("findings").replaceChildren(...items);
}

function showThread(block, step, thread) {
  const events = block.ofThread(thread),
    near = Math.max(
      0,
      events.findIndex((event) => block.step[event] >= step),
    );
  const shown = events.slice(Math.max(0, near - AROUND), near + AROUND + 1);
  const rows = shown.map((event) => {
    const wait = block.kind[event] >= BLOCK_WAIT;
    const cells = [
      block.step[event] + 1,
      block.raw.steps.interval[block.step[event]],
      block.place(event)[1],
      wait ? block.place(event)[2] : `${VERBS[block.kind[event]]} ${block.name(event)}`,
      wait ? "" : block.value(event),
    ];
    return element(
      "tr",
      { className: block.step[event] === step ? "now" : "" },
      ...cells.map((cell) => element("td", { className: "n" }, String(cell))),
    );
  });
  $("thread-head").textContent = `Thread ${block.triple(thread)}`;
  $("thread-text").textContent =
    shown.length < events.length
      ? `${shown.length} of its ${events.length} events, around this step`
      : `all of its ${events.length} events`;
  $("thread").replaceChildren(table(["step", "interval", "line", "what", "value"], rows));
  const now = $("thread").querySelector("tr.now");
  $("thread").scrollTop = now ? now.offsetTop - $("thread").offsetTop - $("thread").clientHeight / 2 : 0;
}
