// Judges and people of whom the truth is known, and whether the intervals of what is said of them have it. Measures no time, prints nothing.
import { normals } from './experiments.ts';
import { judgedIn, listed } from '../src/scores/columns/judgements.ts';
import { judgeReport } from '../src/scores/judges/traits.ts';
import { peopleStatistics } from '../src/scores/people/people.ts';
import type { GivenRating } from '../src/scores/people/ratings.ts';
import type { ScoredRow } from '../src/scores/rows.ts';
import type { Interval } from '../src/statistics/clustered.ts';
import { crossed, type Design } from '../test/support/scoredesign.ts';

/** Variances of what a text is worth within a combo, of how judges differ on it, of their replicates, and of a person. */
const TEXT = { rest: 0.4, draft: 0.3 } as const;
const SAID = { judge: 0.2, replicate: 0.3, person: 0.5 } as const;
/** Points for each doubling of a text; lengths vary by a doubling. */
const LENGTH = 0.3;
const MEAN = 5;
const DESIGN = { draftTemplates: 2, draftReplicates: 2, judges: 2, replicates: 2 } as const;
/** Of the texts. */
const RATED = 0.4;
/** Of each combo. */
const CHOICES = 6;

/** What is said of judges, and of levels by people. */
export const SAYINGS = ['self', 'alpha', 'length', 'spearman', 'kappa', 'corrected', 'preference'] as const;
export type Saying = (typeof SAYINGS)[number];

/** The truth of each, where combos vary by so much. */
export function truthOf(combo: number): Readonly<Record<Saying, number>> {
  const worth = combo + TEXT.rest + TEXT.draft + LENGTH ** 2;
  const judge = worth + SAID.judge + SAID.replicate / DESIGN.replicates;
  const person = worth + SAID.person;
  return {
    self: (worth + SAID.judge) / (worth + SAID.judge + SAID.replicate),
    alpha: worth / judge,
    length: LENGTH,
    // Of two normal numbers.
    spearman: (6 / Math.PI) * Math.asin(worth / Math.sqrt(judge * person) / 2),
    kappa: (2 * worth) / (judge + person),
    corrected: MEAN,
    preference: 0,
  };
}

/** One experiment after the other: the intervals of each saying, undefined where there are too few to say. */
export function sayings(
  combos: number,
  combo: number,
  seed: number,
): () => Readonly<Record<Saying, Interval | undefined>> {
  const normal = normals(seed);
  return () => {
    const { rows, worthOf, lengthOf } = drawn({ combos, ...DESIGN }, combo, normal);
    const judged = judgedIn(rows);
    const report = judgeReport(judged, {
      lengthOf: (essay) => 2 ** (10 + lengthOf(essay)),
      familyOf: () => '',
      answeredAt: () => undefined,
    });
    const people = peopleStatistics(listed(judged), ratingsOf(rows, worthOf, normal), () => undefined);
    const [traits] = report.traits;
    const against = people?.judges[0];
    return {
      self: traits?.self?.interval,
      alpha: traits?.alphaInterval,
      length: report.biases.find(({ bias }) => bias === 'length')?.interval,
      spearman: against?.spearman.interval,
      kappa: against?.kappa.interval,
      corrected: people?.corrected[0]?.corrected.interval,
      preference: people?.preferred.find(({ dimension }) => dimension === 'draft_template')?.interval,
    };
  };
}

interface Drawn {
  readonly rows: readonly ScoredRow[];
  readonly worthOf: (essay: string) => number;
  readonly lengthOf: (essay: string) => number;
}

function drawn(design: Design, combo: number, normal: () => number): Drawn {
  const known = new Map<string, number>();
  const effect = (variance: number, name: string): number => {
    const found = known.get(name) ?? Math.sqrt(variance) * normal();
    known.set(name, found);
    return found;
  };
  const lengthOf = (essay: string): number => effect(1, `length ${essay}`);
  const worths = new Map<string, number>();
  const rows = crossed(design, (cell) => {
    const worth =
      MEAN +
      effect(combo, `combo ${cell.combo}`) +
      effect(TEXT.rest, `rest ${cell.combo} ${cell.draftTemplate}`) +
      effect(TEXT.draft, cell.draft) +
      LENGTH * lengthOf(cell.essay);
    worths.set(cell.essay, worth);
    return worth + effect(SAID.judge, `${cell.essay} ${cell.judge}`) + Math.sqrt(SAID.replicate) * normal();
  });
  return { rows, worthOf: (essay) => worths.get(essay) ?? 0, lengthOf };
}

/** A person who is asked about a random part of the texts, and about pairs of texts of one combo. */
function ratingsOf(
  rows: readonly ScoredRow[],
  worthOf: Drawn['worthOf'],
  normal: () => number,
): GivenRating[] {
  const scoreOf = (essay: string): number => worthOf(essay) + Math.sqrt(SAID.person) * normal();
  const byCombo = new Map<string, ScoredRow[]>();
  for (const row of rows)
    if (row.evaluationModel === 'j0' && row.replicate === 1)
      byCombo.set(row.comboId, [...(byCombo.get(row.comboId) ?? []), row]);
  const given = { rater: 'somebody', rubric: 'r0' };
  return [...byCombo.values()].flatMap((texts) => {
    const ids = texts.map(({ parentGenId }) => parentGenId);
    const scores = ids.flatMap((first): GivenRating[] =>
      uniform(normal()) < RATED ? [{ ...given, first, second: undefined, answer: scoreOf(first) }] : [],
    );
    const [ones, others] = ['d0', 'd1'].map((level) =>
      texts.filter(({ draftTemplate }) => draftTemplate === level).map(({ parentGenId }) => parentGenId),
    );
    const choices = Array.from({ length: CHOICES }, (_, at): GivenRating => {
      const first = ones?.[at % ones.length] ?? '';
      const second = others?.[Math.floor(at / 2) % others.length] ?? '';
      return { ...given, first, second, answer: scoreOf(first) > scoreOf(second) ? 'first' : 'second' };
    });
    return [...scores, ...choices];
  });
}

/** By the logistic curve, which is near enough to choose a part by. */
function uniform(normal: number): number {
  return 1 / (1 + Math.exp(-1.702 * normal));
}
