// How far two colours are from each other for the eye: CIEDE2000. Pure. Source: Sharma, Wu, Dalal, Color Res. Appl. 30 (2005) 21.

/** sRGB, 0 to 255. */
export type Rgb = readonly [number, number, number];
/** L*, a*, b* under D65. */
export type Lab = readonly [number, number, number];

const light = (sample: number): number => {
  const share = sample / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};
const sample = (value: number): number => {
  const share = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(Math.max(share, 0), 1));
};
const bent = (share: number): number => (share > (6 / 29) ** 3 ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29);
const straight = (value: number): number => (value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29));

/** IEC 61966-2-1; CIE 15. */
export function labOf([red, green, blue]: Rgb): Lab {
  const [r, g, b] = [light(red), light(green), light(blue)];
  const x = bent((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = bent(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = bent((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The nearest colour of 8 bits; what sRGB cannot hold is cut off. */
export function rgbOf([l, a, b]: Lab): Rgb {
  const middle = (l + 16) / 116;
  const [x, y, z] = [0.95047 * straight(middle + a / 500), straight(middle), 1.08883 * straight(middle - b / 200)];
  return [
    sample(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    sample(-0.969266 * x + 1.8760108 * y + 0.041556 * z),
    sample(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
  ];
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

export function deltaE([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const bend = 1 + 0.5 * (1 - Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7)));
  const [c1, c2] = [Math.hypot(a1 * bend, b1), Math.hypot(a2 * bend, b2)];
  const hue = (a: number, b: number): number => (a === 0 && b === 0 ? 0 : ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360);
  const [h1, h2] = [hue(a1 * bend, b1), hue(a2 * bend, b2)];
  const grey = c1 * c2 === 0;
  const apart = Math.abs(h1 - h2) > 180;
  const turn = grey ? 0 : !apart ? h2 - h1 : h2 <= h1 ? h2 - h1 + 360 : h2 - h1 - 360;
  const total = h1 + h2;
  const h = grey ? total : !apart ? total / 2 : total < 360 ? (total + 360) / 2 : (total - 360) / 2;
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const weight =
    1 - 0.17 * Math.cos(radians(h - 30)) + 0.24 * Math.cos(radians(2 * h)) + 0.32 * Math.cos(radians(3 * h + 6)) -
    0.2 * Math.cos(radians(4 * h - 63));
  const lightness = (l2 - l1) / (1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2));
  const chroma = (c2 - c1) / (1 + 0.045 * c);
  const hues = (2 * Math.sqrt(c1 * c2) * Math.sin(radians(turn / 2))) / (1 + 0.015 * c * weight);
  const rotation =
    -Math.sin(radians(60 * Math.exp(-(((h - 275) / 25) ** 2)))) * 2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  return Math.sqrt(lightness ** 2 + chroma ** 2 + hues ** 2 + rotation * chroma * hues);
}
