// How things stand: counts by cohort, stage and state, and whether all is current. Read-only.
import type { BrokenCohort } from '../../cohort/cohort.ts';
import { defined } from '../../defined.ts';
import { countSelected, isGreen, type StateCounts } from '../../engine/plan/plan.ts';
import { STAGES, type Stage } from '../../generation/stage.ts';
import { at } from '../../graph/graph.ts';
import { refuseUndecided } from '../../engine/plan/undecided.ts';
import { STATES, type State, type Verdict } from '../../plan/verdict.ts';
import type { GateVerdict } from '../../scores/gate/verdict.ts';
import { type CheckOptions, gateOptions, type SelectOptions, wordsOf } from '../request.ts';
import { selectedSound, type Reading } from './open.ts';

/** Of what was selected. */
export interface Status extends StateCounts {
  /** By cohort and stage; a generation of several cohorts counts in each. */
  readonly lines: readonly {
    readonly cohort: string;
    readonly stage: Stage;
    readonly states: Readonly<Record<State, number>>;
  }[];
  /** Cohorts that can not be used and that may have something of what was selected; absent where there are none. */
  readonly broken?: readonly BrokenCohort[];
}

export function statusOf(reading: Reading, options: SelectOptions): Status {
  const { graph, verdicts } = reading.judged;
  const { selected, broken } = selectedSound(options, reading);
  const lines = graph.cohorts.flatMap(({ id, members }) => {
    const counts = new Uint32Array(STAGES.length * STATES.length);
    for (let member = 0; member < members.length; member++) {
      const row = members[member] ?? 0;
      if (selected[row] !== 1) continue;
      const place = (graph.stage[row] ?? 0) * STATES.length + (verdicts.state[row] ?? 0);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    return STAGES.map((stage, number) => {
      const own = STATES.map((state, place) => [state, counts[number * STATES.length + place] ?? 0]);
      return { cohort: id, stage, states: Object.fromEntries(own) as Record<State, number> };
    });
  });
  const counts = countSelected({ judge: { verdicts } }, selected);
  return { ...counts, lines, ...(broken.length === 0 ? {} : { broken }) };
}

/** Whether what was selected is current, and the rows that are not, edited ones among them. */
export interface Checked {
  readonly current: boolean;
  readonly counts: StateCounts;
  readonly rows: readonly number[];
  /** Cohorts that can not be used and that may have something of what was selected. */
  readonly broken: readonly BrokenCohort[];
  /** Undefined where no gate was asked for. */
  readonly gate: GateVerdict | undefined;
}

/** Throws a ProblemError: DD170 for a gate that can not be read, DD102 for `over` without one, DD284 for a merge in an edited file. */
export async function checkSelected(reading: Reading, options: CheckOptions): Promise<Checked> {
  gateOptions(options);
  const { verdicts } = reading.judged;
  const { selected, broken } = selectedSound(options, reading);
  refuseUndecided(reading.session, verdicts, selected);
  const counts = countSelected({ judge: { verdicts } }, selected);
  const rows: number[] = [];
  for (let row = 0; row < selected.length; row++)
    if (selected[row] === 1 && at(verdicts.state, row) !== 0) rows.push(row);
  const current = isGreen(counts) && broken.length === 0;
  return { current, counts, rows, broken, gate: await gateIn(reading, selected, options) };
}

async function gateIn(
  { session, judged }: Reading,
  selected: Uint8Array,
  { gate, over }: CheckOptions,
): Promise<GateVerdict | undefined> {
  if (gate === undefined) return undefined;
  const { gateOf } = await import('../../engine/results/gate.ts');
  return gateOf(session, { selected, state: judged.verdicts.state, gates: wordsOf(gate), over });
}

export interface CheckReport extends StateCounts {
  readonly current: boolean;
  /** Every generation that is not plainly current, those edited by hand among them. */
  readonly generations: readonly Verdict[];
  /** Cohorts that can not be used and that may have something of what was selected; absent where there are none. */
  readonly broken?: readonly BrokenCohort[];
  /** Whether the scores pass; only where a gate was asked for. */
  readonly gate?: GateVerdict;
}

export async function checkReport({ judged }: Reading, checked: Checked): Promise<CheckReport> {
  const { explain } = await import('../../plan/explain.ts');
  const { current, counts, rows, broken, gate } = checked;
  const generations = rows.map((row) => explain(judged, row));
  const lost = broken.length === 0 ? {} : { broken };
  return { current, ...counts, generations, ...lost, ...defined({ gate }) };
}
