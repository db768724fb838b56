// Where scores vary, against statsmodels' REML in balanced designs and against expected mean squares from whole matrices in others.
import { beforeAll, describe, expect, it } from 'vitest';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { type DifferenceNoise, LevelNoise, REPEATED } from '../../src/scores/separation/difference.ts';
import { NOISES, type Noises, noisesIn } from '../../src/scores/separation/noise.ts';
import { planFor, type Purchase } from '../../src/scores/separation/purchase.ts';
import { assuredPower, type Variance } from '../../src/statistics/significance/power.ts';
import { normalQuantile } from '../../src/statistics/distributions/normal.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';
import { type Cell, crossed } from '../support/scoredesign.ts';

const bits = seededBits(9);
const normal = (): number => normalQuantile((bits() + 0.5) / 2 ** 32);

/** Draws one number for each name that it is asked for. */
function effects(spread: number): (name: string) => number {
  const known = new Map<string, number>();
  return (name) => {
    const found = known.get(name) ?? spread * normal();
    known.set(name, found);
    return found;
  };
}

function noisy(): (cell: Cell) => number {
  const [combo, rest, draft, essay, judge] = [1.5, 0.8, 0.7, 0.6, 0.9].map(effects) as [
    (name: string) => number,
    (name: string) => number,
    (name: string) => number,
    (name: string) => number,
    (name: string) => number,
  ];
  return (cell) =>
    5 +
    0.4 * cell.draftTemplate -
    0.3 * cell.judge +
    combo(`${cell.combo}`) +
    rest(`${cell.combo} ${cell.draftTemplate} ${cell.essayTemplate}`) +
    draft(cell.draft) +
    essay(cell.essay) +
    judge(`${cell.essay} ${cell.rubric} ${cell.judge}`) +
    0.5 * normal();
}

const FULL = crossed(
  { combos: 6, draftTemplates: 3, draftReplicates: 2, essayReplicates: 2, judges: 2, replicates: 2 },
  noisy(),
);
const SHARED = crossed(
  {
    combos: 5,
    draftTemplates: 2,
    draftReplicates: 2,
    essayTemplates: 2,
    essayReplicates: 2,
    rubrics: 2,
    judges: 2,
    replicates: 2,
  },
  noisy(),
);
const DATA: Readonly<Record<string, ScoredRow[]>> = {
  balanced: FULL,
  'two essay templates of each draft': SHARED,
  thinned: SHARED.filter(() => bits() % 3 > 0),
  'without a template in some combos': FULL.filter(
    ({ comboId, draftTemplate }) => !(draftTemplate === 'd1' && ['c0', 'c5'].includes(comboId)),
  ),
  constant: crossed(
    { combos: 5, draftTemplates: 2, draftReplicates: 2, essayReplicates: 2, judges: 2, replicates: 2 },
    () => 5,
  ),
};

const PROGRAM = String.raw`
from collections import defaultdict
import itertools, warnings
import numpy as np
import statsmodels.formula.api as smf
import pandas as pd
warnings.simplefilter('ignore')
WAY = ['draftTemplate', 'draftModel', 'generationTemplate', 'generationModel']
NAMES = ['combo', 'rest', 'draft', 'essay', 'judge', 'replicate']
def keys(row):
    way = tuple(row[f] for f in WAY)
    return dict(combo=row['comboId'], rest=(row['comboId'], way), draft=row['draftGenId'], essay=row['parentGenId'],
        judge=(row['parentGenId'], row['evaluationTemplate'], row['evaluationModel']), way=way,
        rater=(row['evaluationTemplate'], row['evaluationModel']))
def components(rows):
    k = [keys(r) for r in rows]
    N = len(rows)
    y = np.array([r['score'] for r in rows], float)
    Z = dict(replicate=np.eye(N))
    for n in NAMES[:-1]:
        names = sorted({str(each[n]) for each in k})
        Z[n] = np.array([[str(each[n]) == name for name in names] for each in k], float)
    index = {n: defaultdict(list) for n in ['judge', 'essay', 'draft', 'rest']}
    for i, each in enumerate(k):
        for n in index:
            index[n][each[n]].append(i)
    def averaging(parts):
        return sum(parts) / len(parts)
    def unit(i):
        v = np.zeros(N); v[i] = 1
        return v
    score = {j: averaging([unit(i) for i in at]) for j, at in index['judge'].items()}
    rater = {j: k[at[0]]['rater'] for j, at in index['judge'].items()}
    usual = {r: np.mean([v @ y for j, v in score.items() if rater[j] == r]) for r in set(rater.values())}
    z = y - np.array([usual[each['rater']] for each in k])
    texts = {e: averaging([score[j] for j in score if j[0] == e]) for e in index['essay']}
    where = {e: k[at[0]] for e, at in index['essay'].items()}
    made = {}
    for e in texts:
        made.setdefault((where[e]['draft'], where[e]['rest']), []).append(texts[e])
    drafts = {d: averaging(v) for d, v in made.items()}
    cells = {}
    for (d, c), v in drafts.items():
        cells.setdefault(c, []).append(v)
    cell = {c: averaging(v) for c, v in cells.items()}
    # Each statistic: a quadratic form, whose expectation in the components is its trace with their covariances.
    forms = {}
    def add(name, groups, data, half=1):
        total, degrees, of = 0, 0, defaultdict(float)
        for units in groups:
            if len(units) < 2:
                continue
            L = np.array(units); C = np.eye(len(L)) - 1 / len(L)
            total += half * float(np.sum((C @ L @ data) ** 2)); degrees += len(L) - 1
            for n in NAMES:
                of[n] += half * float(np.sum((C @ (L @ Z[n])) ** 2))
        forms[name] = (total, degrees, of)
    add('replicate', [[unit(i) for i in at] for at in index['judge'].values()], y)
    pairs = []
    for rubric in sorted({r[0] for r in rater.values()}):
        judges = sorted({r[1] for r in rater.values() if r[0] == rubric})
        for a, b in itertools.combinations(judges, 2):
            pairs.append([score[(e, rubric, a)] - score[(e, rubric, b)] for e in texts if (e, rubric, a) in score and (e, rubric, b) in score])
    add('judge', pairs, y, 0.5)
    add('essay', made.values(), z)
    add('draft', cells.values(), z)
    ways = sorted({c[1] for c in cell})
    combos = sorted({c[0] for c in cell})
    two = [[(cell[(c, v)], cell[(c, w)]) for c in combos if (c, v) in cell and (c, w) in cell] for v, w in itertools.combinations(ways, 2)]
    add('rest', [[a - b for a, b in pair] for pair in two], z, 0.5)
    total, degrees, of = 0, 0, defaultdict(float)
    for pair in two:
        A, B = np.array([a for a, _ in pair]), np.array([b for _, b in pair]); C = np.eye(len(A)) - 1 / len(A)
        total += float((A @ z) @ C @ (B @ z)); degrees += len(A) - 1
        for n in NAMES:
            of[n] += float(np.sum((C @ (A @ Z[n])) * (C @ (B @ Z[n]))))
    forms['combo'] = (total, degrees, of)
    found = {}
    for name in ['replicate', 'judge', 'essay', 'draft', 'rest', 'combo']:
        total, degrees, of = forms[name]
        # What the combo itself puts into differences within combos is nothing, and so on upwards.
        found[name] = max(0.0, (total - sum((found[n] or 0) * of[n] for n in found)) / of[name]) if degrees else None
    return found
def reml(rows):
    frame = pd.DataFrame([dict(score=r['score'], way=str(keys(r)['way']), judge=r['evaluationModel'], combo=r['comboId'],
        rest=str(keys(r)['rest']), draft=r['draftGenId'], essay=r['parentGenId'], text=str(keys(r)['judge'])) for r in rows])
    model = smf.mixedlm('score ~ C(way) + C(judge)', frame, groups='combo', re_formula='1',
        vc_formula={n: '0 + C(%s)' % n for n in ['rest', 'draft', 'essay', 'text']})
    fit = model.fit(reml=True, method='lbfgs')
    names = model.exog_vc.names
    of = dict(zip(names, fit.vcomp))
    return dict(combo=float(fit.cov_re.iloc[0, 0]), rest=of['rest'], draft=of['draft'], essay=of['essay'], judge=of['text'], replicate=float(fit.scale))
answer(dict(squares={name: components(rows) for name, rows in given.items()}, reml=reml(given['balanced'])))
`;

type Answer = Readonly<Record<(typeof NOISES)[number], number>>;

describe('components of variance', needing('python3-statsmodels'), () => {
  let answers: { readonly squares: Readonly<Record<string, Answer>>; readonly reml: Answer };
  beforeAll(() => {
    answers = askPython('python3-statsmodels', PROGRAM, DATA);
  }, 120_000);

  const variances = (noises: Noises): Record<string, number | undefined> =>
    Object.fromEntries(NOISES.map((name) => [name, noises[name].variance]));
  const near = (answer: Answer, digits: number): Record<string, unknown> =>
    Object.fromEntries(NOISES.map((name) => [name, expect.closeTo(answer[name], digits)]));

  it.each(Object.keys(DATA))('are those of expected mean squares: %s', (name) => {
    expect(variances(noisesIn(judgedIn(DATA[name]!)))).toEqual(near(answers.squares[name]!, 8));
  });

  it("are those of statsmodels' REML in a balanced design", () => {
    expect(variances(noisesIn(judgedIn(FULL)))).toEqual(near(answers.reml, 2));
  });
});

describe('what was not repeated', () => {
  it('is a part of the stage above', () => {
    const once = noisesIn(judgedIn(crossed({ combos: 6, draftTemplates: 2 }, noisy())));
    expect(NOISES.filter((name) => once[name].variance === undefined)).toEqual([
      'draft',
      'essay',
      'judge',
      'replicate',
    ]);
    const single = noisesIn(judgedIn(crossed({ combos: 6 }, noisy())));
    expect(NOISES.filter((name) => single[name].variance !== undefined)).toEqual(['combo']);
    expect(noisesIn(judgedIn([])).combo).toEqual({ variance: undefined, degrees: 0 });
  });
});

const PAIRS: Record<string, ScoredRow[]> = Object.fromEntries(
  Object.entries(DATA)
    .filter(([name]) => name !== 'two essay templates of each draft' && name !== 'thinned')
    .map(([name, rows]) => [name, rows.filter(({ draftTemplate }) => draftTemplate !== 'd2')]),
);
PAIRS['thinned'] = PAIRS['balanced']!.filter(() => bits() % 3 > 0);
PAIRS['tied'] = PAIRS['thinned'].map((row) => ({ ...row, score: Math.round(row.score / 3) }));

/** What each score weighs is found by moving it alone. */
const WEIGHED = String.raw`
from collections import defaultdict
import numpy as np
STAGES = dict(draft=['draftGenId'], essay=['parentGenId'], judge=['parentGenId', 'evaluationModel'], replicate=['genId'])
def difference(rows, scores):
    judgements = defaultdict(list)
    for row, score in zip(rows, scores):
        judgements[(row['comboId'], row['evaluationModel'], row['draftTemplate'], row['parentGenId'])].append(score)
    blocks = defaultdict(lambda: defaultdict(list))
    for (combo, judge, template, _), own in judgements.items():
        blocks[(combo, judge)][template].append(np.mean(own))
    combos = defaultdict(list)
    for (combo, _), block in blocks.items():
        if len(block) == 2:
            combos[combo].append(np.mean(block['d0']) - np.mean(block['d1']))
    return {combo: np.mean(own) for combo, own in combos.items()}
def noise(rows, variances):
    y = np.array([row['score'] for row in rows])
    seen = difference(rows, y)
    moved = [difference(rows, np.eye(len(rows))[at]) for at in range(len(rows))]
    parts = {}
    for stage, names in STAGES.items():
        squares = []
        for combo in seen:
            weights = defaultdict(float)
            for row, each in zip(rows, moved):
                weights[tuple(row[name] for name in names)] += each[combo]
            squares.append(sum(weight ** 2 for weight in weights.values()))
        parts[stage] = variances[stage] * float(np.mean(squares))
    return dict(combos=len(seen), variance=float(np.var(list(seen.values()), ddof=1)), parts=parts)
answer({name: noise(**each) for name, each in given.items()})
`;

describe('what is in a difference, by moving each score alone', needing('python3-scipy'), () => {
  const noisesOf = new Map(Object.entries(PAIRS).map(([name, rows]) => [name, noisesIn(judgedIn(rows))]));
  let answers: Readonly<Record<string, DifferenceNoise>>;
  beforeAll(() => {
    const given = Object.entries(PAIRS).map(([name, rows]) => {
      const variances = Object.fromEntries(
        NOISES.map((each) => [each, noisesOf.get(name)![each].variance ?? 0]),
      );
      return [name, { rows, variances }];
    });
    answers = askPython('python3-scipy', WEIGHED, Object.fromEntries(given));
  }, 120_000);

  it.each(Object.keys(PAIRS))('is that of numpy: %s', (name) => {
    const expected = answers[name]!;
    const { combos, variance, parts } = new LevelNoise(
      judgedIn(PAIRS[name]!),
      'draft_template',
      noisesOf.get(name)!,
    ).between('d0', 'd1');
    expect(combos).toBe(expected.combos);
    expect(variance).toBeCloseTo(expected.variance!, 9);
    for (const stage of REPEATED) expect(parts[stage]).toBeCloseTo(expected.parts[stage], 9);
  });
});

describe('what is in a difference', () => {
  it('is each stage by how often it was repeated, and falls out where both sides share it', () => {
    const judged = judgedIn(SHARED);
    const noises = noisesIn(judged);
    const variance = (name: (typeof NOISES)[number]): number => noises[name].variance!;
    // Two drafts by two essay templates of two essays each, judged by two rubrics' two judges twice, on each side.
    const drafts = new LevelNoise(judged, 'draft_template', noises).between('d0', 'd1');
    expect(drafts).toMatchObject({ combos: 5 });
    expect(drafts.parts.draft).toBeCloseTo((2 * variance('draft')) / 2, 9);
    expect(drafts.parts.essay).toBeCloseTo((2 * variance('essay')) / 8, 9);
    expect(drafts.parts.judge).toBeCloseTo((2 * variance('judge')) / 32, 9);
    expect(drafts.parts.replicate).toBeCloseTo((2 * variance('replicate')) / 64, 9);
    const essays = new LevelNoise(judged, 'essay_template', noises).between('g0', 'g1');
    expect(essays.parts.draft).toBeCloseTo(0, 12);
    const judges = new LevelNoise(judged, 'judge', noises).between('j0', 'j1');
    expect([judges.parts.draft, judges.parts.essay]).toEqual([expect.closeTo(0, 12), expect.closeTo(0, 12)]);
  });
});

describe('a purchase', () => {
  const sure: Noises = Object.fromEntries(
    NOISES.map((name) => [name, { variance: 1, degrees: 1e6 }]),
  ) as Noises;
  const counts = { draft: 1, essay: 1, judge: 1, replicate: 1 };
  const variance = { value: 1, degrees: 1e6 };
  const plan = (
    combos: number,
    parts: Partial<Record<'draft' | 'essay' | 'judge' | 'replicate', number>>,
    difference = 0.5,
  ) =>
    planFor(
      difference,
      { combos, variance: 1, parts: { draft: 0, essay: 0, judge: 0, replicate: 0, ...parts } },
      { noises: sure, variance, counts },
    );

  it('is 34 combos for a difference of half a standard deviation, as published for paired t tests', () => {
    expect(plan(10, {}).purchases[0]).toMatchObject({ ware: 'combo', now: 10, needed: 34 });
  });

  it('is more combos where little is known of how they vary', () => {
    const few = planFor(
      0.5,
      { combos: 6, variance: 1, parts: { draft: 0, essay: 0, judge: 0, replicate: 0 } },
      { noises: sure, variance: { value: 1, degrees: 5 }, counts },
    );
    expect(few.purchases[0]!.needed).toBeGreaterThan(40);
  });

  it('is replicates only where they would do', () => {
    const { purchases } = plan(20, { draft: 0.3, replicate: 0.5 });
    const needed = Object.fromEntries(purchases.map((each) => [each.ware, each.needed]));
    // 20 combos want a variance of 0.58 or less: k times the drafts leave 0.2 + 0.8 / k, k times the replicates 0.5 + 0.5 / k.
    expect(needed).toEqual({ combo: 34, draft: 3, essay: 7, judge: 7, replicate: 7 });
    expect(plan(20, { replicate: 0.3 }).purchases.at(-1)).toMatchObject({
      ware: 'replicate',
      needed: undefined,
    });
  });

  it('of a ware that would not do promises what there is already', () => {
    const { power, purchases } = plan(20, { replicate: 0.3 });
    expect(purchases.at(-1)!.power).toBeCloseTo(power, 12);
  });

  it('takes the combos and the drafts together where combos differ by less than their drafts explain', () => {
    const noises = { ...sure, draft: { variance: 0.75, degrees: 20 } };
    const parts = { draft: 1.5, essay: 0, judge: 0, replicate: 0 };
    const drafts = (seen: Variance): Purchase =>
      planFor(0.6, { combos: 20, variance: seen.value, parts }, { noises, variance: seen, counts })
        .purchases[1]!;
    // (19 × 1 + 20 × 1.5) / 39 is what a combo's difference varies by, with 39 degrees of freedom.
    const { needed = 0, power } = drafts({ value: 1, degrees: 19 });
    const [value, luck] = [(19 + 30) / 39 / needed, (1 - 39 / 49) / needed];
    expect(power).toBeCloseTo(
      assuredPower(20, 0.6, { value, degrees: 39 }, { known: 0, fresh: 1 - luck }),
      12,
    );
    expect(drafts({ value: 1.5, degrees: 19 }).needed).toBeGreaterThan(needed);
  });

  it('is no replicate at all below six combos: no test of so few can show anything', () => {
    const { purchases } = plan(5, { draft: 0.99 }, 3);
    expect(purchases.map(({ ware, needed }) => [ware, needed])).toEqual([
      ['combo', 6],
      ['draft', undefined],
      ['essay', undefined],
      ['judge', undefined],
      ['replicate', undefined],
    ]);
  });
});
