// From a request (what to select, what to force) to a plan: which rows are in scope and what each needs. Runs nothing.
import type { BrokenCohort } from '../../cohort/cohort.ts';
import { problem, ProblemError, hasErrors, type Problem } from '../../problem.ts';
import { isStage } from '../../generation/stage.ts';
import type { FailureKind } from '../../generation/trace.ts';
import { keyAt, at, idAt, type Graph } from '../../graph/graph.ts';
import { shardRows, type Shard } from '../../graph/shard.ts';
import { parseSelectors, selectRows } from '../../graph/selectors.ts';
import { STATE, type Judge, type Verdicts } from '../../plan/judge.ts';
import { FROM, SETTLED, STATES, WHY } from '../../plan/verdict.ts';
import { OFFLINE } from '../../config.ts';
import type { LoadedGraph } from '../project/load.ts';
import { judge, type Session } from '../project/session.ts';
import { soundSelection, touchedBy, withBroken } from './broken.ts';
import { scoreMethod, textMethod } from './contents.ts';
import { refuseUndecided } from './undecided.ts';
import { tagMethod } from '../project/tags.ts';
import { FILE } from '../../store/layout.ts';
import { isCopy } from '../../generation/mode.ts';

export interface PlanRequest {
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  /** Everything selected, or only what these selectors or stage names match. */
  readonly force?: 'all' | readonly string[];
  /** What an interrupted plan has left of its forced rows, by stage and id; takes the place of `force`. */
  readonly stillForced?: ReadonlySet<string>;
  /** Those whose answers have come in a batch after they were forced, by stage and id: they are put in place, whatever `force` says. */
  readonly renewed?: ReadonlySet<string> | undefined;
  readonly edits: 'keep' | 'discard';
  /** Kinds of failed replies that are asked again. */
  readonly retry: ReadonlySet<FailureKind>;
  /** Of all that, only what belongs to this part. */
  readonly shard?: Shard | undefined;
}

export const PLAIN_REQUEST: PlanRequest = { select: [], exclude: [], edits: 'keep', retry: new Set() };

export interface Plan {
  readonly session: Session;
  readonly judge: Judge;
  /** 1 where a row was selected. */
  readonly selected: Uint8Array;
  /** 1 where a row is selected, or a selected one can not be settled without it. */
  readonly scope: Uint8Array;
  /** 1 where the generate step is forced; cleared as rows are done. */
  readonly forced: Uint8Array;
  /** Cohorts that can not be used and that may have something of what was selected: of them nothing is in the plan. */
  readonly broken: readonly BrokenCohort[];
}

/** Selectors behind `--force` with no other selection are the selection: the order of words does not change what is bought. */
export function meantBy(request: PlanRequest): PlanRequest {
  const { select, force } = request;
  if (select.length > 0 || force === undefined || force === 'all') return request;
  const selectors = force.filter((word) => !isStage(word));
  return selectors.length === 0 ? request : { ...request, select: selectors };
}

/** `judged`: the session's rows, judged just now, where they are at hand. */
export async function makePlan(session: Session, given: PlanRequest, judged?: Judge): Promise<Plan> {
  const { graph } = session.loaded;
  const request = meantBy(given);
  const before = judged ?? (await judge(session));
  const chosen = selectFrom(session.loaded, before.verdicts, request);
  const { shard } = request;
  const mine = shard === undefined ? undefined : shardRows(graph, shard);
  const selected = within(chosen, mine);
  const forced = within(forcedRows(session.loaded, before.verdicts, request, chosen), mine);
  const asked = forced.includes(1) || request.edits === 'discard' || request.retry.size > 0;
  const discarded = request.edits === 'discard' ? { discarded: selected.slice() } : {};
  const made = asked ? await judge(session, { forced, retry: request.retry, ...discarded }) : before;
  const scope = withUnsettledAbove(graph, made.verdicts, selected);
  refuseUndecided(session, made.verdicts, scope);
  return {
    session,
    judge: made,
    selected,
    scope,
    forced,
    broken: touchedBy(session.loaded, request),
  };
}

/** 1 for every row that the words select; a ProblemError when they can not be read, match nothing, or name only what is broken. */
export function selectFrom(
  loaded: Pick<LoadedGraph, 'graph' | 'layout' | 'broken'>,
  verdicts: Verdicts,
  { select, exclude }: Pick<PlanRequest, 'select' | 'exclude'>,
): Uint8Array {
  const { graph, layout } = loaded;
  if (graph.cohorts.length === 0) throw new ProblemError([nothingThere(layout)]);
  const include = parseSelectors(select);
  const leave = parseSelectors(exclude);
  const problems: Problem[] = [...include.problems, ...leave.problems];
  if (hasErrors(problems)) throw new ProblemError(problems);
  const stateAt = (row: number): string => STATES[at(verdicts.state, row)] ?? 'current';
  const extra = new Map([
    ['tag', tagMethod(layout, graph)],
    ['score', scoreMethod(layout, graph)],
    ['text', textMethod(layout, graph)],
  ]);
  const named = soundSelection(loaded, { include: include.value, exclude: leave.value });
  const rows = selectRows(named, { graph, stateAt, extra });
  if (hasErrors(rows.problems))
    throw new ProblemError(withBroken(rows.problems, touchedBy(loaded, { select, exclude })));
  return rows.value;
}

function within(rows: Uint8Array, mine: Uint8Array | undefined): Uint8Array {
  return mine === undefined ? rows : rows.map((each, row) => each & at(mine, row));
}

function nothingThere({ cohorts }: LoadedGraph['layout']): Problem {
  return problem('DD113', `no cohort lies in ${cohorts}`, { place: { file: cohorts } });
}

function forcedRows(
  loaded: LoadedGraph,
  verdicts: Verdicts,
  request: PlanRequest,
  selected: Uint8Array,
): Uint8Array {
  const { stillForced, renewed } = request;
  const among = (keys: ReadonlySet<string>): Uint8Array =>
    selected.map((each, row) => (each === 1 && keys.has(keyAt(loaded.graph, row)) ? 1 : 0));
  if (renewed !== undefined && renewed.size > 0) {
    const others = forcedRows(loaded, verdicts, { ...request, renewed: undefined }, selected);
    return among(renewed).map((each, row) => each | at(others, row));
  }
  if (stillForced !== undefined) return among(stillForced);
  if (request.force === undefined) return new Uint8Array(selected.length);
  if (request.force === 'all') return selected.slice();
  const select = request.force.map((word) => (isStage(word) ? `stage:${word}` : word));
  const forced = selectFrom(loaded, verdicts, { select, exclude: [] });
  const both = forced.map((each, row) => each & at(selected, row));
  if (!both.includes(1)) throw new ProblemError([forcesNothing(request.select, request.force)]);
  return both;
}

/** What a plan that was run has left of its forced rows, by stage and id. */
export function stillForced({ forced, session: { loaded } }: Plan): ReadonlySet<string> {
  const left = new Set<string>();
  for (const [row, each] of forced.entries()) if (each === 1) left.add(keyAt(loaded.graph, row));
  return left;
}

function forcesNothing(select: readonly string[], force: readonly string[]): Problem {
  const words = [...select, ...force.filter((word) => !isStage(word))].join(' ');
  return problem('DD109', `--force ${force.join(' ')} is nothing of what is selected: ${select.join(' ')}`, {
    reason: 'forces_nothing',
    cure: `Select what is to be made again, \`daydream build ${words} --force\`, or name something of the selection behind --force.`,
    data: { select, force },
  });
}

/** Selected rows with every row above them that must run first, as make builds what a target needs. */
function withUnsettledAbove(graph: Graph, verdicts: Verdicts, selected: Uint8Array): Uint8Array {
  const scope = selected.slice();
  for (let row = graph.size - 1; row >= 0; row--) {
    const parent = graph.parent[row] ?? -1;
    if (scope[row] === 1 && parent >= 0 && verdicts.attempted[parent] === 1) scope[parent] = 1;
  }
  return scope;
}

/** Rows in scope that a build will look at. */
export function attemptedRows({ scope, judge: { verdicts } }: Pick<Plan, 'scope' | 'judge'>): number[] {
  const rows: number[] = [];
  for (let row = 0; row < scope.length; row++)
    if (scope[row] === 1 && verdicts.attempted[row] === 1) rows.push(row);
  return rows;
}

/** Paid answers that the plan would replace by the offline model's; forced ones are meant to be. */
export function refuseOfflineOverPaid(plan: Plan): void {
  const { graph } = plan.session.loaded;
  const { index } = plan.session;
  const { verdicts } = plan.judge;
  const { template, askSet } = graph;
  const copies = graph.boundTemplates.map(isCopy);
  const offline = graph.asks.map((ask) => ask?.provider === OFFLINE);
  if (!offline.includes(true)) return;
  const providers = new Map<number, string | undefined>();
  const providerOf = (key: number): string | undefined => {
    if (!providers.has(key)) providers.set(key, index.parts(key)['provider']);
    return providers.get(key);
  };
  const rows = attemptedRows(plan).filter((row) => {
    if (copies[template[row] ?? 0] === true || offline[askSet[row] ?? 0] !== true) return false;
    if (plan.forced[row] === 1 || verdicts.from[row] === FROM.parse || !index.has(row, FILE.raw))
      return false;
    const recorded = providerOf(at(index.keys.generate, row));
    return recorded === undefined ? (at(verdicts.why, row) & WHY.foreign_prompt) !== 0 : recorded !== OFFLINE;
  });
  if (rows.length === 0) return;
  const first = rows.slice(0, 3).map((row) => idAt(graph, row));
  throw new ProblemError([
    problem(
      'DD112',
      `${rows.length} generation${rows.length === 1 ? '' : 's'} made by a real model would be made again by the offline one: ${first.join(', ')}${rows.length > 3 ? ' …' : ''}`,
      {
        data: { count: rows.length },
      },
    ),
  ]);
}

export interface StateCounts {
  readonly total: number;
  /** Of the failed ones: those that are asked again only when somebody says so. */
  readonly held: number;
  readonly states: Readonly<Record<(typeof STATES)[number], number>>;
  readonly untraced: number;
}

export function countSelected(
  { judge: { verdicts } }: { readonly judge: Pick<Judge, 'verdicts'> },
  selected: Uint8Array,
): StateCounts {
  const counts = new Uint32Array(STATES.length);
  let total = 0;
  let untraced = 0;
  let held = 0;
  for (let row = 0; row < selected.length; row++) {
    if (selected[row] !== 1) continue;
    total++;
    if (verdicts.state[row] === STATE.failed && verdicts.attempted[row] !== 1) held++;
    untraced += verdicts.untraced[row] ?? 0;
    const state = verdicts.state[row] ?? 0;
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return {
    total,
    held,
    untraced,
    states: Object.fromEntries(
      STATES.map((state, number) => [state, at(counts, number)]),
    ) as StateCounts['states'],
  };
}

/**
 * How what is made from selected generations stands, where it is not selected itself: by state, what there is none of left out. Looks
 * at it again, since only what is in scope is looked at while a plan runs.
 */
export function countBelow({ session, judge, selected, scope }: Plan): Readonly<Record<string, number>> {
  const { parent, size } = session.loaded.graph;
  const counts = new Map<string, number>();
  if (!selected.includes(0)) return {};
  const below = selected.slice();
  for (let row = 0; row < size; row++) {
    const above = parent[row] ?? -1;
    if (selected[row] === 1 || above < 0 || below[above] !== 1) continue;
    below[row] = 1;
    if (scope[row] !== 1) judge.row(row);
    const state = at(STATES, at(judge.verdicts.state, row));
    if (!SETTLED.has(state)) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? 1 : -1)));
}

export function isGreen({ states }: StateCounts): boolean {
  const { stale, missing, pending, submitted, failed, blocked } = states;
  return stale + missing + pending + submitted + failed + blocked === 0;
}
