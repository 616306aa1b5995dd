"use strict";
// Beside the page: takes the network once, then images; tells how far it is, and gives the masks.

let graph = null;
let settings = null;

onmessage = ({ data }) => {
  if (data.graph) {
    graph = unpacked(data.graph, data.constants);
    settings = data.settings;
    return;
  }
  try {
    let told = 0;
    const mask = segmented(graph, data.rgba, data.width, data.height, settings, (share) => {
      if (share - told >= 0.01) postMessage({ share: told = share });
    });
    postMessage({ mask }, [mask.buffer]);
  } catch (error) {
    postMessage({ error: String(error.message ?? error) });
  }
};
