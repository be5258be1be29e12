// Put into our room's page before its own script: keeps when each field came, when it was usable and sharp, in Unix ms.
// "Sharp" is two animation frames after its last tile was drawn: #slide says it after one (web/client/README.md), here is the second.
(() => {
  const seen = { heard: [], usable: [], sharp: [], pushed: 0, pictures: [] };
  window.bench = seen;
  const now = () => performance.timeOrigin + performance.now();
  const VIEWPORT = 1, TILE = 16;
  window.WebSocket = new Proxy(WebSocket, {
    construct(target, given) {
      const socket = new target(...given);
      socket.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer) || data.byteLength < 12) return;
        const bytes = new DataView(data);
        if (bytes.getUint8(0) === TILE) seen.pushed += data.byteLength;
        // Several records may lie in one message: the presenter's field is the first of them, or comes by itself.
        if (bytes.getUint8(0) === VIEWPORT) seen.heard.push([bytes.getUint32(8, true), now()]);
      });
      return socket;
    },
  });
  const copy = () => {
    const all = [...document.querySelectorAll("#slide canvas")].sort((a, b) => b.width * b.height - a.width * a.height);
    const canvas = all.find((one) => one.getContext("2d") !== null);
    return canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  };
  let last = "", wanted = Infinity, [usableWas, sharpWas] = ["", ""];
  /** From now on the picture is kept in which the field of this number is sharp first. */
  window.awaitSharp = (sequence) => (wanted = sequence);
  window.keepPicture = () => seen.pictures.push(copy());
  const isSharp = (sequence, coding) => {
    seen.sharp.push([sequence, now(), coding]);
    if (sequence < wanted) return;
    wanted = Infinity;
    window.keepPicture();
  };
  /** How many px of the last two pictures differ by more than a rounding; -1: there are none. */
  window.changedPixels = () => {
    const [a, b] = seen.pictures.splice(0).slice(-2);
    if (a === undefined || b === undefined || a.length !== b.length) return -1;
    let changed = 0;
    for (let at = 0; at < a.length; at += 4) {
      if (Math.abs(a[at] - b[at]) > 2 || Math.abs(a[at + 1] - b[at + 1]) > 2 || Math.abs(a[at + 2] - b[at + 2]) > 2) changed++;
    }
    return changed;
  };
  const look = () => {
    const slide = document.querySelector("#slide");
    if (slide === null) return;
    new MutationObserver(() => {
      const { sharp, usable, sharpCoding, field, drawn } = slide.dataset;
      if (usable !== undefined && usable !== usableWas) requestAnimationFrame(() => seen.usable.push([Number(usable), now()]));
      if (sharp !== undefined && sharp !== sharpWas) requestAnimationFrame(() => isSharp(Number(sharp), sharpCoding ?? "native"));
      [usableWas, sharpWas] = [usable, sharp];
      // A client that says nothing of sharpness: the window shows the field, and all of it is drawn.
      const state = `${field} ${drawn}`;
      if (sharp === undefined && state !== last && drawn === "true" && seen.heard.length > 0) {
        const number = seen.heard.at(-1)[0];
        requestAnimationFrame(() => requestAnimationFrame(() => {
          if (slide.dataset.drawn === "true" && slide.dataset.field === field) isSharp(number, slide.dataset.quality);
        }));
      }
      last = state;
    }).observe(slide, { attributes: true });
  };
  document.addEventListener("DOMContentLoaded", look);
})();
