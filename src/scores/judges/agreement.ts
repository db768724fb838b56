// Whether judges agree on essays. Knows nothing of reports.
import { krippendorffAlpha } from '../../statistics/agreement/krippendorff.ts';
import type { NumberLists } from '../../statistics/agreement/lists.ts';
import type { Judged } from '../columns/judgements.ts';

export interface Agreement {
  /** Judged texts that count: an essay under one rubric, scored by two judges or more. */
  readonly units: number;
  readonly judges: number;
  readonly ordinal: number | undefined;
  readonly interval: number | undefined;
}

/**
 * How far judges agree on essays, a unit for each essay and rubric. A judge's replicates count as one value, their mean. `items` are
 * places in those of the judgements; all where they are left out.
 */
export function agreementOf({ columns, items, firsts, means }: Judged, chosen?: Int32Array): Agreement {
  const judge = columns.field('evaluationModel');
  const judges = new Uint8Array(judge.size);
  const values = new Float64Array(means.length);
  const starts = [0];
  let next = 0;
  const count = chosen?.length ?? items.length - 1;
  for (let at = 0; at < count; at++) {
    const item = chosen === undefined ? at : (chosen[at] ?? 0);
    const [from, to] = [items[item] ?? 0, items[item + 1] ?? 0];
    if (to - from < 2) continue;
    for (let judgement = from; judgement < to; judgement++) {
      values[next++] = means[judgement] ?? 0;
      judges[judge.of[firsts[judgement] ?? 0] ?? 0] = 1;
    }
    starts.push(next);
  }
  const units: NumberLists = { values: values.subarray(0, next), starts: Int32Array.from(starts) };
  return {
    units: starts.length - 1,
    judges: judges.reduce((all, each) => all + each, 0),
    ordinal: krippendorffAlpha(units, 'ordinal'),
    interval: krippendorffAlpha(units, 'interval'),
  };
}
