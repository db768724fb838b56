// Where scores vary: between combos, drafts, essays, judges, and what is left. Knows nothing of prices.
import { groupBy } from '../../statistics/groups.ts';
import { summarize } from '../../statistics/summary.ts';
import type { Judgement } from '../judgements.ts';

/** The stages of noise in the order in which a score comes about; `rest` is how differently combos take to ways. */
export const NOISES = ['combo', 'rest', 'draft', 'essay', 'judge', 'replicate'] as const;
export type Noise = (typeof NOISES)[number];

export interface Component {
  /**
   * Of a single score; 0 where the scores vary less than chance would have them. Undefined where nothing was repeated at that stage:
   * what varies there is then a part of the stage above, and at last of `rest`.
   */
  readonly variance: number | undefined;
  /** The degrees of freedom that it rests on. */
  readonly degrees: number;
}

export type Noises = Readonly<Record<Noise, Component>>;

/** At most so many ways are compared with each other: four hundred pairs say enough. */
const MOST_WAYS = 30;

/**
 * Components of variance of a single score about the mean of its way, for any design, balanced or not.
 *
 * score = way + rubric and judge + combo + combo by way (rest) + draft + essay + judge by text (judge) + replicate. A way is everything
 * that was chosen but the concepts; ways, and how much a judge leans, are fixed and fall out. Each component is what the sample
 * variance of units of its stage has beyond what the stages below explain: for units with independent means of expected variances v_i
 * the sample variance is expected to be the mean of the v_i, whatever their replicates, and sample variances are pooled by their
 * degrees of freedom. `replicate` is from a judge's replicates of a text, `judge` from differences of two judges over texts, `essay`
 * from essays of a draft, `draft` from drafts of a combo, `rest` from differences of two ways over combos, `combo` from the covariance
 * of two ways over combos. In balanced designs these are the estimators of the analysis of variance.
 *
 * Source: S. R. Searle, G. Casella and C. E. McCulloch, Variance Components (1992), chapters 3 to 5.
 */
export function noisesIn(judgements: readonly Judgement[]): Noises {
  const replicate = replicateNoise(judgements);
  const judge = judgeNoise(judgements, known(replicate));
  const essays = essaysIn(judgements, { judge: known(judge), replicate: known(replicate) });
  const cells = cellsIn(essays);
  const essay = pooled(cells.flatMap(({ drafts }) => drafts.map(({ essays: own }) => own)));
  const drafts = cells.map((cell) => cell.drafts.map((each) => draftUnit(each.essays, known(essay))));
  const draft = pooled(drafts);
  const { rest, combo } = comboNoise(cells.map((cell, at) => cellUnit(cell, drafts[at] ?? [], known(draft))));
  return { combo, rest, draft, essay, judge, replicate };
}

function known({ variance }: Component): number {
  return variance ?? 0;
}

/** A mean with the variance that the stages below it explain. */
interface Unit {
  readonly mean: number;
  readonly explained: number;
}

/** What the sample variances of groups of units have beyond what is explained. */
function pooled(groups: readonly (readonly Unit[])[]): Component {
  let total = 0;
  let degrees = 0;
  for (const group of groups) {
    const summary = summarize(group.map(({ mean }) => mean));
    if (summary?.std === undefined) continue;
    total += (summary.count - 1) * (summary.std ** 2 - meanOf(group.map(({ explained }) => explained)));
    degrees += summary.count - 1;
  }
  return componentOf(total, degrees);
}

function componentOf(total: number, degrees: number): Component {
  return { variance: degrees === 0 ? undefined : Math.max(0, total / degrees), degrees };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0) / values.length;
}

function replicateNoise(judgements: readonly Judgement[]): Component {
  return pooled(judgements.map(({ scores }) => scores.map((mean) => ({ mean, explained: 0 }))));
}

/** Half the variance of the difference of two judges of one rubric over texts: what both lean falls out. */
function judgeNoise(judgements: readonly Judgement[], replicate: number): Component {
  let total = 0;
  let degrees = 0;
  for (const { rows: rubric } of groupBy(judgements, ({ row }) => [row.evaluationTemplate])) {
    const judges = groupBy(rubric, ({ row }) => [row.evaluationModel]).map(({ rows }) => byEssay(rows));
    for (const [at, one] of judges.entries())
      for (const other of judges.slice(at + 1)) {
        const both = [...one].flatMap(([essay, a]) => {
          const b = other.get(essay);
          return b === undefined
            ? []
            : [{ mean: a.mean - b.mean, noise: replicate * (1 / a.scores.length + 1 / b.scores.length) }];
        });
        const summary = summarize(both.map(({ mean }) => mean));
        if (summary?.std === undefined) continue;
        total += ((summary.count - 1) * (summary.std ** 2 - meanOf(both.map(({ noise }) => noise)))) / 2;
        degrees += summary.count - 1;
      }
  }
  return componentOf(total, degrees);
}

function byEssay(judgements: readonly Judgement[]): ReadonlyMap<string, Judgement> {
  return new Map(judgements.map((each) => [each.row.parentGenId, each]));
}

interface EssayUnit extends Unit {
  readonly row: Judgement['row'];
}

/** Each essay with the mean of what its judges say, each less what they say on average by that rubric. */
function essaysIn(
  judgements: readonly Judgement[],
  noise: { readonly judge: number; readonly replicate: number },
): EssayUnit[] {
  const usual = new Map(
    groupBy(judgements, judgeKey).map(({ key, rows }) => [
      key.join('\0'),
      meanOf(rows.map(({ mean }) => mean)),
    ]),
  );
  return groupBy(judgements, ({ row }) => [row.parentGenId]).map(({ rows }) => {
    const means = rows.map((each) => each.mean - (usual.get(judgeKey(each).join('\0')) ?? 0));
    const explained =
      meanOf(rows.map(({ scores }) => noise.judge + noise.replicate / scores.length)) / rows.length;
    return { row: rows[0].row, mean: meanOf(means), explained };
  });
}

function judgeKey({ row }: Judgement): readonly string[] {
  return [row.evaluationTemplate, row.evaluationModel];
}

/** What was made of one combo in one way, draft by draft. */
interface Cell {
  readonly combo: string;
  readonly way: string;
  readonly drafts: readonly { readonly draft: string; readonly essays: readonly EssayUnit[] }[];
}

function cellsIn(essays: readonly EssayUnit[]): Cell[] {
  const cells = groupBy(essays, ({ row }) => [
    row.comboId,
    JSON.stringify([row.draftTemplate, row.draftModel, row.generationTemplate, row.generationModel]),
  ]);
  return cells.map(({ key: [combo = '', way = ''], rows }) => ({
    combo,
    way,
    drafts: groupBy(rows, draftKey).map(({ key: [draft = ''], rows: own }) => ({ draft, essays: own })),
  }));
}

/** Metadata of old may not name the draft: then each essay has one of its own. */
function draftKey({ row }: EssayUnit): readonly string[] {
  return [row.draftGenId === '' ? `of ${row.parentGenId}` : row.draftGenId];
}

function draftUnit(essays: readonly EssayUnit[], essay: number): Unit {
  const explained = meanOf(essays.map((each) => each.explained + essay)) / essays.length;
  return { mean: meanOf(essays.map(({ mean }) => mean)), explained };
}

/** A cell's mean, with what is explained by drafts alone apart from the rest of it: cells of another way may share the drafts. */
interface CellUnit extends Unit {
  readonly combo: string;
  readonly way: string;
  /** The variance of one draft, and which drafts there are. */
  readonly draft: number;
  readonly drafts: readonly string[];
}

function cellUnit({ combo, way, drafts }: Cell, units: readonly Unit[], draft: number): CellUnit {
  return {
    combo,
    way,
    mean: meanOf(units.map(({ mean }) => mean)),
    explained: meanOf(units.map(({ explained }) => explained)) / units.length,
    draft,
    drafts: drafts.map((each) => each.draft),
  };
}

function comboNoise(cells: readonly CellUnit[]): Pick<Noises, 'combo' | 'rest'> {
  const ways = groupBy(cells, ({ way }) => [way])
    .sort((a, b) => b.rows.length - a.rows.length)
    .slice(0, MOST_WAYS)
    .map(({ rows }) => new Map(rows.map((cell) => [cell.combo, cell])));
  const [only] = ways;
  if (only !== undefined && ways.length === 1) {
    const units = [...only.values()].map((cell) => ({
      ...cell,
      explained: cell.explained + cell.draft / cell.drafts.length,
    }));
    return { combo: pooled([units]), rest: componentOf(0, 0) };
  }
  const sums = { rest: 0, combo: 0, degrees: 0 };
  for (const [at, one] of ways.entries())
    for (const other of ways.slice(at + 1)) addPair(sums, commonCells(one, other));
  return { rest: componentOf(sums.rest, sums.degrees), combo: componentOf(sums.combo, sums.degrees) };
}

type CellPair = readonly [CellUnit, CellUnit];

function commonCells(
  one: ReadonlyMap<string, CellUnit>,
  other: ReadonlyMap<string, CellUnit>,
): readonly CellPair[] {
  return [...one].flatMap(([combo, a]) => {
    const b = other.get(combo);
    return b === undefined ? [] : [[a, b] as const];
  });
}

/** Half the variance of the difference of two ways over combos is `rest`, their covariance `combo`. */
function addPair(sums: { rest: number; combo: number; degrees: number }, pairs: readonly CellPair[]): void {
  const difference = summarize(pairs.map(([a, b]) => a.mean - b.mean));
  if (difference?.std === undefined) return;
  const degrees = pairs.length - 1;
  const shared = meanOf(pairs.map(sharedNoise));
  const own = meanOf(
    pairs.map(([a, b]) => a.explained + b.explained + a.draft * (1 / a.drafts.length + 1 / b.drafts.length)),
  );
  const [one, other] = [meanOf(pairs.map(([a]) => a.mean)), meanOf(pairs.map(([, b]) => b.mean))];
  const products = pairs.reduce((total, [a, b]) => total + (a.mean - one) * (b.mean - other), 0);
  sums.rest += (degrees * (difference.std ** 2 - (own - 2 * shared))) / 2;
  sums.combo += products - degrees * shared;
  sums.degrees += degrees;
}

/** The covariance of two cells' means that comes of drafts which both are made from. */
function sharedNoise([a, b]: CellPair): number {
  const common = a.drafts.filter((each) => b.drafts.includes(each)).length;
  return (a.draft * common) / (a.drafts.length * b.drafts.length);
}
