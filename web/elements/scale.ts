// SPDX-License-Identifier: MIT
// The colour of a weight: always on the whole range 0 … 1, so that two pictures can be compared.
import { scaleLinear } from 'd3-scale';
import { schemeGnBu } from 'd3-scale-chromatic';

/** ColorBrewer's GnBu, safe for colour-blind readers: lightness alone tells the order. */
export const MAP_NAME = 'ColorBrewer GnBu';

const stops = schemeGnBu[9] ?? [];
/** The dark page's own colour, which a weight of 0 nearly has. */
const NIGHT = '#141d27';

const light = scaleOver(stops);
/** Read from the other end, so that more weight stands out from a dark page as well. */
const dark = scaleOver([NIGHT, ...[...stops].reverse()]);

/** A CSS colour for weight `weight`. */
export function colour(weight: number, isDark: boolean): string {
  return (isDark ? dark : light)(weight);
}

function scaleOver(colours: readonly string[]): (weight: number) => string {
  const domain = colours.map((_, i) => i / (colours.length - 1));
  return scaleLinear<string>().domain(domain).range(colours).clamp(true);
}

const STEPS = 256;
const palettes = new Map<boolean, Uint32Array>();

/** 256 colours from 0 to 1 as the pixels of an ImageData, in this machine's byte order. */
export function palette(isDark: boolean): Uint32Array {
  const known = palettes.get(isDark);
  if (known) return known;
  const bytes = new Uint8ClampedArray(4 * STEPS);
  for (let i = 0; i < STEPS; ++i) {
    // the scale answers rgb(r, g, b)
    const [r = 0, g = 0, b = 0] =
      colour(i / (STEPS - 1), isDark)
        .match(/\d+/g)
        ?.map(Number) ?? [];
    bytes.set([r, g, b, 255], 4 * i);
  }
  const pixels = new Uint32Array(bytes.buffer);
  palettes.set(isDark, pixels);
  return pixels;
}

/** Which of the palette's colours shows `weight`. */
export function paletteIndex(weight: number): number {
  return Math.round(Math.min(1, Math.max(0, weight)) * (STEPS - 1));
}

/** A CSS gradient from 0 to 1, for the legend. */
export function gradient(isDark: boolean): string {
  const colours = Array.from({ length: 19 }, (_, i) => colour(i / 18, isDark));
  return `linear-gradient(to right, ${colours.join(', ')})`;
}
