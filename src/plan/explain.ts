// Spells out verdicts: the columns of one row as reasons with the values on both sides, and the way up to the root cause.
// Decides nothing and reads no file.
import { ARTIFACTS, STEPS, type Artifact, type Step } from '../generation/stage.ts';
import { PARTS, type PartName } from '../generation/trace.ts';
import { at, idAt, stageAt, type Graph } from '../graph/graph.ts';
import type { GenIndex } from '../store/gens/genindex.ts';
import type { Verdicts } from './judge.ts';
import { differingFiles } from './templatefiles.ts';
import { partIn, partsNow, partsRecorded } from './stepparts.ts';
import { STATES, WHY, type Reason, type Verdict } from './verdict.ts';
import { defined } from '../defined.ts';

/** What judging leaves behind. */
export interface Judged {
  readonly graph: Graph;
  readonly index: GenIndex;
  readonly verdicts: Verdicts;
}

/** One row of the verdicts as a value. Reasons come in the order of the steps. */
export function explain(judged: Judged, row: number): Verdict {
  const { graph, verdicts } = judged;
  const state = at(STATES, at(verdicts.state, row));
  const from = STEPS[at(verdicts.from, row) - 1];
  const cause = at(verdicts.cause, row);
  return defined({
    genId: idAt(graph, row),
    stage: stageAt(graph, row),
    state,
    from,
    reasons: reasonsOf(judged, row),
    ...(cause < 0 ? {} : { cause: idAt(graph, cause) }),
    edited: editedArtifacts(at(verdicts.edited, row)),
    failure: standingFailure(judged, row),
    untraced: at(verdicts.untraced, row) === 1,
  });
}

/** The failure with which a generation is missing, accepted or not; undefined where what was recorded is over. */
export function standingFailure({ index, verdicts }: Judged, row: number): Verdict['failure'] {
  const state = at(STATES, at(verdicts.state, row));
  return state === 'failed' || state === 'accepted' ? index.failureAt(row) : undefined;
}

function reasonsOf(judged: Judged, row: number): readonly Reason[] {
  const { index, verdicts } = judged;
  const bits = at(verdicts.why, row);
  if (bits === 0) return [];
  const reasons: Reason[] = [];
  const has = (bit: number): boolean => (bits & bit) !== 0;
  if (has(WHY.forced)) reasons.push({ kind: 'forced' });
  if (has(WHY.discarded)) {
    for (const artifact of editedArtifacts(at(verdicts.edited, row)))
      reasons.push({ kind: 'discarded', artifact });
  }
  const failure = index.failureAt(row);
  if (has(WHY.retry) && failure !== undefined) reasons.push({ kind: 'retry', failure: failure.kind });
  if (has(WHY.foreign_prompt)) reasons.push({ kind: 'foreign_prompt' });
  for (const [place, step] of STEPS.entries()) {
    if (has(WHY[`never_${step}`])) reasons.push({ kind: 'never_built', step });
    const changed = PARTS[step].filter((part) => has(WHY[part]));
    if (changed.length > 0) {
      const parts = comparison(judged, row, step);
      for (const { part, recorded, now } of parts.filter((each) =>
        changed.some((name) => name === each.part),
      )) {
        const files = part === 'template' ? differingFiles(judged.graph, index, row) : undefined;
        reasons.push(defined({ kind: 'part', step, part, recorded, now, files }));
      }
    }
    const artifact = at(ARTIFACTS, place);
    if (has(WHY[`missing_${artifact}`])) reasons.push({ kind: 'missing', artifact });
  }
  return reasons;
}

function editedArtifacts(bits: number): readonly Artifact[] {
  return ARTIFACTS.filter((_, place) => (bits & (1 << place)) !== 0);
}

export interface PartComparison {
  readonly part: PartName;
  /** A digest or a literal; null where that side does not have the part. */
  readonly recorded: string | null;
  readonly now: string | null;
  readonly differs: boolean;
}

export interface StepComparison {
  readonly step: Step;
  /** False where the trace says nothing of the step: every part of now then differs. */
  readonly recorded: boolean;
  /** Parts that neither side has are left out. */
  readonly parts: readonly PartComparison[];
}

/** Why a generation is in its state. */
export interface WhyReport {
  readonly verdict: Verdict;
  readonly steps: readonly StepComparison[];
  /** The generation itself, then what it is made from, up to and including the root cause. */
  readonly chain: readonly Verdict[];
  /** The last of the chain, where that is not the generation itself. */
  readonly cause?: Verdict;
}

export function why(judged: Judged, row: number): WhyReport {
  const { graph, index, verdicts } = judged;
  const verdict = explain(judged, row);
  const chain = [
    verdict,
    ...rowsToCause(graph, row, at(verdicts.cause, row)).map((above) => explain(judged, above)),
  ];
  const root = chain.length === 1 ? undefined : chain.at(-1);
  const steps = STEPS.map((step) => ({
    step,
    recorded: at(index.keys[step], row) !== 0,
    parts: comparison(judged, row, step),
  }));
  return defined({ verdict, steps, chain, cause: root });
}

/** Rows above a row, up to and including its cause; none when it has none. */
function rowsToCause({ parent }: Graph, row: number, cause: number): readonly number[] {
  if (cause < 0) return [];
  const rows: number[] = [];
  for (let above = at(parent, row); above >= cause; above = at(parent, above)) rows.push(above);
  return rows;
}

function comparison({ graph, index, verdicts }: Judged, row: number, step: Step): readonly PartComparison[] {
  const saysProvider = (at(verdicts.why, row) & WHY.provider) !== 0;
  const before = partsRecorded(index, row, step);
  const present = partsNow(graph, index, row, step);
  return PARTS[step].flatMap((part): PartComparison[] => {
    const now = partIn(present, part);
    const found = partIn(before, part);
    const recorded = found !== null && graph.formerly.get(found) === now ? now : found;
    if (recorded === null && now === null) return [];
    // A server may stand in the trace by the label that it had.
    const same = recorded === now || (part === 'provider' && recorded !== null && !saysProvider);
    return [{ part, recorded, now, differs: !same }];
  });
}
