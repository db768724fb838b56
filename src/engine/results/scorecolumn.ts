// The score of every evaluation as one column, kept up with the store: only texts that changed are read. What was read is remembered
// by the texts' digests in `.daydream/scores.bin`, a cache and nothing more.
import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { STAGES } from '../../generation/stage.ts';
import { idAt, type Structure } from '../../graph/graph.ts';
import { readColumns, writeColumns, type Column } from '../../store/columns.ts';
import type { GenIndex } from '../../store/gens/genindex.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import { FILE, type Layout } from '../../store/layout.ts';
import type { Session } from '../project/session.ts';

const VERSION = 1;
/** Texts that are read between two turns of the event loop. */
const AT_A_TIME = 200;
const EVALUATION = STAGES.length - 1;

export class ScoreColumn {
  readonly #layout: Layout;
  /** By the digest of the parsed text; NaN for a text without a score. */
  readonly #known: Known;
  #structure: Structure | undefined;
  #scores = new Float64Array();
  #seen = new Uint32Array();
  #learned = false;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#known = readKnown(layout);
  }

  /** By row of the graph; NaN where there is no score that counts. */
  get scores(): Float64Array {
    return this.#scores;
  }

  /** Brings the column up to the session's index. True when a score has changed. */
  async refresh({ loaded: { structure }, index }: Session): Promise<boolean> {
    let changed = this.#adopt(structure);
    const words = index.digests.parsedFile;
    let read = 0;
    for (let row = 0; row < structure.size; row++) {
      if (structure.stage[row] !== EVALUATION) continue;
      const there = index.has(row, FILE.parsed);
      const [high, low] = there ? [words[row * 2] ?? 0, words[row * 2 + 1] ?? 0] : [0, 0];
      if (this.#seen[row * 2] === high && this.#seen[row * 2 + 1] === low) continue;
      changed = true;
      this.#seen[row * 2] = high;
      this.#seen[row * 2 + 1] = low;
      const known = there ? this.#known.get(high, low) : Number.NaN;
      if (known === undefined && ++read % AT_A_TIME === 0) await turn();
      this.#scores[row] = known ?? this.#read(structure, row, index);
    }
    return changed;
  }

  #read(structure: Structure, row: number, index: GenIndex): number {
    const { score, error } = scoreOfParsed(
      readArtifact(this.#layout, 'evaluation', idAt(structure, row), 'parsed'),
    );
    const value = error === undefined ? (score ?? Number.NaN) : Number.NaN;
    if (index.has(row, FILE.parsed)) {
      const words = index.digests.parsedFile;
      this.#known.set([words[row * 2] ?? 0, words[row * 2 + 1] ?? 0], value);
      this.#learned = true;
    }
    return value;
  }

  /** True when the rows are others than before. */
  #adopt(structure: Structure): boolean {
    if (structure === this.#structure) return false;
    this.#structure = structure;
    this.#scores = new Float64Array(structure.size).fill(Number.NaN);
    this.#seen = new Uint32Array(structure.size * 2);
    return true;
  }

  /** Remembers what was read, if anything was. */
  save(): void {
    if (!this.#learned) return;
    this.#learned = false;
    const digests = new Uint32Array(this.#known.size * 2);
    const scores = new Float64Array(this.#known.size);
    let place = 0;
    for (const [[high, low], score] of this.#known) {
      digests[place * 2] = high;
      digests[place * 2 + 1] = low;
      scores[place++] = score;
    }
    const columns = new Map<string, Column>();
    columns.set('digests', digests);
    columns.set('scores', scores);
    writeColumns(pathIn(this.#layout), VERSION, {}, columns);
  }
}

function pathIn({ state }: Layout): string {
  return join(state, 'scores.bin');
}

function readKnown(layout: Layout): Known {
  const columns = readColumns(pathIn(layout), VERSION)?.columns;
  const [digests, scores] = [columns?.get('digests'), columns?.get('scores')];
  const known = new Known();
  if (digests === undefined || scores === undefined) return known;
  for (const [place, score] of scores.entries())
    known.set([digests[place * 2] ?? 0, digests[place * 2 + 1] ?? 0], score);
  return known;
}

type Digest = readonly [high: number, low: number];

/** Scores by the two halves of a digest, found without a string being made for each of a hundred thousand rows. */
class Known {
  readonly #byHigh = new Map<number, { readonly low: number; readonly score: number }[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(high: number, low: number): number | undefined {
    return this.#byHigh.get(high)?.find((each) => each.low === low)?.score;
  }

  set([high, low]: Digest, score: number): void {
    const same = this.#byHigh.get(high) ?? [];
    const others = same.filter((each) => each.low !== low);
    this.#byHigh.set(high, [...others, { low, score }]);
    this.#size += 1 + others.length - same.length;
  }

  *[Symbol.iterator](): Generator<readonly [Digest, number]> {
    for (const [high, same] of this.#byHigh) for (const { low, score } of same) yield [[high, low], score];
  }
}
