// Early cutoff once a prompt is rendered: which steps hold although what is above them was made again. Below a generation that ran,
// the judge itself cuts off when it is asked again. Renders nothing and touches no disk.
import { at } from '../graph/graph.ts';
import type { GenIndex } from '../store/gens/genindex.ts';
import type { Verdicts } from './judge.ts';
import { GENERATE_BITS, PARSE_BITS, WHY } from './verdict.ts';

/** What a stale prompt, rendered anew, leaves to do: `prompt` where its text is the one that was answered, and the answer holds. */
export type Remainder = 'generate' | 'parse' | 'prompt';

export function afterRendering(
  { verdicts, index }: { readonly verdicts: Verdicts; readonly index: GenIndex },
  row: number,
  promptDigest: string,
): Remainder {
  const bits = at(verdicts.why, row);
  const discarding = (bits & WHY.discarded) !== 0;
  const generateHolds =
    (bits & GENERATE_BITS) === 0 &&
    index.get('promptIn', row) === promptDigest &&
    (!discarding || index.same('rawFile', row, 'rawOut'));
  if (!generateHolds) return 'generate';
  const parseHolds =
    (bits & PARSE_BITS) === 0 &&
    index.same('rawFile', row, 'rawIn') &&
    (!discarding || index.same('parsedFile', row, 'parsedOut'));
  return parseHolds ? 'prompt' : 'parse';
}
