// The edges of the picture, and its colours.
// What stays in view: the names of the warps on the left, the lines and intervals on top.
function drawEdges(
  { block, column, row, step, thread: now },
  paint,
  { x, y, get, width, height, from, to, first, last },
) {
  paint.fillStyle = get("panel");
  paint.fillRect(0, 0, LABELS, height);
  paint.font = "11px system-ui, sans-serif";
  paint.textBaseline = "middle";
  for (let warp = Math.floor(first / WARP); warp <= Math.floor(last / WARP); warp++) {
    const top = y(warp * WARP),
      end = y(Math.min(block.threads, (warp + 1) * WARP) - 1) + row;
    const chosen = warp === Math.floor(now / WARP);
    paint.fillStyle = get(chosen ? "ink" : "soft");
    paint.font = `${chosen ? "bold " : ""}11px system-ui, sans-serif`;
    paint.textAlign = "left";
    paint.fillText(`warp ${warp}`, 6, Math.max(HEAD + 8, Math.min((top + end) / 2, height - 8)));
    paint.fillRect(LABELS - 5, top, 2, end - top);
    if (row >= 10 && column >= 12)
      for (let thread = Math.max(first, warp * WARP); thread <= Math.min(last, warp * WARP + WARP - 1); thread++) {
        paint.textAlign = "right";
        paint.font = "9px system-ui, sans-serif";
        if (
          Math.abs(y(thread) + row / 2 - Math.max(HEAD + 8, Math.min((top + end) / 2, height - 8))) > 9 ||
          thread % WARP > 99
        )
          paint.fillText(String(thread), LABELS - 8, y(thread) + row / 2);
      }
  }
  paint.fillStyle = get("panel");
  paint.fillRect(0, 0, width, HEAD);
  paint.textAlign = "center";
  let end = -100;
  for (let at = from; at < to; at++) {
    const site = block.launch.sites[block.raw.steps.site[at]],
      middle = x(at) + column / 2;
    if (middle < LABELS) continue;
    const barrier = block.raw.steps.kind[at] === BLOCK_WAIT,
      here = at === step;
    paint.fillStyle = get(here ? "cursor" : "soft");
    paint.font = `${here ? "bold " : ""}10px system-ui, sans-serif`;
    const text = String(site[1]),
      wide = paint.measureText(text).width;
    if (middle - wide / 2 > end + 3 || here) {
      paint.fillText(text, middle, 24);
      end = middle + wide / 2;
    }
    if (barrier) paint.fillRect(middle - 4, 12, 8, 3);
  }
  paint.textAlign = "left";
  paint.fillStyle = get("soft");
  paint.font = "10px system-ui, sans-serif";
  drawIntervals(block, paint, { x, get, from, to });
  paint.fillStyle = get("panel");
  paint.fillRect(0, 0, LABELS, HEAD);
  paint.fillStyle = get("soft");
  paint.fillText("interval", 6, 10);
  paint.fillText("line", 6, 24);
}
function drawIntervals(block, paint, { x, get, from, to }) {
  const { interval, kind } = block.raw.steps;
  paint.textAlign = "center";
  for (let at = from; at < to;) {
    let end = at;
    while (end < to && interval[end] === interval[at]) end++;
    const begin = Math.max(LABELS, x(at)),
      until = x(kind[end - 1] === BLOCK_WAIT ? end - 1 : end);
    if (until - begin > 12) {
      paint.fillStyle = get("line");
      paint.fillRect(begin + 2, 17, until - begin - 4, 1);
      paint.fillStyle = get("soft");
      paint.fillText(String(interval[at]), (begin + until) / 2, 10);
    }
    at = end;
  }
  paint.textAlign = "left";
}

function hue(number, dark) {
  return `hsl(${number * 11.25}, 70%, ${(dark ? 42 : 52) + (number % 2) * 8}%)`;
}
// From the free to the worst: 1, 2, 4, ... 32 times what would do.
function heat(times, theme) {
  if (times <= 1) return theme.get("free");
  const part = Math.min(1, Math.log2(times) / 5);
  return `hsl(${40 - 40 * part}, 90%, ${theme.dark ? 62 - 18 * part : 58 - 18 * part}%)`;
}
