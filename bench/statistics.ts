// npm run bench:statistics: whether intervals, tests and promises of power hold what they say. Experiments of which the truth is known are
// drawn again and again, and what the project concludes from them is counted. Seeded: the numbers come out the same each time. It takes some
// twenty minutes of one processor.
//
//   npm run bench:statistics -- [--repetitions 4000] [--dry] [--promises | --judges]   (--dry prints, and leaves RESULTS.md as it is;
//   --promises draws the third table alone, --judges the fourth, and prints it)
import { parseArgs } from 'node:util';
import {
  experiment,
  knownNoises,
  normals,
  offersFor,
  ranking,
  SILENT,
  toldApart,
  type Truth,
  type World,
} from './experiments.ts';
import { sayings, SAYINGS, truthOf } from './judges.ts';
import { tableOf, writeSection } from './results.ts';
import { median } from './timing.ts';
import type { ScoredRow } from '../src/scores/rows.ts';
import type { DifferenceNoise } from '../src/scores/separation/difference.ts';
import { planFor, type Ware } from '../src/scores/separation/purchase.ts';
import { normalQuantile } from '../src/statistics/distributions/normal.ts';
import { placesByInterval } from '../src/statistics/estimates.ts';
import { assuredPower } from '../src/statistics/significance/power.ts';
import type { Design } from '../test/support/scoredesign.ts';

const { values } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '4000' },
    dry: { type: 'boolean', default: false },
    promises: { type: 'boolean', default: false },
    judges: { type: 'boolean', default: false },
  },
});
const REPETITIONS = Number(values.repetitions);
/** Experiments with many texts take longer to draw. */
const FEWER = Math.ceil(REPETITIONS / 2);
/** And longest of all what is bought for them. */
const OFFERED = Math.ceil(REPETITIONS / 8);
/** Of a ware that few pilots offer, more are drawn: a promise is held by those that make it. */
const MOST_PILOTS = 4 * OFFERED;
const COMBOS = [5, 10, 30, 100];
const COMBO_VARIANCES = [0, 1, 4];
/** Five levels have ten pairs. */
const LEVELS = 5;
/** Half of the residual's standard deviation. */
const DIFFERENCE = 0.5;

/** Shares that were counted, one for each repetition, with the standard error of their mean. */
class Share {
  private count = 0;
  private sum = 0;
  private squares = 0;

  add(share: number | boolean): void {
    const value = Number(share);
    this.count++;
    this.sum += value;
    this.squares += value * value;
  }

  /** All of some shares together. */
  static of(shares: readonly Share[]): Share {
    const all = new Share();
    for (const { count, sum, squares } of shares) {
      all.count += count;
      all.sum += sum;
      all.squares += squares;
    }
    return all;
  }

  get mean(): number {
    return this.sum / this.count;
  }

  get error(): number {
    return Math.sqrt(Math.max(0, this.squares / this.count - this.mean ** 2) / this.count);
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The shares of a table, and the largest standard error of each column. */
class Shares {
  readonly #errors: number[] = [];

  cells(shares: readonly Share[]): string[] {
    for (const [column, { error }] of shares.entries())
      this.#errors[column] = Math.max(this.#errors[column] ?? 0, error);
    return shares.map(({ mean }) => percent(mean));
  }

  get errors(): readonly string[] {
    return this.#errors.map(percent);
  }
}

function told(cells: readonly string[]): readonly string[] {
  console.log(cells.join('  '));
  return cells;
}

/** Whether the rule of overlapping intervals puts the second level behind the first. */
function shownByOverlap({ contenders }: ReturnType<typeof ranking>): boolean {
  return placesByInterval(contenders).some((place, at) => contenders[at]?.name === 'd1' && place === 2);
}

interface Concluded {
  readonly means: Share;
  readonly differences: Share;
  readonly falseAlarms: Share;
}

/** Coverage and false alarms where all levels are alike, with the mean `expected`. */
function concluded(
  world: World,
  expected: number,
  {
    design,
    kept,
    seed,
    repetitions,
  }: { design: Design; kept: (rows: ScoredRow[]) => ScoredRow[]; seed: number; repetitions: number },
): Concluded {
  const normal = normals(seed);
  const found = { means: new Share(), differences: new Share(), falseAlarms: new Share() };
  for (let each = 0; each < repetitions; each++) {
    const { contenders, pairs } = ranking(kept(experiment(world, normal)(design)));
    const held = (
      intervals: readonly ({ low: number; high: number } | undefined)[],
      truth: number,
    ): number => {
      const told = intervals.flatMap((interval) => interval ?? []);
      return told.filter(({ low, high }) => low <= truth && truth <= high).length / told.length;
    };
    found.means.add(
      held(
        contenders.map(({ estimate }) => estimate.interval),
        expected,
      ),
    );
    found.differences.add(
      held(
        pairs.map(({ interval }) => interval),
        0,
      ),
    );
    found.falseAlarms.add(pairs.some(({ higher }) => higher !== undefined));
  }
  return found;
}

/** The power of a comparison of two levels, and that of the overlap of their intervals in the same experiments. */
function powers(
  combos: number,
  truth: Truth,
  seed: number,
): { readonly paired: Share; readonly overlap: Share } {
  const normal = normals(seed);
  const found = { paired: new Share(), overlap: new Share() };
  for (let each = 0; each < REPETITIONS; each++) {
    const rows = experiment({ levels: [DIFFERENCE, 0], truth }, normal)({ combos });
    found.paired.add(toldApart(rows));
    found.overlap.add(shownByOverlap(ranking(rows)));
  }
  return found;
}

const COVERED = [
  'means within their intervals',
  'differences within theirs',
  'false alarm in a family of ten',
];

function plainTable(): string {
  const shares = new Shares();
  const lines = COMBOS.flatMap((combos, row) => {
    const [alarms, found]: [Share[], Share[]] = [[], []];
    const own = COMBO_VARIANCES.map((combo, column) => {
      const truth = { ...SILENT, combo, rest: 1 };
      const seed = 1000 + 10 * row + column;
      const world = { levels: Array.from({ length: LEVELS }, () => 0), truth };
      const { means, differences, falseAlarms } = concluded(world, 0, {
        design: { combos },
        kept: (rows) => rows,
        seed,
        repetitions: REPETITIONS,
      });
      const { paired, overlap } = powers(combos, truth, seed + 500);
      alarms.push(falseAlarms);
      found.push(paired);
      const cells = shares.cells([means, differences, falseAlarms, paired, overlap]);
      return told([String(combos), String(combo), ...cells]);
    });
    const together = [Share.of(alarms), Share.of(found)].map(({ mean }) => percent(mean));
    return [...own, [String(combos), 'all three', '', '', ...together, '']];
  });
  return tableOf(
    ['combos', 'combo variance', ...COVERED, 'power, paired', 'power, overlap of intervals'],
    [...lines, ['standard error', 'at most', ...shares.errors]],
  );
}

/** Whole scores up to 10 that crowd at the top. */
const CROWDED = (score: number): number => Math.max(1, Math.min(10, Math.round(score)));

/** The mean of such scores: of a normal distribution, by its quantiles. */
function expectedScore(level: number, variance: number): number {
  const steps = 100_000;
  let total = 0;
  for (let step = 0; step < steps; step++)
    total += CROWDED(level + Math.sqrt(variance) * normalQuantile((step + 0.5) / steps));
  return total / steps;
}

function roughTable(): string {
  const shares = new Shares();
  const lines = COMBOS.slice(1).flatMap((combos, row) =>
    COMBO_VARIANCES.map((combo, column) => {
      const truth = { combo, rest: 0.4, draft: 0.3, essay: 0, judge: 0.2, replicate: 0.1 };
      const world = { levels: Array.from({ length: LEVELS }, () => 8), truth, written: CROWDED };
      const seed = 2000 + 10 * row + column;
      const drop = normals(seed + 500);
      const { means, differences, falseAlarms } = concluded(world, expectedScore(8, combo + 1), {
        design: { combos, draftReplicates: 2, judges: 2 },
        kept: (rows) => rows.filter(() => drop() > -0.5),
        seed,
        repetitions: FEWER,
      });
      return told([String(combos), String(combo), ...shares.cells([means, differences, falseAlarms])]);
    }),
  );
  return tableOf(
    ['combos', 'combo variance', ...COVERED],
    [...lines, ['standard error', 'at most', ...shares.errors]],
  );
}

interface Pilot {
  readonly what: string;
  readonly design: Required<
    Pick<Design, 'combos' | 'draftReplicates' | 'essayReplicates' | 'judges' | 'replicates'>
  >;
  readonly truth: Truth;
  readonly difference: number;
  readonly wares: readonly Ware[];
}

const ONCE = { draftReplicates: 1, essayReplicates: 1, judges: 1, replicates: 1 };
const TWICE = { draftReplicates: 2, essayReplicates: 2, judges: 2, replicates: 2 };
const SINGLE: Truth = { ...SILENT, combo: 4, rest: 1 };
const JUDGES_VARY: Pilot = {
  what: '20 combos, judges vary most',
  design: { combos: 20, ...TWICE },
  truth: { combo: 4, rest: 0.05, draft: 0.05, essay: 0.05, judge: 1, replicate: 1 },
  difference: 0.4,
  wares: ['combo', 'draft', 'judge', 'replicate'],
};
const PILOTS: readonly Pilot[] = [
  ...[6, 10, 20, 40].map((combos): Pilot => ({
    what: `${combos} combos, one text of each`,
    design: { combos, ...ONCE },
    truth: SINGLE,
    difference: 0.5,
    wares: ['combo'],
  })),
  {
    what: '20 combos, drafts vary most',
    design: { combos: 20, ...TWICE },
    truth: { combo: 4, rest: 0.1, draft: 0.6, essay: 0.2, judge: 0.2, replicate: 0.2 },
    difference: 0.55,
    wares: ['combo', 'draft'],
  },
  {
    what: '20 combos, essays vary most',
    design: { combos: 20, ...TWICE },
    truth: { combo: 4, rest: 0.05, draft: 0.05, essay: 0.8, judge: 0.2, replicate: 0.2 },
    difference: 0.45,
    wares: ['combo', 'draft', 'essay'],
  },
  JUDGES_VARY,
];

/** The design with so many of a ware. */
function bought(design: Pilot['design'], ware: Ware, needed: number): Pilot['design'] {
  const axes = {
    combo: 'combos',
    draft: 'draftReplicates',
    essay: 'essayReplicates',
    judge: 'judges',
    replicate: 'replicates',
  } as const;
  return { ...design, [axes[ware]]: needed };
}

/** What a difference varies by in truth. */
function noiseByTruth({ design, truth }: Pilot): DifferenceNoise & { readonly variance: number } {
  const {
    combos,
    draftReplicates: draft,
    essayReplicates: essay,
    judges: judge,
    replicates: replicate,
  } = design;
  const parts = {
    draft: (2 * truth.draft) / draft,
    essay: (2 * truth.essay) / (draft * essay),
    judge: (2 * truth.judge) / (draft * essay * judge),
    replicate: (2 * truth.replicate) / (draft * essay * judge * replicate),
  };
  const variance = 2 * truth.rest + parts.draft + parts.essay + parts.judge + parts.replicate;
  return { combos, variance, parts };
}

/** The degrees of freedom of what is known. */
const KNOWN = 1e6;

/** What would be offered if the true variances were known. */
function offeredByTruth(pilot: Pilot): ReturnType<typeof planFor>['purchases'] {
  const { design, truth, difference } = pilot;
  const noise = noiseByTruth(pilot);
  const counts = {
    draft: design.draftReplicates,
    essay: design.essayReplicates,
    judge: design.judges,
    replicate: design.replicates,
  };
  const variance = { value: noise.variance, degrees: KNOWN };
  return planFor(difference, noise, { noises: knownNoises(truth), variance, counts }).purchases;
}

/** The true chance of telling the two apart with replicates without end. */
function powerWithoutEnd(pilot: Pilot): number {
  const { combos, variance, parts } = noiseByTruth(pilot);
  return assuredPower(combos, pilot.difference, { value: variance - parts.replicate, degrees: KNOWN });
}

/** What was offered of one ware, and whether it did what was promised. */
class Promised {
  /** Those that were asked. */
  pilots = 0;
  readonly promised = new Share();
  readonly kept = new Share();
  readonly knownKept = new Share();
  readonly needed: number[] = [];
}

/** Of each ware, over pilots whose texts stay when more is bought: what the pilot makes one buy, and what the truth would. */
function promisesOf(pilot: Pilot, seed: number): ReadonlyMap<Ware, Promised> {
  const { design, truth, difference, wares } = pilot;
  const normal = normals(seed);
  const exact = offeredByTruth(pilot);
  const found = new Map(wares.map((ware) => [ware, new Promised()]));
  for (let each = 0; each < MOST_PILOTS; each++) {
    const open = [...found].filter(([, { needed }]) => needed.length < OFFERED);
    if (open.length === 0) break;
    const drawn = experiment({ levels: [difference, 0], truth }, normal);
    const offers = offersFor(drawn(design), difference)?.remedies ?? [];
    for (const [ware, promise] of open) {
      const { promised, kept, knownKept, needed } = promise;
      promise.pilots++;
      const known = exact.find((one) => one.ware === ware)?.needed;
      if (known !== undefined && each < OFFERED) knownKept.add(toldApart(drawn(bought(design, ware, known))));
      const offer = offers.find(({ unit }) => unit === ware);
      if (offer?.each === undefined || offer.power === undefined) continue;
      promised.add(offer.power);
      kept.add(toldApart(drawn(bought(design, ware, offer.each))));
      needed.push(offer.each);
    }
  }
  return found;
}

function promiseTable(): string {
  const [known, estimated] = [new Shares(), new Shares()];
  const lines = PILOTS.flatMap((pilot, row) => {
    const exact = offeredByTruth(pilot);
    return [...promisesOf(pilot, 3000 + row)].map(([ware, { pilots, promised, kept, knownKept, needed }]) => {
      const offer = exact.find((each) => each.ware === ware);
      return told([
        pilot.what,
        ware,
        ...(offer?.needed === undefined
          ? ['no number would do', '', '']
          : [String(offer.needed), percent(offer.power), ...known.cells([knownKept])]),
        `${((100 * needed.length) / pilots).toFixed(0)} %`,
        String(median(needed)),
        ...estimated.cells([promised, kept]),
      ]);
    });
  });
  return tableOf(
    [
      'pilot',
      'more of',
      'needed by the true variances',
      'promised',
      'kept',
      'pilots that offer it',
      'needed by theirs, in the middle',
      'promised',
      'kept',
    ],
    [...lines, ['standard error', 'at most', '', '', ...known.errors, '', '', ...estimated.errors]],
  );
}

/** Coverage of what is said of judges and people: of each saying the intervals that were given. */
function judgesTable(): string {
  const shares = new Shares();
  const lines = [10, 30].flatMap((combos, row) =>
    COMBO_VARIANCES.map((combo, column) => {
      const draw = sayings(combos, combo, 4000 + 10 * row + column);
      const truth = truthOf(combo);
      const found = SAYINGS.map(() => new Share());
      for (let each = 0; each < REPETITIONS; each++) {
        const said = draw();
        for (const [at, saying] of SAYINGS.entries()) {
          const interval = said[saying];
          if (interval !== undefined)
            found[at]?.add(interval.low <= truth[saying] && truth[saying] <= interval.high);
        }
      }
      return told([String(combos), String(combo), ...shares.cells(found)]);
    }),
  );
  return tableOf(
    [
      'combos',
      'combo variance',
      'agreement with itself',
      'with the others',
      'length bias',
      "Spearman's correlation with people",
      'kappa',
      'corrected mean',
      'preference',
    ],
    [...lines, ['standard error', 'at most', ...shares.errors]],
  );
}

if (values.judges) {
  console.log(judgesTable());
  process.exit();
}
if (values.promises) {
  console.log(percent(powerWithoutEnd(JUDGES_VARY)));
  console.log(promiseTable());
  process.exit();
}
const body = `Made by \`npm run bench:statistics\` from seeded draws: the numbers come out the same on every machine. Experiments of which the truth is known are drawn
${REPETITIONS} times (${FEWER} times in the second table, and in the third until ${OFFERED} pilots offer a ware), and what the functions behind \`report\` conclude from them is counted.

Five draft templates that are alike, one text of each for each combo; the residual's variance is 1. Power is that of two templates that
differ by ${DIFFERENCE}. With five combos no choice of signs is rare enough to show anything. What combos differ by falls out of a paired comparison, so that for
false alarms and paired power the three lines of a number of combos are three draws of one experiment: together they are in the line below.

${plainTable()}

The same with scores as judges give them: whole numbers up to 10 about a mean of 8, so that many are at the top; two drafts of each by two judges, and
three of ten evaluations missing.

${roughTable()}

What \`report --separate a,b --difference …\` promises. Two templates differ in truth by what is asked for; a pilot has the texts that are named, it says how many there
must be, and what is missing is drawn in addition. Of each there is one in the first four pilots, and two of each in the others. The combos' variance is 4. "By the true variances" is what
would be bought by somebody who knows them. A pilot that happened to vary little asks for little, and is in the test with what it has. What it brings along is counted in what is
promised. A ware that not every pilot offers is one of which some found that no number would do. Of replicates where judges vary most none would in truth,
if only just: without end of them the two would be told apart in ${percent(powerWithoutEnd(JUDGES_VARY))} of experiments.

${promiseTable()}

What is said of judges, and by people: how often the intervals have the truth, in ${REPETITIONS} experiments each. Two judges score two drafts by each of two templates twice; somebody
scores two texts of five, and chooses between texts of a combo six times.

${judgesTable()}`;
if (values.dry) console.log(body);
else writeSection('What the statistics hold', body);
