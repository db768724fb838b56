// The page's colours, light and dark: every pair of text and ground has a contrast of 4.5 to 1 or more. Knows no page.

export interface Theme {
  readonly text: string;
  readonly muted: string;
  readonly link: string;
  readonly warning: string;
  readonly ground: string;
  readonly raised: string;
  readonly line: string;
  /** Ground and text of a score's cell, from the lowest to the highest. */
  readonly steps: readonly (readonly [string, string])[];
}

const DARK_TEXT = '#000000';
const LIGHT_TEXT = '#ffffff';

export const LIGHT: Theme = {
  text: '#1b2026',
  muted: '#59636e',
  link: '#0b57a8',
  warning: '#8a3c00',
  ground: '#ffffff',
  raised: '#f3f5f8',
  line: '#d3d9e0',
  steps: [
    ['#f4f8fd', DARK_TEXT],
    ['#e1ecf8', DARK_TEXT],
    ['#cde0f2', DARK_TEXT],
    ['#b3d2ea', DARK_TEXT],
    ['#92c1e0', DARK_TEXT],
    ['#6eadd5', DARK_TEXT],
    ['#4d99ca', DARK_TEXT],
    ['#2f7fbd', DARK_TEXT],
    ['#1763a8', LIGHT_TEXT],
    ['#0a478c', LIGHT_TEXT],
  ],
};

export const DARK: Theme = {
  text: '#e6eaf0',
  muted: '#a3adba',
  link: '#7db9ff',
  warning: '#f0a868',
  ground: '#14181d',
  raised: '#1d232b',
  line: '#38424e',
  steps: [
    ['#16202b', LIGHT_TEXT],
    ['#182b3f', LIGHT_TEXT],
    ['#1a3854', LIGHT_TEXT],
    ['#1c466b', LIGHT_TEXT],
    ['#1f5583', LIGHT_TEXT],
    ['#24659c', LIGHT_TEXT],
    ['#4c8fc4', DARK_TEXT],
    ['#74abd8', DARK_TEXT],
    ['#9fc8e8', DARK_TEXT],
    ['#cde4f6', DARK_TEXT],
  ],
};

/** Relative luminance contrast of two `#rrggbb` colours, 1 to 21, as WCAG 2.2 defines it. */
export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
