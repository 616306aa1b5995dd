"use strict";
// A mask as a palette PNG: programs read the class ids, viewers show the colours.

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function chunk(kind, content) {
  const bytes = new Uint8Array(content.length + 12), view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let k = 0; k < 4; k++) bytes[4 + k] = kind.charCodeAt(k);
  bytes.set(content, 8);
  let c = 0xffffffff;
  for (const byte of bytes.subarray(4, 8 + content.length)) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
  view.setUint32(8 + content.length, ~c >>> 0);
  return bytes;
}

async function palettePng(mask, width, height, colors) {
  const rows = new Uint8Array((width + 1) * height);
  for (let h = 0; h < height; h++) rows.set(mask.subarray(h * width, (h + 1) * width), h * (width + 1) + 1);
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3, 0, 0, 0], 8);
  const content = new Uint8Array(await new Response(packed).arrayBuffer());
  const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
  const parts = [signature, chunk("IHDR", header), chunk("PLTE", Uint8Array.from(colors.flat()))];
  return new Blob([...parts, chunk("IDAT", content), chunk("IEND", new Uint8Array(0))], { type: "image/png" });
}
