// Put into our room's page before its own script: keeps when each field (its stream and number) came, was usable
// and sharp, in Unix ms: the room may show what an earlier stream left before the presenter's own first field.
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
        if (bytes.getUint8(0) === VIEWPORT) seen.heard.push([bytes.getUint16(2, true), bytes.getUint32(8, true), now()]);
      });
      return socket;
    },
  });
  const copy = () => {
    const all = [...document.querySelectorAll("#slide canvas")].sort((a, b) => b.width * b.height - a.width * a.height);
    const canvas = all.find((one) => one.getContext("2d") !== null);
    return canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  };
  let wanted = ["", Infinity], [usableWas, sharpWas] = ["", ""];
  /** From now on the picture is kept in which this field is sharp first. */
  window.awaitSharp = (stream, number) => (wanted = [stream, number]);
  window.keepPicture = () => seen.pictures.push(copy());
  const isSharp = (stream, number, coding) => {
    seen.sharp.push([stream, number, now(), coding]);
    if (stream !== wanted[0] || number < wanted[1]) return;
    wanted = ["", Infinity];
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
      const { sharp, usable, sharpCoding } = slide.dataset;
      const of = (field) => field.split("/").map(Number);
      if (usable !== undefined && usable !== usableWas) requestAnimationFrame(() => seen.usable.push([...of(usable), now()]));
      if (sharp !== undefined && sharp !== sharpWas) requestAnimationFrame(() => isSharp(...of(sharp), sharpCoding));
      [usableWas, sharpWas] = [usable, sharp];
    }).observe(slide, { attributes: true });
  };
  document.addEventListener("DOMContentLoaded", look);
})();
