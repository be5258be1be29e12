// The peer: OpenSeadragon at its defaults, which shows each field as soon as it is told. (settings) => void, behind its own script.
// Keeps the same as watch.js. "Sharp": every visible tile of the level that has a px for each px of the screen, or of a finer one,
// is drawn; "usable": of a level four times as coarse.
(settings) => {
  const seen = { heard: [], usable: [], sharp: [], pushed: 0 };
  window.bench = seen;
  const now = () => performance.timeOrigin + performance.now();
  document.body.innerHTML = "<div id=viewer></div>";
  document.body.style.margin = "0";
  Object.assign(document.querySelector("#viewer").style, { width: `${settings.window[0]}px`, height: `${settings.window[1]}px` });
  const { width, height, levels } = settings;
  const finest = Math.ceil(Math.log2(Math.max(width, height)));
  const viewer = OpenSeadragon({
    id: "viewer",
    showNavigationControl: false,
    // Drawing by WebGL in software would be slower still.
    ...(settings.software ? { drawer: "canvas" } : {}),
    tileSources: {
      width,
      height,
      tileSize: 256,
      tileOverlap: 0,
      minLevel: finest - levels + 1,
      maxLevel: finest,
      getTileUrl: (level, x, y) => `/slides/${settings.slide}/tiles/${finest - level}/${x}_${y}`,
    },
  });
  let field;
  const covered = (item, level, box) => {
    const side = 256 * 2 ** (finest - level);
    for (let y = Math.max(0, Math.floor(box[1] / side)); y * side < Math.min(box[3], height); y++) {
      for (let x = Math.max(0, Math.floor(box[0] / side)); x * side < Math.min(box[2], width); x++) {
        if (item.tilesMatrix[level]?.[x]?.[y]?.loaded === true) continue;
        const part = [Math.max(box[0], x * side), Math.max(box[1], y * side), Math.min(box[2], (x + 1) * side), Math.min(box[3], (y + 1) * side)];
        if (level === finest || !covered(item, level + 1, part)) return false;
      }
    }
    return true;
  };
  const later = (list, sequence) => requestAnimationFrame(() => requestAnimationFrame(() => list.push(list === seen.sharp ? [0, sequence, now(), "native"] : [0, sequence, now()])));
  let usable = 0, sharp = 0;
  const look = () => {
    const item = viewer.world.getItemAt(0);
    if (item !== undefined && field !== undefined) {
      const box = [field.x - field.width / 2, field.y - field.height / 2, field.x + field.width / 2, field.y + field.height / 2];
      const level = finest - Math.floor(Math.log2((field.width / settings.window[0]) * 1.001));
      if (usable !== field.sequence && covered(item, level - 2, box)) later(seen.usable, (usable = field.sequence));
      if (sharp !== field.sequence && covered(item, level, box)) later(seen.sharp, (sharp = field.sequence));
    }
    requestAnimationFrame(look);
  };
  look();
  const show = () => {
    const item = viewer.world.getItemAt(0);
    if (item === undefined || field === undefined) return;
    const corner = [field.x - field.width / 2, field.y - field.height / 2];
    viewer.viewport.fitBounds(item.imageToViewportRectangle(...corner, field.width, field.height), true);
  };
  viewer.addHandler("open", show);
  new WebSocket(settings.teller).onmessage = ({ data }) => {
    field = JSON.parse(data);
    seen.heard.push([0, field.sequence, now()]);
    show();
  };
}
