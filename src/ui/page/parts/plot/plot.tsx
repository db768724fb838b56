// A plot as a still picture: drawn by Observable Plot, which is loaded only now. Its numbers stand in a table beside it. Knows no plot.
import { useEffect, useRef } from 'preact/hooks';
import type { PlotOptions } from '@observablehq/plot';
import type * as charts from './charts.ts';

/** What draws. */
export type Library = typeof charts;

/** Loads what draws. */
export function plotLibrary(): Promise<Library> {
  return import('./charts.ts');
}

/** Loads what draws and has it draw what nobody sees: the first plot does not wait for code that is compiled only when it runs. */
export async function rehearsePlots(): Promise<void> {
  const library = await plotLibrary();
  const some = [0, 1].map((x) => ({ x, y: 'a', z: 'b', r: x }));
  pictureOf(library, {
    grid: true,
    marks: [
      library.dot(some, { x: 'x', y: 'y', fy: 'z', r: 'r', fill: 'currentColor' }),
      library.line(some, { x: 'x', y: 'x', strokeDasharray: '4 4' }),
    ],
  });
}

interface PlotInput {
  /** What is to be seen, for who can not see it. */
  readonly label: string;
  /** Anew whenever it is another function. `width`: pixels that there are, so that letters are as large on a narrow screen. */
  readonly draw: (plot: Library, width: number) => PlotOptions;
}

const MOST_WIDTH = 560;

export function PlotView({ label, draw }: PlotInput): preact.JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let wanted = true;
    const place = frame.current;
    // Of all plots before the first is drawn: to ask in between lays the page out once for each.
    const width = Math.min(MOST_WIDTH, place?.clientWidth ?? MOST_WIDTH);
    void plotLibrary().then((library) => {
      if (!wanted || place === null) return false;
      place.replaceChildren(pictureOf(library, { width, ...draw(library, width) }));
      return true;
    });
    return () => {
      wanted = false;
    };
  }, [draw]);
  return <div class="plot" ref={frame} role="img" aria-label={label} />;
}

/** Made in a document of its own, whose style sheet is left behind: the page's policy allows no style but its own. */
function pictureOf(library: Library, options: PlotOptions): Node {
  const workshop = document.implementation.createHTMLDocument('');
  const picture = library.plot({ marginBottom: 42, ...options, document: workshop });
  for (const each of picture.querySelectorAll('style')) each.remove();
  // The whole is one picture with one name; what its pieces are called would be read out for nothing.
  for (const each of picture.querySelectorAll('[aria-label]')) each.removeAttribute('aria-label');
  return document.adoptNode(picture);
}
