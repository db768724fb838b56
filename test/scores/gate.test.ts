// Quality gates on scores small enough to work out by hand: what is met, how surely, and what can not be read.
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/problem.ts';
import { parseGates } from '../../src/scores/gate/conditions.ts';
import { judgeGate, type GateVerdict } from '../../src/scores/gate/verdict.ts';
import type { ScoreRow } from '../../src/scores/rows.ts';
import { scored } from '../support/scores.ts';

/** An evaluation of an essay of its own, from a combo of its own; without a score where none is given. */
function evaluation(at: number, score: number | undefined, given: Partial<ScoreRow> = {}): ScoreRow {
  const row = scored({
    score: score ?? 0,
    genId: `v${at}`,
    parentGenId: `e${at}`,
    comboId: `c${at}`,
    evaluationTemplate: 'novelty',
    evaluationModel: 'j1',
    draftTemplate: 'plain',
    draftModel: 'm1',
  });
  return { ...row, score, ...given };
}

/** Mean 6, standard error 0.4472: the interval is 6 ± 2.776 · 0.4472. */
const FIVE = [5, 5, 6, 7, 7].map((score, at) => evaluation(at, score));

const judged = (gate: string, rows: readonly ScoreRow[] = FIVE, over?: 'combos' | 'essays'): GateVerdict =>
  judgeGate(rows, parseGates([gate]), over);

function problemOf(gate: string, rows: readonly ScoreRow[] = FIVE): string {
  try {
    judged(gate, rows);
    return 'none';
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems
      .map(({ code, message, place, cure }) => `${code} ${place?.field}: ${message} | ${cure}`)
      .join('\n');
  }
}

describe('a condition on the mean', () => {
  it.each([
    ['mean >= 6', true],
    ['mean > 6', false],
    ['mean <= 6', true],
    ['mean < 6', false],
    ['mean>=5.99', true],
    ['mean >= 6.01', false],
    ['surely mean >= 4.75', true],
    ['surely mean >= 4.77', false],
    ['mean surely <= 7.25', true],
    ['mean surely <= 7.23', false],
  ])('%s: %s', (gate, met) => {
    expect(judged(gate)).toMatchObject({ met, conditions: [{ met, tooFew: false, value: 6, clusters: 5 }] });
  });

  it('says whether the whole interval meets it, also where the value decides', () => {
    const [condition] = judged('mean >= 5').conditions;
    expect(condition).toMatchObject({ met: true, sure: false, scored: 5, evaluations: 5 });
    expect(condition?.interval?.low).toBeCloseTo(4.7583, 3);
    expect(condition?.interval?.high).toBeCloseTo(7.2417, 3);
    expect(judged('mean >= 4').conditions[0]?.sure).toBe(true);
  });

  it('is not met with too few clusters to tell, whatever the mean is', () => {
    const four = FIVE.slice(1);
    expect(judged('mean >= 0', four).conditions[0]).toMatchObject({ met: false, tooFew: true, clusters: 4 });
    const ofOne = FIVE.map((row) => ({ ...row, comboId: 'c' }));
    expect(judged('mean >= 6', ofOne)).toMatchObject({ met: false, conditions: [{ clusters: 1 }] });
    expect(judged('mean >= 6', ofOne, 'essays')).toMatchObject({ met: true, conditions: [{ clusters: 5 }] });
    const none = FIVE.map((row) => ({ ...row, score: undefined }));
    expect(judged('mean >= 0', none).conditions[0]).toMatchObject({ met: false, tooFew: true, scored: 0 });
  });
});

describe('a condition on failures', () => {
  const twenty = Array.from({ length: 20 }, (_, at) => evaluation(at, at === 0 ? undefined : 6));

  it.each([
    ['failures <= 5%', true],
    ['failures < 5%', false],
    ['failures < 5.5 %', true],
    ['surely failures < 5.5%', false],
    ['surely failures < 20%', true],
  ])('%s: %s', (gate, met) => {
    expect(judged(gate, twenty).conditions[0]).toMatchObject({ met, value: 5, evaluations: 20, scored: 19 });
  });

  it('counts what is there, however few; surely none wants many', () => {
    expect(judged('failures < 5%', FIVE.slice(0, 2)).met).toBe(true);
    expect(judged('surely failures < 5%', FIVE.slice(0, 2)).conditions[0]?.tooFew).toBe(true);
    // 1 - 0.025^(1/5): what five without a failure leave open.
    expect(judged('surely failures < 53%').met).toBe(true);
    expect(judged('surely failures < 52%').met).toBe(false);
  });

  it('counts a score with an error as none', () => {
    const rows = [...FIVE.slice(1), evaluation(9, 8, { error: 'unparsable' })];
    expect(judged('failures <= 20%', rows).conditions[0]).toMatchObject({ value: 20, scored: 4 });
  });
});

describe('names and several conditions', () => {
  const rows = [
    ...FIVE,
    ...FIVE.map((row, at) => ({ ...row, genId: `w${at}`, evaluationTemplate: 'my taste, today', score: 2 })),
  ];

  it('narrow what a condition is about; all must be met', () => {
    const gate = 'rubric:novelty mean >= 6, rubric:"my taste, today" judge:j1 mean < 3, n >= 10';
    expect(judged(gate, rows).conditions.map(({ names, value, met }) => [names, value, met])).toEqual([
      [{ rubric: 'novelty' }, 6, true],
      [{ rubric: 'my taste, today', judge: 'j1' }, 2, true],
      [{}, 10, true],
    ]);
    expect(judged(`${gate}, mean > 4`, rows).met).toBe(false);
  });

  it.each(['draft_template:plain', 'draft_model:m1', 'way:"plain@m1 > @"', 'combo:c1', 'essay:e1'])(
    'know %s',
    (name) => {
      const known = rows.map((row) => ({ ...row, generationTemplate: 't', generationModel: 'g' }));
      expect(judged(`${name.replace('> @', '> t@g')} n >= 2`, known).met).toBe(true);
    },
  );
});

describe('a gate that can not be read', () => {
  it.each([
    ['', /a condition is empty/],
    ['mean >= 6,', /a condition is empty/],
    ['mean', /nothing is compared/],
    ['mean = 6', /= is no comparison .* >= > <= </],
    ['mean >= six', /"six" is no number/],
    ['mean >=', /there is no number/],
    ['maen >= 6', /"maen" is nothing that can be measured \(did you mean "mean"/],
    ['rubric:novelty >= 6', /does not say what is measured/],
    ['mean n >= 6', /measures mean and n/],
    ['rubrik:novelty mean >= 6', /"rubrik" \(did you mean "rubric"/],
    ['rubric: mean >= 6', /"rubric:" names nothing/],
    ['rubric:a rubric:b mean >= 6', /two names of rubric/],
    ['failures < 0.05', /failures are a share, in percent .*failures < 5%/],
    ['mean >= 6%', /mean is no share/],
    ['surely n > 3', /has no interval/],
    ['rubric:noveltyy mean >= 6', /no evaluation has the rubric "noveltyy" \(did you mean "novelty"/],
  ])('%j', (gate, said) => {
    expect(problemOf(gate)).toMatch(/^DD170 --gate: /);
    expect(problemOf(gate)).toMatch(said);
  });

  it('names everything that is wrong at once', () => {
    expect(problemOf('maen > 3, failures < 5').split('\n')).toHaveLength(2);
  });

  it('is one about nothing, too', () => {
    expect(problemOf('mean >= 6', [])).toContain('no evaluation is selected');
  });
});
