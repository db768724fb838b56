// What is said of judges as a whole (how mild, fond of their own family, of one mind with people), with Holm's p-values of all of it,
// computed anew from the rows by numpy, scipy and statsmodels.
import { beforeAll, describe, expect, it } from 'vitest';
import { judgedIn, listed } from '../../src/scores/columns/judgements.ts';
import { type JudgeFacts, judgeReport } from '../../src/scores/judges/traits.ts';
import { peopleStatistics } from '../../src/scores/people/people.ts';
import type { GivenRating } from '../../src/scores/people/ratings.ts';
import type { Contrast } from '../../src/statistics/clustered.ts';
import { seededBits } from '../../src/statistics/seeded.ts';
import { needing } from '../support/needs.ts';
import { askPython } from '../support/python.ts';
import { crossed } from '../support/scoredesign.ts';

const bits = seededBits(77);
const random = (): number => bits() / 2 ** 32;

const FAMILIES: Readonly<Record<string, string>> = { j0: 'acme', j1: 'bolt', j2: '', w0: 'acme', w1: 'bolt' };
const LENGTHS = new Map<string, number>();
const FACTS: JudgeFacts = {
  lengthOf(essay) {
    const length = LENGTHS.get(essay) ?? Math.round(400 + 4000 * random());
    LENGTHS.set(essay, length);
    return length;
  },
  familyOf: (model) => FAMILIES[model] ?? '',
  answeredAt: () => undefined,
};

/** Writers w0 and w1 by draft template, three judges who give whole scores; a quarter of the rows is missing. */
const ROWS = crossed(
  { combos: 9, draftTemplates: 2, draftReplicates: 2, judges: 3, replicates: 2 },
  ({ combo, draftTemplate, judge }) =>
    Math.round(4 + (combo % 3) + (judge === draftTemplate ? 1 : 0) + judge / 2 + 3 * random()),
)
  .map((row) => ({ ...row, generationModel: row.draftTemplate === 'd0' ? 'w0' : 'w1' }))
  .filter(() => random() > 0.25);

const ESSAYS = [...new Map(ROWS.map((row) => [row.parentGenId, row])).values()];
const CHOICES = ESSAYS.flatMap((one, at): GivenRating[] => {
  const other = ESSAYS.slice(at + 1).find(
    ({ comboId, draftTemplate }) => comboId === one.comboId && draftTemplate !== one.draftTemplate,
  );
  if (other === undefined) return [];
  const answer = (['first', 'second', 'neither'] as const)[Math.floor(2.2 * random())] ?? 'neither';
  return [{ rater: 'ada', rubric: 'r0', first: one.parentGenId, second: other.parentGenId, answer }];
});

const PROGRAM = String.raw`
import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from collections import defaultdict
def cr2(y, X, g, c):
    y = np.array(y, float); X = np.array(X, float); g = np.array(g); c = np.array(c, float)
    M = np.linalg.inv(X.T @ X); H = X @ M @ X.T; e = y - H @ y
    V = 0; P = []
    for cluster in sorted(set(g)):
        at = np.where(g == cluster)[0]
        w, v = np.linalg.eigh(np.eye(len(at)) - H[np.ix_(at, at)])
        A = v @ np.diag([x ** -0.5 if x > 1e-9 else 0 for x in w]) @ v.T
        u = M @ X[at].T @ A @ e[at]; V = V + np.outer(u, u)
        P.append((np.eye(len(y)) - H)[at].T @ A @ X[at] @ M @ c)
    G = np.array([[p @ q for q in P] for p in P])
    value = float(c @ M @ X.T @ y); error = float(np.sqrt(c @ V @ c))
    df = float(np.trace(G) ** 2 / np.sum(G ** 2))
    return [value, error, df, float(2 * stats.t.sf(abs(value / error), df))]
judged = defaultdict(list)
for r in given['rows']:
    judged[(r['parentGenId'], r['evaluationModel'])].append(r['score'])
mean = {k: float(np.mean(v)) for k, v in judged.items()}
essay = {r['parentGenId']: r for r in given['rows']}
family = given['families']
judges = sorted({j for _, j in mean})
lean, own = {}, {}
for j in judges:
    y, g = [], []; fy, fg, fx = [], [], []
    for e in sorted({e for e, k in mean if k == j}):
        others = [mean[(e, k)] for k in judges if k != j and (e, k) in mean]
        if others:
            y.append(mean[(e, j)] - np.mean(others)); g.append(essay[e]['comboId'])
        strangers = [mean[(e, k)] for k in judges if family[k] != family[j] and (e, k) in mean]
        if strangers:
            mine = family[essay[e]['generationModel']] == family[j]
            fy.append(mean[(e, j)] - np.mean(strangers)); fg.append(essay[e]['comboId']); fx.append([mine, not mine])
    lean[j] = cr2(y, np.ones((len(y), 1)), g, [1])
    if family[j]:
        own[j] = cr2(fy, fx, fg, [1, -1])
alike = {}
for j in judges:
    y, g = [], []
    for c in given['choices']:
        a, b = mean.get((c['first'], j)), mean.get((c['second'], j))
        if a is None or b is None or c['answer'] == 'neither':
            continue
        y.append(0.5 if a == b else float((a > b) == (c['answer'] == 'first'))); g.append(essay[c['first']]['comboId'])
    alike[j] = cr2(y, np.ones((len(y), 1)), g, [1])
answer(dict(lean=lean, own=own, alike=alike, holm=multipletests(given['p'], method='holm')[1].tolist()))
`;

type Numbers = Readonly<Record<string, readonly number[]>>;

describe('contrasts of judges', needing('python3-statsmodels'), () => {
  const judged = judgedIn(ROWS);
  const judgements = listed(judged);
  const report = judgeReport(judged, FACTS);
  const tested = report.biases.filter(({ p }) => p !== undefined);
  let answers: {
    readonly lean: Numbers;
    readonly own: Numbers;
    readonly alike: Numbers;
    readonly holm: number[];
  };
  beforeAll(() => {
    answers = askPython('python3-statsmodels', PROGRAM, {
      rows: ROWS,
      families: FAMILIES,
      choices: CHOICES,
      p: tested.map(({ p }) => p),
    });
  }, 120_000);
  const near = (numbers: readonly number[]): number[] =>
    numbers.map((each) => expect.closeTo(each, 7) as number);
  const numbersOf = (contrast: Contrast | undefined): unknown[] => [
    contrast?.value,
    contrast?.error,
    contrast?.degrees,
    contrast?.p,
  ];

  it.each(['j0', 'j1', 'j2'])('say how mild %s is', (judge) => {
    const lean = report.traits.find((each) => each.judge === judge)?.lean;
    expect(numbersOf(lean)).toEqual(near(answers.lean[judge]!));
  });

  it.each(['j0', 'j1'])('say how fond %s is of its own family', (judge) => {
    const own = report.biases.find((each) => each.judge === judge && each.bias === 'own family');
    expect(numbersOf(own)).toEqual(near(answers.own[judge]!));
  });

  it('say nothing of the family of a judge whose family nobody knows', () => {
    expect(report.biases.filter(({ judge, bias }) => judge === 'j2' && bias === 'own family')).toEqual([]);
  });

  it("adjust the p-values of all biases as statsmodels' Holm does", () => {
    expect(tested.length).toBeGreaterThan(2);
    expect(tested.map(({ adjusted }) => adjusted)).toEqual(near(answers.holm));
  });

  it.each(['j0', 'j1', 'j2'])('say in how many choices %s is of one mind with people', (judge) => {
    const { judges } = peopleStatistics(judgements, CHOICES, () => 0)!;
    expect(numbersOf(judges.find((each) => each.judge === judge)?.alike)).toEqual(
      near(answers.alike[judge]!),
    );
  });
});
