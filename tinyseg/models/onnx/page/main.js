"use strict";
// What one sees and touches: images come in by the button, by dropping or by pasting, and are segmented one by one.

const MOST_PIXELS = 40e6;
const SMALLEST_SHOWN = 320; // pixels of the screen: a smaller image is enlarged
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const results = []; // of each image: its element, its mask, and what redraws it
const hidden = new Set(); // at first a class that is black: most often the background
const waiting = [];
let busy = false;

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

function bytesOf(text) {
  const binary = atob(text.trim()), bytes = new Uint8Array(binary.length);
  for (let k = 0; k < bytes.length; k++) bytes[k] = binary.charCodeAt(k);
  return bytes.buffer;
}

const engine = new Worker(URL.createObjectURL(new Blob([byId("engine").textContent], { type: "text/javascript" })));
const constants = bytesOf(byId("constants").textContent);
engine.postMessage({ graph: data.graph, constants, settings: data.settings }, [constants]);

function computed(image) {
  return new Promise((resolve, reject) => {
    engine.onmessage = ({ data: told }) => {
      if (told.share !== undefined) byId("progress").value = told.share;
      else if (told.error !== undefined) reject(new Error(told.error));
      else resolve(told.mask);
    };
    engine.onerror = (event) => reject(new Error(event.message));
    engine.postMessage({ rgba: image.data, width: image.width, height: image.height });
  });
}

async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: "none", colorSpaceConversion: "none" }).catch(() => {
    throw new Error("this browser cannot read it as an image");
  });
  if (bitmap.width * bitmap.height > MOST_PIXELS) throw new Error("it has more than 40 million pixels");
  const canvas = element("canvas", { width: bitmap.width, height: bitmap.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return { canvas, image: context.getImageData(0, 0, bitmap.width, bitmap.height) };
}

function say(text) {
  byId("status").textContent = text;
}

const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

function sharesOf(mask) {
  const shares = data.classes.map(() => 0);
  for (const id of mask) shares[id]++;
  return shares.map((n) => n / mask.length);
}

function show(name, canvas, mask) {
  const { width, height } = canvas, shares = sharesOf(mask);
  const seen = data.classes.map((text, k) => [text, shares[k]]).filter(([, share]) => share > 0);
  const told = seen.sort((a, b) => b[1] - a[1]).map(([text, share]) => `${text}: ${percent(share)}`).join(", ");
  const over = element("canvas", { width, height, className: "over" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${name}: ${told}`);
  over.setAttribute("aria-hidden", "true");
  const save = element("button", { type: "button", textContent: "Save the mask" });
  save.setAttribute("aria-label", `Save the mask of ${name} as a PNG whose values are the classes`);
  save.onclick = async () => {
    const url = URL.createObjectURL(await palettePng(mask, width, height, data.colors));
    element("a", { href: url, download: `${name.replace(/\.[^.]*$/, "")}_mask.png` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };
  const words = [element("h2", { textContent: name }), element("p", { textContent: told })];
  const caption = element("figcaption", {}, ...words, save);
  const stack = element("div", { className: "stack" }, canvas, over);
  stack.style.width = `min(100%, ${Math.max(width, SMALLEST_SHOWN)}px)`;
  const figure = element("figure", {}, stack, caption);
  const draw = () => {
    const context = over.getContext("2d"), image = context.createImageData(width, height);
    mask.forEach((id, k) => image.data.set([...data.colors[id], hidden.has(id) ? 0 : 255], 4 * k));
    context.putImageData(image, 0, 0);
  };
  draw();
  results.push({ name, mask, width, height, draw });
  byId("results").prepend(figure);
  byId("controls").hidden = false;
  return told;
}

async function work() {
  if (busy) return;
  busy = true;
  byId("progress").hidden = false;
  while (waiting.length) {
    const file = waiting.shift();
    byId("progress").value = 0;
    say(`Segmenting ${file.name} ...`);
    try {
      const { canvas, image } = await pixelsOf(file);
      const began = performance.now(), mask = await computed(image);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`${file.name}, ${image.width} x ${image.height}, in ${seconds} s: ${show(file.name, canvas, mask)}`);
    } catch (error) {
      say(`${file.name}: not segmented: ${error.message}`);
    }
  }
  byId("progress").hidden = true;
  busy = false;
}

function take(files) {
  waiting.push(...files);
  work();
}

data.classes.forEach((text, k) => {
  if (data.colors[k].every((v) => v === 0)) hidden.add(k);
  const box = element("input", { type: "checkbox", checked: !hidden.has(k) });
  const swatch = element("span", { className: "swatch" });
  swatch.style.background = `rgb(${data.colors[k].join(" ")})`;
  box.onchange = () => {
    if (box.checked) hidden.delete(k);
    else hidden.add(k);
    results.forEach((result) => result.draw());
  };
  byId("classes").append(element("label", {}, box, swatch, text));
});

byId("opacity").oninput = () => {
  document.documentElement.style.setProperty("--opacity", byId("opacity").value / 100);
  byId("opacity-told").textContent = `${byId("opacity").value} %`;
};
byId("files").onchange = () => {
  take(byId("files").files);
  byId("files").value = "";
};
addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
addEventListener("dragleave", () => document.body.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  take(event.dataTransfer.files);
});
addEventListener("paste", (event) => take(event.clipboardData.files));
