// A scanner's colours as sRGB, through the table of 33³ colours that the server made of its profile
// (telepath/slides/colour.py, whose `applied` this mirrors to the byte). Pure.

export const SIDE = 33;
/** Sample values at which the table was asked: closer in the dark, where curves bend most. */
export const NODES: readonly number[] = Array.from({ length: SIDE }, (_, step) => Math.round(255 * (step / 32) ** 1.2));
const RED = SIDE * SIDE * 3;
const GREEN = SIDE * 3;
const BLUE = 3;
/** Bytes of a table: three 16-bit numbers a colour. */
export const LUT_BYTES = SIDE * RED * 2;

/** For each sample value the node below it, and how far it is to the next, in 1/65536. */
const BELOW = new Uint8Array(256);
const SHARE = new Int32Array(256);
for (let value = 0, node = 0; value < 256; value++) {
  while (node < SIDE - 2 && NODES[node + 1]! <= value) node++;
  const width = NODES[node + 1]! - NODES[node]!;
  BELOW[value] = node;
  SHARE[value] = Math.floor(((value - NODES[node]!) * 65536 + (width >> 1)) / width);
}

/** The table out of the bytes that were sent, little endian; undefined: they are none. */
export function tableOf(bytes: ArrayBuffer): Int16Array | undefined {
  if (bytes.byteLength !== LUT_BYTES) return undefined;
  const view = new DataView(bytes);
  return Int16Array.from({ length: LUT_BYTES / 2 }, (_, at) => view.getInt16(at * 2, true));
}

/** Carries each pixel of RGBA through the table, in place: of the eight colours around it the four of the tetrahedron that
 * holds it, each by its share. */
export function apply(table: Int16Array, pixels: Uint8ClampedArray): void {
  let before = -1;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const r = pixels[at]!;
    const g = pixels[at + 1]!;
    const b = pixels[at + 2]!;
    const colour = (r << 16) | (g << 8) | b;
    if (colour !== before) {
      before = colour;
      const fr = SHARE[r]!;
      const fg = SHARE[g]!;
      const fb = SHARE[b]!;
      // From the corner below to the corner above, first along the axis that is farthest on, last along the nearest.
      let first = RED;
      let second = RED + GREEN;
      let most = fr;
      let middle = fg;
      let least = fb;
      if (fr >= fg) {
        if (fg < fb) {
          second = RED + BLUE;
          least = fg;
          if (fr >= fb) middle = fb;
          else {
            first = BLUE;
            most = fb;
            middle = fr;
          }
        }
      } else if (fr >= fb) {
        first = GREEN;
        most = fg;
        middle = fr;
      } else {
        second = GREEN + BLUE;
        least = fr;
        if (fg >= fb) {
          first = GREEN;
          most = fg;
          middle = fb;
        } else {
          first = BLUE;
          most = fb;
          middle = fg;
        }
      }
      const corner = BELOW[r]! * RED + BELOW[g]! * GREEN + BELOW[b]! * BLUE;
      const one = corner + first;
      const two = corner + second;
      const far = corner + RED + GREEN + BLUE;
      const s0 = 65536 - most;
      const s1 = most - middle;
      const s2 = middle - least;
      red = (table[corner]! * s0 + table[one]! * s1 + table[two]! * s2 + table[far]! * least + 32768) >> 16;
      green = (table[corner + 1]! * s0 + table[one + 1]! * s1 + table[two + 1]! * s2 + table[far + 1]! * least + 32768) >> 16;
      blue = (table[corner + 2]! * s0 + table[one + 2]! * s1 + table[two + 2]! * s2 + table[far + 2]! * least + 32768) >> 16;
    }
    pixels[at] = red; // clamped to 0 … 255
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
  }
}
