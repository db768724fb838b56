// Paired comparisons against the same computed from whole tables in pandas' manner with numpy and SciPy, on full, thinned and tied scores.
import { beforeAll, describe, expect, it } from 'vitest';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import type { ComparedDimension } from '../../src/scores/levels/dimensions.ts';
import { contendersOf, type LevelPair, rankBy } from '../../src/scores/levels/ranking.ts';
import { type Over, OVERS } from '../../src/scores/observations.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';
import { type Cell, crossed } from '../support/scoredesign.ts';
import { scored } from '../support/scores.ts';

const bits = seededBits(5);
const unit = (): number => bits() / 2 ** 32;
const noisy = ({ combo, draftTemplate, judge }: Cell): number =>
  ((combo * 37) % 11) / 3 + (draftTemplate === 1 ? 0.4 : 0) + (judge === 1 ? 0.7 : 0) + 3 * unit();
const SHAPE = {
  draftTemplates: 3,
  draftModels: 2,
  draftReplicates: 2,
  essayTemplates: 2,
  rubrics: 2,
  judges: 2,
  replicates: 2,
};

const FULL = crossed({ ...SHAPE, combos: 7 }, noisy);
const DATA: Readonly<Record<string, ScoredRow[]>> = {
  full: FULL,
  thinned: FULL.filter(() => unit() < 0.3),
  'without a template in some combos': FULL.filter(
    ({ comboId, draftTemplate }) => !(draftTemplate === 'd2' && ['c0', 'c3'].includes(comboId)),
  ),
  tied: crossed({ ...SHAPE, combos: 7 }, ({ combo, draftTemplate }) =>
    draftTemplate === 1 && combo > 2 ? 6 : 5,
  ),
  constant: crossed({ ...SHAPE, combos: 6 }, () => 5),
  'two combos': crossed({ ...SHAPE, combos: 2 }, noisy),
};
const DIMENSIONS: readonly ComparedDimension[] = [
  'draft_template',
  'draft_model',
  'essay_template',
  'rubric',
  'judge',
  'way',
];
const CASES = Object.keys(DATA).flatMap((name) =>
  DIMENSIONS.flatMap((dimension) => OVERS.map((over) => ({ name, dimension, over }))),
);

/** Whole matrices of all would be large. */
const FEW: typeof DATA = Object.fromEntries(
  Object.entries(DATA).map(([name, rows]) => [
    name,
    rows.filter(({ draftModel, generationTemplate }) => draftModel === 'm0' && generationTemplate === 'g0'),
  ]),
);
const MEANS = CASES.filter(({ dimension }) => dimension === 'draft_template' || dimension === 'judge');

interface Answer {
  readonly a: string;
  readonly b: string;
  readonly difference: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly p: number | null;
  readonly blocks: number;
  readonly left: number;
}

type Mean = readonly [mean: number, std: number, clusters: number, low: number | null, high: number | null];

const PROGRAM = String.raw`
import itertools
from collections import defaultdict
import numpy as np
from scipy import stats
FIELDS = ['comboId', 'draftTemplate', 'draftModel', 'draftGenId', 'generationTemplate', 'generationModel', 'parentGenId', 'evaluationTemplate', 'evaluationModel']
# What differs along with the dimension, as drafts and essays must.
FREE = dict(
    draft_template=['draftTemplate', 'draftGenId', 'parentGenId'], draft_model=['draftModel', 'draftGenId', 'parentGenId'],
    essay_template=['generationTemplate', 'parentGenId'], rubric=['evaluationTemplate'], judge=['evaluationModel'],
    way=['draftTemplate', 'draftModel', 'draftGenId', 'generationTemplate', 'generationModel', 'parentGenId'])
def level(row, dimension):
    if dimension == 'way':
        return '%s@%s > %s@%s' % tuple(row[f] for f in ['draftTemplate', 'draftModel', 'generationTemplate', 'generationModel'])
    return row[dict(draft_template='draftTemplate', draft_model='draftModel', essay_template='generationTemplate', rubric='evaluationTemplate', judge='evaluationModel')[dimension]]
def interval(values, clusters, flips=True):
    y, g = np.array(values, float), np.array(clusters)
    n, names = len(y), sorted(set(clusters))
    H = np.full((n, n), 1 / n)
    if len(names) < 2:
        return None
    e, total, P, M = y - y.mean(), 0, [], np.eye(n) - H
    for name in names:
        rows = np.where(g == name)[0]
        v, u = np.linalg.eigh(np.eye(len(rows)) - H[np.ix_(rows, rows)])
        A = u @ np.diag(v ** -0.5) @ u.T
        total += (A @ e[rows]).sum() ** 2 / n ** 2
        P.append(M[rows].T @ A @ np.ones(len(rows)) / n)
    G = np.array(P) @ np.array(P).T
    degrees = np.trace(G) ** 2 / np.sum(G ** 2)
    if degrees < 4 - 1e-6:
        return None
    half = stats.t.ppf(0.975, degrees) * np.sqrt(total)
    sums = np.array([y[g == name].sum() for name in names])
    if len(names) > 16 or not flips:
        return y.mean() - half, y.mean() + half, None
    signs = np.array(list(itertools.product([-1, 1], repeat=len(sums))))
    return y.mean() - half, y.mean() + half, float(np.mean(np.abs(signs @ sums) >= abs(sums.sum()) - 1e-9))
def compare(rows, dimension, over):
    fixed = [f for f in FIELDS if f not in FREE[dimension]]
    essays = defaultdict(list)
    for row in rows:
        essays[tuple(row[f] for f in FIELDS)].append(row['score'])
    cells = defaultdict(lambda: defaultdict(list))
    for key, scores in essays.items():
        row = dict(zip(FIELDS, key))
        cells[tuple(row[f] for f in fixed)][level(row, dimension)].append(np.mean(scores))
    found = []
    levels = sorted({l for block in cells.values() for l in block})
    for a, b in itertools.combinations(levels, 2):
        both = [(dict(zip(fixed, key)), np.mean(block[a]) - np.mean(block[b])) for key, block in cells.items() if a in block and b in block]
        left = sum((a in block) != (b in block) for block in cells.values())
        texts = lambda f: tuple(f[name] for name in fixed if over == 'essays' and not name.startswith('evaluation')) or f['comboId']
        found.append((a, b, both, left, [str(texts(f)) if over == 'essays' else f['comboId'] for f, _ in both]))
    out = []
    for a, b, both, left, clusters in found:
        d = [difference for _, difference in both]
        if not d:
            continue
        said = interval(d, clusters)
        low, high, p = said if said else (None, None, None)
        out.append(dict(a=a, b=b, difference=float(np.mean(d)), low=low, high=high, p=p, blocks=len(d), left=left))
    return out
def means(rows, dimension, over):
    scores = defaultdict(list)
    for row in rows:
        scores[level(row, dimension)].append((row['score'], row['comboId' if over == 'combos' else 'parentGenId']))
    out = {}
    for name, own in scores.items():
        values, clusters = zip(*own)
        said = interval(values, clusters, False)
        out[name] = [float(np.mean(values)), float(np.std(values, ddof=1)), len(set(clusters)), *(said[:2] if said else (None, None))]
    return out
answer(dict(pairs=[compare(given['data'][case['name']], case['dimension'], case['over']) for case in given['cases']],
    means=[means(given['few'][case['name']], case['dimension'], case['over']) for case in given['means']]))
`;

/** As near as SciPy's own quantiles of t are. */
function near(value: number | null): unknown {
  const close: unknown = expect.closeTo(value ?? 0, 7);
  return value === null ? undefined : close;
}

describe('paired comparisons, and means, against numpy', needing('python3-scipy'), () => {
  let answers: {
    readonly pairs: readonly Answer[][];
    readonly means: readonly Readonly<Record<string, Mean>>[];
  };
  beforeAll(() => {
    answers = askPython('python3-scipy', PROGRAM, { data: DATA, cases: CASES, few: FEW, means: MEANS });
  }, 120_000);

  it.each(MEANS.map((each, at) => ({ ...each, at })))(
    'of means alone, $name: $dimension over $over',
    ({ name, dimension, over, at }) => {
      const found = contendersOf(judgedIn(FEW[name]!), dimension, over).map(
        ({ name: level, estimate: { mean, std, clusters, interval } }) => [
          level,
          [mean, std, clusters, interval?.low, interval?.high],
        ],
      );
      expect(Object.fromEntries(found)).toEqual(
        Object.fromEntries(
          Object.entries(answers.means[at]!).map(([level, numbers]) => [level, numbers.map(near)]),
        ),
      );
    },
  );

  it.each(CASES.map((each, at) => ({ ...each, at })))(
    '$name: $dimension over $over',
    ({ name, dimension, over, at }) => {
      const found = pairsOf(DATA[name]!, dimension, over);
      const expected = answers.pairs[at]!;
      expect(expected.length).toBeGreaterThan(0);
      const said = expected.map(({ a, b, difference, low, high, blocks, left }) => {
        const pair = found.get(`${a} | ${b}`) ?? found.get(`${b} | ${a}`);
        const sign = pair?.a === a ? 1 : -1;
        return [
          pair,
          {
            basis: 'paired',
            difference: near(sign * difference),
            interval:
              low === null || high === null
                ? undefined
                : { low: near(sign === 1 ? low : -high), high: near(sign === 1 ? high : -low) },
            blocks,
            leftOut: left,
          },
        ] as const;
      });
      expect(said.map(([pair]) => pair)).toMatchObject(said.map(([, wanted]) => wanted));
      const exact = expected.flatMap(({ a, b, p }) => {
        const pair = found.get(`${a} | ${b}`) ?? found.get(`${b} | ${a}`);
        return p === null ? [] : [[pair?.p, p] as const];
      });
      expect(exact.map(([p]) => p)).toEqual(exact.map(([, p]) => near(p)));
    },
  );
});

function pairsOf(
  rows: readonly ScoredRow[],
  dimension: ComparedDimension,
  over: Over,
): ReadonlyMap<string, LevelPair> {
  const { pairs } = rankBy(judgedIn(rows), dimension, { over });
  return new Map(pairs.map((pair) => [`${pair.a} | ${pair.b}`, pair]));
}

describe('what two levels have in common', () => {
  const each = (name: string, given: Partial<ScoredRow>, scores: readonly number[]): ScoredRow[] =>
    scores.map((score, at) =>
      scored({
        genId: `v_${name}${at}`,
        parentGenId: `e_${name}${at}`,
        draftGenId: `d_${name}${at}`,
        comboId: `c${at}`,
        score,
        ...given,
      }),
    );

  it('is nothing where models write in different places: the means are compared, and it is said', () => {
    const apart = [
      ...each('a', { draftModel: 'm1', draftTemplate: 'd1' }, [5, 6, 7, 5, 6, 7]),
      ...each('b', { draftModel: 'm2', draftTemplate: 'd2' }, [1, 2, 3, 1, 2, 3]),
    ];
    expect(rankBy(judgedIn(apart), 'draft_model').pairs).toMatchObject([
      { basis: 'unpaired', difference: 4, blocks: 0, leftOut: 12, clusters: 6, higher: 'a' },
    ]);
  });

  it('is the way that a copied essay went, though its model is called after the draft', () => {
    const copies = ['m1', 'm2'].flatMap((draftModel, at) =>
      each(
        draftModel,
        { draftModel, generationModel: draftModel, essayModel: '' },
        [5, 6, 7, 5, 6, 7].map((one) => one - at),
      ),
    );
    expect(rankBy(judgedIn(copies), 'draft_model').pairs).toMatchObject([
      { basis: 'paired', difference: 1, blocks: 6, leftOut: 0 },
    ]);
  });

  it('is the very draft where essays are compared', () => {
    const essays = ['g1', 'g2'].flatMap((generationTemplate, at) =>
      each(
        'x',
        { generationTemplate, genId: '', parentGenId: '' },
        [5, 6, 7, 5, 6, 7].map((one) => one - at),
      ).map((row) => ({ ...row, genId: `v${row.draftGenId}${at}`, parentGenId: `e${row.draftGenId}${at}` })),
    );
    expect(rankBy(judgedIn(essays), 'essay_template').pairs).toMatchObject([{ basis: 'paired', blocks: 6 }]);
    const others = essays.map((row) => ({ ...row, draftGenId: row.genId }));
    expect(rankBy(judgedIn(others), 'essay_template').pairs).toMatchObject([
      { basis: 'unpaired', blocks: 0 },
    ]);
  });

  it('is not looked for between rubrics of different kinds', () => {
    const rubrics = ['r1', 'r2', 'other'].flatMap((evaluationTemplate) =>
      each(evaluationTemplate, { evaluationTemplate }, [5, 6, 7, 5, 6, 7]),
    );
    const kindOf = (rubric: string): string => (rubric === 'other' ? 'percent' : 'nine');
    const { pairs, family } = rankBy(judgedIn(rubrics), 'rubric', { kindOf });
    expect([pairs.map(({ a, b }) => [a, b].sort()), family]).toEqual([[['r1', 'r2']], 1]);
  });
});
