// A project kept open for a program that asks often: read once, kept up with what changes, each question answered from memory. Takes no
// lock, prints nothing, runs nothing.
import { CLOCK, type LoadOptions } from '../../engine/project/options.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import { essayPage, essaysInOrder, type EssayOptions, type EssayPage } from '../../scores/book/essays.ts';
import { matrixReport, type MatrixOptions, type MatrixReport } from '../../scores/book/matrixreport.ts';
import {
  judgesReport,
  lengthsReport,
  type JudgesOptions,
  type JudgesReport,
  type LengthsReport,
} from '../../scores/book/points.ts';
import type { ScoreOptions } from '../../scores/book/scorebook.ts';
import { pairReport, type PairOptions, type PairReport } from '../../scores/book/pairs.ts';
import type { Layout } from '../../store/layout.ts';
import type { Holder } from '../../store/lock.ts';
import type { Underway } from '../../store/runs/underway.ts';
import type { SpecText } from '../../engine/cohorts/spectexts.ts';
import type { BatchReport } from '../../engine/build/batching.ts';
import { everBatched } from '../../engine/project/submitted.ts';
import type { RatingOptions, RatingSheet } from '../rating.ts';
import type { CostOptions, Costs } from '../reading/money.ts';
import { responsesOf, type PastResponse } from '../reading/dossier.ts';
import { cohortsMeant, findGeneration, findRow } from '../reading/find.ts';
import { renderedNow } from '../reading/why.ts';
import { statusOf, type Status } from '../reading/status.ts';
import { asOptions, checkOptions, OPTIONS, type SelectOptions } from '../request.ts';
import { defined } from '../../defined.ts';
import { Stream } from '../stream.ts';
import {
  generationPage,
  generationReport,
  textPiece,
  type GenerationPage,
  type GenerationReport,
  type PageOptions,
  type TextName,
  type TextPiece,
} from './generation.ts';
import type { Accounts, RunLine } from './accounts.ts';
import type { Facts } from './facts.ts';
import { Keeper, type KeeperOptions, type ViewChange } from './keeper.ts';
import { selectorWords } from './marks.ts';
import { pipelineMap, type PipelineMap } from './map.ts';
import { PastAnswers } from './pastanswers.ts';
import type { PlanPage, PlanPageOptions, Pricing } from './plan.ts';

export interface ViewOptions {
  /** Called, and waited for, once the inputs can be used; what was made is read only then. */
  readonly usable?: (() => Promise<void>) | undefined;
}

export class View implements AsyncIterable<ViewChange> {
  /** Resolves when the view was closed. */
  readonly closed: Promise<void>;
  readonly #keeper: Keeper;
  readonly #stream: Stream<ViewChange>;
  #pricing: Pricing | undefined;
  #accounts: Accounts | undefined;
  readonly #answers = new PastAnswers();
  #end: () => void = () => {};
  #isClosed = false;

  private constructor(keeper: Keeper, stream: Stream<ViewChange>) {
    this.#keeper = keeper;
    this.#stream = stream;
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Throws a ProblemError where the inputs can not be used; later ones that can not leave the last good ones in force. */
  static async open(
    loading: () => LoadOptions,
    { cached, dataRoot, usable }: ViewOptions & Pick<KeeperOptions, 'cached' | 'dataRoot'>,
  ): Promise<View> {
    const stream = new Stream<ViewChange>();
    const keeper = await Keeper.open({
      loading,
      cached,
      dataRoot,
      usable,
      listen: (change) => stream.say(change),
      fail: (error) => stream.fail(error),
    });
    return new View(keeper, stream);
  }

  /** What changes from now on. Leaving the loop leaves the view open. */
  [Symbol.asyncIterator](): AsyncGenerator<ViewChange, void, undefined> {
    return this.#stream[Symbol.asyncIterator]();
  }

  /** Grows with every change; two answers of one version are of one moment. */
  get version(): number {
    return this.#keeper.version;
  }

  /** Where things lie. */
  get layout(): Layout {
    return this.#keeper.facts.session.loaded.layout;
  }

  /** How many generations there are. */
  get size(): number {
    return this.#keeper.facts.graph.size;
  }

  /** Why the inputs can not be used now; none while they can. */
  get broken(): readonly Problem[] {
    return this.#keeper.broken;
  }

  /** What the inputs are warned of. */
  get warnings(): readonly Problem[] {
    return this.#keeper.facts.session.loaded.warnings;
  }

  /** Who builds or watches now, in whatever process. */
  get holder(): Holder | undefined {
    return this.#keeper.holder;
  }

  /** Loads what answers need that nobody has asked for yet: who asks then does not wait for it. */
  async load(): Promise<void> {
    await Promise.all([
      import('./plan.ts'),
      import('../rating.ts'),
      import('../reading/batches.ts'),
      import('../../engine/cohorts/spectexts.ts'),
    ]);
    const { session, graph } = this.#keeper.facts;
    // Concepts are read with the first that is asked for.
    (await session.texts()).concepts(graph.combos[0] ?? '');
  }

  /** The same of what follows a saved template, a step after the other. */
  rehearsal(): readonly (() => unknown)[] {
    return [...this.#keeper.rehearsal(), () => statusOf(this.#keeper.facts.reading, {})];
  }

  /** How the build or watch goes on that holds the data root; undefined where it has said nothing yet. */
  get underway(): Underway | undefined {
    return this.#keeper.underway;
  }

  /** Resolves once everything that is on disk now has been looked at. */
  settled(): Promise<void> {
    return this.#keeper.settled();
  }

  /** The same of the inputs and of what builds have left: the store itself is looked at from time to time. */
  caughtUp(): Promise<void> {
    return this.#keeper.caughtUp();
  }

  /** Of these the store is looked at soon: a build has just written them. */
  touched(genIds: readonly string[]): void {
    this.#keeper.touched(genIds);
  }

  /** Resolves once those were looked at, and what a build has left that has ended. */
  looked(): Promise<void> {
    return this.#keeper.looked();
  }

  /** Whether a batch was ever sent. */
  get batched(): boolean {
    return everBatched(this.layout);
  }

  /** Providers' batches that are under way, and the others, the newest first. */
  async batches(): Promise<readonly BatchReport[]> {
    const { batchesOf } = await import('../reading/batches.ts');
    return this.#ask(() => batchesOf(this.layout).toReversed());
  }

  /** Counts by cohort, stage and state. */
  status(options: SelectOptions = {}): Status {
    checkOptions(options, OPTIONS.select);
    return this.#kept(['status', options], (facts) => statusOf(facts.reading, options));
  }

  /** Mean scores by any facet and any other. */
  matrix(options: MatrixOptions = {}): MatrixReport {
    const asked = { ...USUAL_MATRIX, ...defined(options) };
    return this.#kept(['matrix', inOrder(asked)], ({ book }) => matrixReport(book, asked));
  }

  /** The essays behind a cell of the matrix, best first. */
  essays(options: EssayOptions = {}): EssayPage {
    const { from: _from, most: _most, ...order } = options;
    const ordered = this.#kept(['essays', inOrder(order)], ({ book }) => essaysInOrder(book, order));
    return this.#ask(() => essayPage(this.#keeper.facts.book, options, ordered));
  }

  /** Every answer that was kept for a generation, the oldest first; a ProblemError where there is no such generation. */
  async answers(genId: string): Promise<readonly PastResponse[]> {
    const found = this.#ask(() => findGeneration(this.#keeper.facts.reading, genId));
    const names = await this.#answers.of(this.layout, found.genId);
    return this.#ask(() => responsesOf(this.layout, found, names));
  }

  /** What was spent, in USD, as `Project.costs` says it; a span goes back from the minute that has begun. */
  async costs(options: Omit<CostOptions, 'ledger'> = {}): Promise<Costs> {
    checkOptions(options, OPTIONS.costs);
    const accounts = await this.#accounted();
    const minute = Math.floor(CLOCK.now() / MINUTE) * MINUTE;
    return this.#ask(() => accounts.costs(this.layout, options, minute)).catch((error: unknown) => {
      throw asOptions(error);
    });
  }

  /** Every build that did something, oldest first, without its long lists. */
  async runs(): Promise<readonly RunLine[]> {
    const accounts = await this.#accounted();
    return this.#ask(() => accounts.runs(this.layout));
  }

  /** What two judges give to the same essays. */
  judgePairs(options: JudgesOptions = {}): JudgesReport {
    return this.#kept(['judges', inOrder(options)], ({ book }) => judgesReport(book, options));
  }

  /** Scores of essays by the length of their texts. */
  lengths(options: ScoreOptions = {}): LengthsReport {
    return this.#kept(['lengths', inOrder(options)], ({ book, session: { index } }) =>
      lengthsReport(book, (row) => index.sizeOf('parsedFile', row), options),
    );
  }

  /** How far two names of a facet differ where everything else is the same, and the pairs of essays behind it. */
  pairs(options: PairOptions): PairReport {
    return this.#ask(() => pairReport(this.#keeper.facts.book, options));
  }

  /** The next questions for a person. Throws a ProblemError where there is nothing to ask about. */
  async toRate(options: RatingOptions = {}): Promise<RatingSheet> {
    checkOptions(options, OPTIONS.rating);
    try {
      const { sheetFor } = await import('../rating.ts');
      const { facts } = this.#keeper;
      return await this.#ask(() =>
        sheetFor(facts.session, options, {
          kept: (question, work) => facts.kept(question, work),
          states: facts.verdicts.state,
        }),
      );
    } catch (error) {
      throw asOptions(error);
    }
  }

  /** Words that selectors may hold: `stage:essay`, `template:rolling-thread`, and so on, without ids. */
  selectors(): readonly string[] {
    return this.#ask(() => selectorWords(this.#keeper.facts.graph));
  }

  /** What a build would run now, why and at what price; a page of its generations. */
  async plan(options: PlanPageOptions = {}): Promise<PlanPage> {
    const { from: _from, most: _most, ...rest } = options;
    checkOptions(rest, OPTIONS.plan);
    try {
      const { planPage, Pricing } = await import('./plan.ts');
      return await this.#ask(() => planPage(this.#keeper.facts, (this.#pricing ??= new Pricing()), options));
    } catch (error) {
      throw asOptions(error);
    }
  }

  /** Every template with its stage, its generations and their states, and who is made from whom. */
  map(): PipelineMap {
    return this.#kept(['map'], (facts) => pipelineMap(facts));
  }

  /** The files of a cohort's spec; a ProblemError where there is no such cohort. */
  async spec(cohort: string): Promise<readonly SpecText[]> {
    const { specTexts } = await import('../../engine/cohorts/spectexts.ts');
    return this.#ask(() => {
      const { session } = this.#keeper.facts;
      return cohortsMeant(session, cohort).flatMap((id) => specTexts(session.loaded.layout, id));
    });
  }

  /** A page of what is selected. */
  page(options: PageOptions = {}): GenerationPage {
    checkOptions(options, OPTIONS.page);
    return this.#ask(() => generationPage(this.#keeper.facts, options));
  }

  /** All that is known of one generation but its texts. */
  async generation(genId: string): Promise<GenerationReport> {
    try {
      return await this.#ask(() => generationReport(this.#keeper.facts, genId));
    } catch (error) {
      throw asOptions(error);
    }
  }

  /** Its prompt as recorded, and as it would be now. */
  async prompt(genId: string): Promise<Awaited<ReturnType<typeof renderedNow>>> {
    try {
      const { reading } = this.#keeper.facts;
      return await this.#ask(() => renderedNow(reading, findRow(reading, genId)));
    } catch (error) {
      throw asOptions(error);
    }
  }

  /** A piece of one of its texts, from a place on. */
  text(genId: string, file: TextName, from = 0): TextPiece {
    return this.#ask(() => textPiece(this.#keeper.facts, genId, file, from));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return this.closed;
    this.#isClosed = true;
    await this.#keeper.close();
    this.#stream.end();
    this.#end();
  }

  /** The same: what ends builds and watches. */
  stop(): Promise<void> {
    return this.close();
  }

  async #accounted(): Promise<Accounts> {
    const { Accounts: Kept } = await import('./accounts.ts');
    return (this.#accounts ??= new Kept());
  }

  /** What follows from the facts of this moment and the question alone. */
  #kept<T>(question: readonly unknown[], work: (facts: Facts) => T): T {
    const { facts } = this.#keeper;
    return this.#ask(() => facts.kept(JSON.stringify(question), () => work(facts)));
  }

  #ask<T>(work: () => T): T {
    if (this.#isClosed) throw new ProblemError([problem('DD197', 'the view was closed')]);
    try {
      return work();
    } catch (error) {
      throw asOptions(error);
    }
  }
}

/** Milliseconds. */
const MINUTE = 60_000;

/** What the matrix shows where nobody says otherwise; who says the same is answered alike. */
const USUAL_MATRIX = {
  rows: 'draft_template',
  columns: 'draft_model',
  order: 'mean',
  from: 0,
  most: 100,
  where: {},
} as const satisfies MatrixOptions;

/** The same fields in the same order, so that the same question has one spelling. */
function inOrder(options: object): readonly (readonly [string, unknown])[] {
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
