// What one judge says of one essay by one rubric. Knows nothing of what is compared.
import type { NumberLists } from '../../statistics/agreement/lists.ts';
import { summarizeRange } from '../../statistics/summary.ts';
import type { ScoredRow } from '../rows.ts';
import { type Names, numbersAt, segmentsOf } from './codes.ts';
import { ScoreColumns } from './scorecolumns.ts';

/** Judgements as columns, in code point order of essay, rubric and judge. */
export interface Judged {
  readonly columns: ScoreColumns;
  readonly size: number;
  /** Places of the rows, those of a judgement together: its replicates. */
  readonly places: Int32Array;
  /** Where the places of each judgement begin; one more than there are. */
  readonly starts: Int32Array;
  /** The place of the first replicate of each: the others differ in the replicate alone. */
  readonly firsts: Int32Array;
  /** Of its replicates' scores. */
  readonly means: Float64Array;
  /** Where the judgements of each text by one rubric begin; one more than there are such. */
  readonly items: Int32Array;
}

/** A row without essay, rubric or judge is none. */
export function judgedIn(rows: readonly ScoredRow[]): Judged {
  const columns = new ScoreColumns(rows);
  const [essay, rubric, judge] = (['parentGenId', 'evaluationTemplate', 'evaluationModel'] as const).map(
    (field) => columns.field(field),
  ) as [Names, Names, Names];
  const byJudge = segmentsOf(judge).places;
  const order = segmentsOf(essay, segmentsOf(rubric, byJudge).places).places;
  const blank = [essay, rubric, judge].filter(({ names }) => names[0] === '');
  const places = blank.length === 0 ? order : order.filter((at) => blank.every(({ of }) => of[at] !== 0));
  const starts: number[] = [];
  const items: number[] = [];
  let last = -1;
  for (let at = 0; at < places.length; at++) {
    const place = places[at] ?? 0;
    const text = last >= 0 && essay.of[place] === essay.of[last] && rubric.of[place] === rubric.of[last];
    if (!text) items.push(starts.length);
    if (!text || judge.of[place] !== judge.of[last]) starts.push(at);
    last = place;
  }
  const size = starts.length;
  const found = {
    columns,
    size,
    places,
    starts: Int32Array.from([...starts, places.length]),
    firsts: Int32Array.from(starts, (at) => places[at] ?? 0),
    items: Int32Array.from([...items, size]),
  };
  return { ...found, means: meansOf(found) };
}

function meansOf({ columns, size, places, starts }: Omit<Judged, 'means'>): Float64Array {
  const means = new Float64Array(size);
  for (let judgement = 0; judgement < size; judgement++) {
    const [from, to] = [starts[judgement] ?? 0, starts[judgement + 1] ?? 0];
    const first = columns.scores[places[from] ?? 0] ?? 0;
    if (to - from === 1) means[judgement] = first;
    else {
      const own = new Float64Array(to - from);
      for (let at = from; at < to; at++) own[at - from] = columns.scores[places[at] ?? 0] ?? 0;
      own.sort();
      means[judgement] = summarizeRange(own, 0, own.length)?.mean ?? first;
    }
  }
  return means;
}

/** How many replicates. */
export function replicatesOf({ starts }: Judged, judgement: number): number {
  return (starts[judgement + 1] ?? 0) - (starts[judgement] ?? 0);
}

/** The replicates' scores of each judgement, or of some. */
export function listsIn(judged: Judged, judgements?: Int32Array): NumberLists {
  const { columns, places, starts } = judged;
  if (judgements === undefined) return { values: numbersAt(columns.scores, places), starts };
  const own = new Int32Array(judgements.length + 1);
  for (let at = 0; at < judgements.length; at++)
    own[at + 1] = (own[at] ?? 0) + replicatesOf(judged, judgements[at] ?? 0);
  const values = new Float64Array(own[judgements.length] ?? 0);
  let next = 0;
  for (const judgement of judgements)
    for (let at = starts[judgement] ?? 0; at < (starts[judgement + 1] ?? 0); at++)
      values[next++] = columns.scores[places[at] ?? 0] ?? 0;
  return { values, starts: own };
}

/** A judgement by itself. */
export interface Judgement {
  readonly row: ScoredRow;
  /** The replicates' scores. */
  readonly scores: readonly number[];
  readonly mean: number;
}

/** The same one by one. */
export function listed({ columns, places, starts, firsts, means }: Judged): Judgement[] {
  return Array.from(firsts).flatMap((place, at): Judgement[] => {
    const row = columns.rows[place];
    if (row === undefined) return [];
    const own = places.subarray(starts[at] ?? 0, starts[at + 1] ?? 0);
    return [
      { row, scores: Array.from(own, (each) => columns.scores[each] ?? 0), mean: means[at] ?? row.score },
    ];
  });
}

export function judgementsOf(rows: readonly ScoredRow[]): Judgement[] {
  return listed(judgedIn(rows));
}
