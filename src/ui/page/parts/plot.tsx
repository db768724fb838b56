// A plot as a still picture: drawn by Observable Plot, which is loaded only now. Its numbers stand in a table beside it. Knows no plot.
import { useEffect, useRef } from 'preact/hooks';
import type * as Plot from '@observablehq/plot';

/** What draws. */
export type Library = typeof Plot;

export function plotLibrary(): Promise<Library> {
  return import('@observablehq/plot');
}

interface PlotInput {
  /** What is to be seen, for who can not see it. */
  readonly label: string;
  /** Anew whenever it is another function. */
  readonly draw: (plot: Library) => Plot.PlotOptions;
}

export function PlotView({ label, draw }: PlotInput): preact.JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let wanted = true;
    void plotLibrary().then((library) => {
      if (wanted) frame.current?.replaceChildren(pictureOf(library, draw(library)));
      return wanted;
    });
    return () => {
      wanted = false;
    };
  }, [draw]);
  return <div class="plot" ref={frame} role="img" aria-label={label} />;
}

/** Made in a document of its own, whose style sheet is left behind: the page's policy allows no style but its own. */
function pictureOf(library: Library, options: Plot.PlotOptions): Node {
  const workshop = document.implementation.createHTMLDocument('');
  const picture = library.plot({ marginBottom: 42, ...options, document: workshop });
  for (const each of picture.querySelectorAll('style')) each.remove();
  // The whole is one picture with one name; what its pieces are called would be read out for nothing.
  for (const each of picture.querySelectorAll('[aria-label]')) each.removeAttribute('aria-label');
  return document.adoptNode(picture);
}
