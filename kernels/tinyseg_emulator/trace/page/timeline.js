// The picture: a row for each thread, a column for each step. The canvas is as large as what is seen of it and is drawn
// anew when it is scrolled, so that it does not matter how many events there are.
const LABELS = 74,
  HEAD = 34;

class Timeline {
  constructor(choose) {
    this.box = $("picture");
    this.canvas = $("canvas");
    this.column = 16;
    this.row = 4;
    this.colour = "kind";
    this.pair = [];
    this.box.addEventListener("scroll", () => this.later());
    this.box.addEventListener("click", (event) => this.clicked(event, choose));
    new ResizeObserver(() => this.later()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.later());
  }
  show(block, key) {
    this.block = block;
    this.key = key;
    const room = Math.min(360, innerHeight * 0.42) - HEAD;
    this.row = Math.max(1, Math.min(16, Math.floor((room - this.gaps()) / block.threads)));
    this.column = Math.max(8, Math.min(26, Math.floor((this.box.clientWidth - LABELS) / Math.max(1, block.steps))));
    this.size();
    this.box.scrollTo(0, 0);
  }
  zoom(factor) {
    this.row = Math.max(
      1,
      Math.min(24, Math.round(factor > 1 ? Math.max(this.row + 1, this.row * factor) : this.row * factor)),
    );
    this.column = Math.max(3, Math.min(40, Math.round(this.column * factor)));
    this.reveal();
  }
  gaps() {
    return Math.ceil(this.block.threads / WARP) * 3;
  }
  top(thread) {
    return HEAD + thread * this.row + Math.floor(thread / WARP) * 3;
  }
  threadAt(y) {
    const warp = Math.floor((y - HEAD) / (WARP * this.row + 3));
    return Math.max(
      0,
      Math.min(
        this.block.threads - 1,
        warp * WARP + Math.min(WARP - 1, Math.floor((y - HEAD - warp * (WARP * this.row + 3)) / this.row)),
      ),
    );
  }
  clicked(event, choose) {
    const bounds = this.canvas.getBoundingClientRect();
    const x = event.clientX - bounds.left + this.box.scrollLeft,
      y = event.clientY - bounds.top + this.box.scrollTop;
    if (event.clientX - bounds.left < LABELS) return;
    const step = Math.floor((x - LABELS) / this.column);
    if (step >= 0 && step < this.block.steps) choose(step, this.threadAt(y));
  }
  // Scroll so that the chosen step and thread are seen.
  reveal() {
    this.size();
    const x = LABELS + this.step * this.column,
      y = this.top(this.thread),
      box = this.box;
    const margin = 3 * this.column;
    if (x - margin < box.scrollLeft + LABELS) box.scrollLeft = x - LABELS - margin;
    else if (x + this.column + margin > box.scrollLeft + box.clientWidth)
      box.scrollLeft = x + this.column + margin - box.clientWidth;
    if (y < box.scrollTop + HEAD) box.scrollTop = y - HEAD;
    else if (y + this.row + 8 > box.scrollTop + box.clientHeight) box.scrollTop = y + this.row + 8 - box.clientHeight;
    this.later();
  }
  size() {
    const block = this.block;
    $("extent").style.width = `${LABELS + block.steps * this.column + 8}px`;
    $("extent").style.height = `${this.top(block.threads - 1) + this.row + 6}px`;
  }
  later() {
    if (this.waiting || !this.block) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }
  colours() {
    const style = getComputedStyle(document.documentElement),
      get = (name) => style.getPropertyValue(`--${name}`).trim();
    return { get, dark: matchMedia("(prefers-color-scheme: dark)").matches };
  }
  fill(event, kind, step, theme) {
    const { block } = this;
    if (kind >= BLOCK_WAIT) {
      if (block.site[event] !== block.raw.steps.site[step]) return theme.get("bad"); // at another barrier
      return theme.get(kind === BLOCK_WAIT ? "barrier" : "warp-wait");
    }
    const memory = block.memory(event);
    if (this.colour === "place") {
      const number =
        memory === "shared" ? Math.floor(block.offset[event] / 4) % 32 : Math.floor(block.offset[event] / 32) % 32;
      return hue(number, theme.dark);
    }
    if (this.colour === "cost") {
      const [moved, least] = block.cost(block.step[event], block.thread[event]) ?? [1, 1];
      return heat(moved / Math.max(1, least), theme);
    }
    if (kind === ATOMIC) return theme.get("atomic");
    return theme.get(`${memory}-${kind === READ ? "read" : "write"}`);
  }
  draw() {
    const { block, box, canvas, row, column } = this,
      scale = devicePixelRatio || 1;
    this.size();
    const width = Math.max(50, box.clientWidth),
      height = Math.max(50, box.clientHeight);
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const theme = this.colours(),
      cached = {},
      get = (name) => (cached[name] ??= theme.get(name));
    const palette = { get, dark: theme.dark };
    const paint = canvas.getContext("2d"),
      left = box.scrollLeft,
      over = box.scrollTop;
    const x = (step) => LABELS + step * column - left,
      y = (thread) => this.top(thread) - over;
    paint.setTransform(scale, 0, 0, scale, 0, 0);
    paint.fillStyle = get("ground");
    paint.fillRect(0, 0, width, height);
    const from = Math.max(0, Math.floor(left / column)),
      to = Math.min(block.steps, Math.ceil((left + width) / column));
    const first = this.threadAt(over + HEAD),
      last = this.threadAt(over + height);
    paint.fillStyle = get("row");
    for (let thread = first; thread <= last; thread++)
      if (Math.floor(thread / WARP) % 2 === 0) paint.fillRect(LABELS, y(thread), x(block.steps) - LABELS, row);
    const marks = [],
      gap = column > 6 ? 1 : 0,
      between = row > 5 ? 1 : 0;
    for (let step = from; step < to; step++) {
      const kind = block.raw.steps.kind[step];
      if (kind === BLOCK_WAIT) {
        paint.fillStyle = get("barrier");
        paint.fillRect(x(step) + column / 2 - 2, HEAD, 4, y(block.threads - 1) + row - HEAD);
      }
      const inset = gap + (kind > BLOCK_WAIT ? Math.floor(column / 3) : 0);
      let begin = -1,
        before = -1,
        fill = ""; // threads side by side that look the same are one rectangle
      const flush = () => {
        if (begin < 0) return;
        paint.fillStyle = fill;
        paint.fillRect(x(step) + inset, y(begin), column - 2 * inset, y(before) - y(begin) + row - between);
      };
      for (let k = block.begin[step]; k < block.begin[step + 1]; k++) {
        const event = block.order[k],
          thread = block.thread[event];
        if (thread < first || thread > last) continue;
        const its = this.fill(event, kind, step, palette);
        if (its !== fill || thread !== before + 1 || between || thread % WARP === 0) {
          flush();
          begin = thread;
          fill = its;
        }
        before = thread;
        if (block.told[event]) marks.push([step, thread]);
      }
      flush();
    }
    this.drawCursor(paint, x, y, get);
    this.drawPair(paint, x, y, get);
    paint.strokeStyle = get("bad");
    paint.lineWidth = 2;
    for (const [step, thread] of marks) {
      const size = Math.max(row, 8);
      paint.strokeRect(x(step) + 1, y(thread) + row / 2 - size / 2, column - 2, size);
    }
    drawEdges(this, paint, { x, y, get, width, height, from, to, first, last });
    canvas.setAttribute(
      "aria-label",
      `Threads by time: ${block.threads} threads, ${block.steps} steps; ${$("said").textContent}`,
    );
  }
  // The two accesses of the chosen finding, joined.
  drawPair(paint, x, y, get) {
    const [one, other] = this.pair.filter((at) => at && `${at[0]}/${at[1]}` === this.key).map((at) => at[2]);
    if (one === undefined || other === undefined) return;
    const { block, row, column } = this;
    const [ax, ay, bx, by] = [one, other].flatMap((event) => [
      x(block.step[event]) + column / 2,
      y(block.thread[event]) + row / 2,
    ]);
    paint.strokeStyle = get("bad");
    paint.lineWidth = 1.5;
    paint.setLineDash([4, 3]);
    paint.beginPath();
    paint.moveTo(ax, ay);
    paint.quadraticCurveTo((ax + bx) / 2, Math.max(ay, by) + 40, bx, by);
    paint.stroke();
    paint.setLineDash([]);
  }
  drawCursor(paint, x, y, get) {
    const { block, row, column, step, thread } = this,
      warp = Math.floor(thread / WARP) * WARP;
    const end = Math.min(block.threads, warp + WARP) - 1;
    paint.strokeStyle = get("cursor");
    paint.lineWidth = 2;
    paint.strokeRect(x(step) - 1, y(warp) - 2, column + 2, y(end) + row - y(warp) + 4);
    paint.lineWidth = 1;
    paint.globalAlpha = 0.35;
    paint.strokeRect(x(step) + 0.5, HEAD + 0.5, column - 1, y(block.threads - 1) + row - HEAD);
    paint.globalAlpha = 1;
    paint.fillStyle = get("cursor");
    const middle = y(thread) + row / 2;
    paint.beginPath();
    paint.moveTo(x(step) - 2, middle);
    paint.lineTo(x(step) - 8, middle - 4);
    paint.lineTo(x(step) - 8, middle + 4);
    paint.fill();
  }
}
