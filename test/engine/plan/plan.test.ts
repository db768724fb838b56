// What plans: a selection with what it needs above it, and nothing else; forced is what was selected and named.
import { describe, expect, it } from 'vitest';
import {
  attemptedRows,
  countBelow,
  countSelected,
  isGreen,
  makePlan,
  meantBy,
  PLAIN_REQUEST,
} from '../../../src/engine/plan/plan.ts';
import type { Plan, PlanRequest } from '../../../src/engine/plan/plan.ts';
import { openSession } from '../../../src/engine/project/session.ts';
import { idAt } from '../../../src/graph/graph.ts';
import { ProblemError } from '../../../src/problem.ts';
import { fromBuilt } from '../../support/builtkite.ts';
import { DRAFT, ESSAY, JUDGE, type Kite } from '../../support/kite.ts';

let kite: Kite;
fromBuilt((fresh) => ({ kite } = fresh));

async function planOf(request: Partial<PlanRequest> = {}): Promise<Plan> {
  const session = await openSession({ root: kite.root, environment: {}, now: Date.now });
  return makePlan(session, { ...PLAIN_REQUEST, ...request });
}

/** Folders of what a build would look at. */
function foldersOf(plan: Plan): readonly string[] {
  const { graph } = plan.session.loaded;
  return attemptedRows(plan)
    .map((row) => `data/gens/${['draft', 'essay', 'evaluation'][graph.stage[row] ?? 0]}/${idAt(graph, row)}`)
    .sort();
}

const folders = (...labels: readonly string[]): readonly string[] =>
  labels.map((label) => kite.folder(label)).sort();

async function refused(planning: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await planning.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error('it was not refused', { cause: error });
  return error.problems.map(({ code }) => code);
}

describe('a plan', () => {
  it('is empty of what was just built, and everything of what never was', async () => {
    const plan = await planOf();
    expect(foldersOf(plan)).toEqual([]);
    expect(isGreen(countSelected(plan, plan.selected))).toBe(true);
    kite.remove('data/gens');
    const fresh = await planOf();
    expect(foldersOf(fresh)).toHaveLength(28);
    expect(countSelected(fresh, fresh.selected).states).toMatchObject({
      missing: 28,
      current: 0,
    });
  });

  it('holds what a selection needs above it, and of the rest nothing', async () => {
    kite.write(DRAFT, 'Use {{ concepts[0].name }}.\n');
    const plan = await planOf({ select: [kite.id('A:d-one/e-llm/v-one')] });
    expect(foldersOf(plan)).toEqual(folders('A:d-one', 'A:d-one/e-llm', 'A:d-one/e-llm/v-one'));
    expect(countSelected(plan, plan.selected).total).toBe(1);
  });

  it('of an essay leaves what is judged of it alone, and says how it stands', async () => {
    kite.write(ESSAY, 'Another {{ links_block }}\n');
    const plan = await planOf({ select: ['stage:essay'] });
    expect(foldersOf(plan)).toEqual(
      folders('A:d-one/e-llm', 'A:d-two/e-llm', 'B:d-one/e-llm', 'B:d-two/e-llm'),
    );
    expect(countBelow(plan)).toEqual({ pending: 8 });
  });

  it('leaves out what is excluded', async () => {
    kite.write(JUDGE, 'Judge anew: {{ response }}\n');
    const plan = await planOf({ select: ['combo:A'], exclude: ['template:d-two+'] });
    expect(foldersOf(plan)).toEqual(
      folders(
        'A:d-one/e-llm/v-one',
        'A:d-one/e-llm/v-one#2',
        'A:d-one/e-copy/v-one',
        'A:d-one/e-copy/v-one#2',
      ),
    );
  });

  it('can not be made of words that select nothing, or that nobody can read', async () => {
    expect(await refused(planOf({ select: ['combo:Z'] }))).toEqual(['DD109']);
    expect(await refused(planOf({ select: ['size:9'] }))).toEqual(['DD108']);
    expect(await refused(planOf({ exclude: ['state:perfect'] }))).toHaveLength(1);
  });
});

describe('what is forced', () => {
  it('is all of a selection, and only its own step: what is below follows by what comes out', async () => {
    const plan = await planOf({ select: ['combo:A'], exclude: ['template:d-two+'], force: 'all' });
    expect(plan.forced.reduce((sum, each) => sum + each, 0)).toBe(7);
    expect(foldersOf(plan)).toHaveLength(7);
  });

  it('is of a selection what the words behind it name', async () => {
    const plan = await planOf({ select: ['combo:A'], force: ['draft'] });
    expect(plan.forced.reduce((sum, each) => sum + each, 0)).toBe(2);
  });

  it('is the selection, where there is no other: the order of words does not change what is bought', async () => {
    const id = kite.id('A:d-one/e-llm');
    kite.write(JUDGE, 'Judge anew: {{ response }}\n');
    const [named, selected] = [await planOf({ force: [id] }), await planOf({ select: [id], force: 'all' })];
    expect(foldersOf(named)).toEqual(folders('A:d-one/e-llm'));
    expect(foldersOf(selected)).toEqual(foldersOf(named));
    expect(meantBy({ ...PLAIN_REQUEST, force: ['draft'] }).select).toEqual([]);
  });

  it('must be something of what is selected', async () => {
    expect(await refused(planOf({ select: ['combo:A'], force: ['combo:B'] }))).toEqual(['DD109']);
  });
});

describe('parts of a plan', () => {
  it('hold each chain once, whole', async () => {
    kite.remove('data/gens');
    const parts = await Promise.all([1, 2, 3].map((index) => planOf({ shard: { index, of: 3 } })));
    const all = parts.flatMap((plan) => foldersOf(plan));
    expect([...all].sort()).toEqual(foldersOf(await planOf()));
    for (const plan of parts) {
      const { graph } = plan.session.loaded;
      const parents = attemptedRows(plan).map((row) => graph.parent[row] ?? -1);
      expect(parents.filter((row) => row >= 0 && plan.selected[row] !== 1)).toEqual([]);
    }
  });
});
