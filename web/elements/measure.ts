// SPDX-License-Identifier: MIT
// How wide a text stands in a font, without asking the page for a layout.

let context: CanvasRenderingContext2D | null = null;

/** A function from a text to its width in pixels, in the CSS font `font`. */
export function measureIn(font: string): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const width = known.get(text) ?? widthOf(text, font);
    known.set(text, width);
    return width;
  };
}

function widthOf(text: string, font: string): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return 8 * text.length;
  context.font = font;
  return context.measureText(text).width;
}
