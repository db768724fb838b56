// Scores of a crossed design with replicates of every stage, a function saying which. Knows no expectation.
import type { ScoredRow } from '../../src/scores/rows.ts';
import { scored } from './scores.ts';

export interface Design {
  readonly combos: number;
  readonly draftTemplates?: number;
  readonly draftModels?: number;
  readonly draftReplicates?: number;
  readonly essayTemplates?: number;
  readonly essayReplicates?: number;
  readonly rubrics?: number;
  readonly judges?: number;
  readonly replicates?: number;
}

/** Where a score stands in its design: numbers from 0, and names of the texts. */
export interface Cell {
  readonly combo: number;
  readonly draftTemplate: number;
  readonly draftModel: number;
  readonly draftReplicate: number;
  readonly essayTemplate: number;
  readonly essayReplicate: number;
  readonly rubric: number;
  readonly judge: number;
  readonly replicate: number;
  readonly draft: string;
  readonly essay: string;
}

/** Levels are called d0, m0, g0, r0, j0 and so on, combos c0; one of each where nothing is said. */
export function crossed(design: Design, scoreOf: (cell: Cell) => number): ScoredRow[] {
  const counts = [
    design.combos,
    design.draftTemplates ?? 1,
    design.draftModels ?? 1,
    design.draftReplicates ?? 1,
    design.essayTemplates ?? 1,
    design.essayReplicates ?? 1,
    design.rubrics ?? 1,
    design.judges ?? 1,
    design.replicates ?? 1,
  ];
  const size = counts.reduce((product, each) => product * each, 1);
  return Array.from({ length: size }, (_, at) => rowAt(placesOf(at, counts), scoreOf));
}

/** The digits of a number of mixed radix, the last one the fastest. */
function placesOf(at: number, counts: readonly number[]): number[] {
  let rest = at;
  return counts
    .toReversed()
    .map((count) => {
      const place = rest % count;
      rest = Math.floor(rest / count);
      return place;
    })
    .toReversed();
}

function rowAt(places: readonly number[], scoreOf: (cell: Cell) => number): ScoredRow {
  const [combo = 0, draftTemplate = 0, draftModel = 0, draftReplicate = 0, essayTemplate = 0] = places;
  const [essayReplicate = 0, rubric = 0, judge = 0, replicate = 0] = places.slice(5);
  const draft = `d_${places.slice(0, 4).join('.')}`;
  const essay = `e_${places.slice(0, 6).join('.')}`;
  const cell = {
    combo,
    draftTemplate,
    draftModel,
    draftReplicate,
    essayTemplate,
    essayReplicate,
    rubric,
    judge,
    replicate,
  };
  return scored({
    genId: `v_${places.join('.')}`,
    parentGenId: essay,
    draftGenId: draft,
    comboId: `c${combo}`,
    draftTemplate: `d${draftTemplate}`,
    draftModel: `m${draftModel}`,
    draftReplicate: draftReplicate + 1,
    generationTemplate: `g${essayTemplate}`,
    generationModel: 'w0',
    essayReplicate: essayReplicate + 1,
    evaluationTemplate: `r${rubric}`,
    evaluationModel: `j${judge}`,
    replicate: replicate + 1,
    score: scoreOf({ ...cell, draft, essay }),
  });
}
