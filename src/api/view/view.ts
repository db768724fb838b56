// A project kept open for a program that asks often: read once, kept up with what changes, each question answered from memory. Takes no
// lock, prints nothing, runs nothing.
import type { LoadOptions } from '../../engine/project/options.ts';
import { asProblems, problem, ProblemError, type Problem } from '../../problem.ts';
import { essayPage, type EssayOptions, type EssayPage } from '../../scores/book/essays.ts';
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
import type { Holder } from '../../store/lock.ts';
import type { SpecText } from '../../engine/results/page.ts';
import type { BatchReport } from '../../engine/build/batching.ts';
import { everBatched } from '../../engine/project/submitted.ts';
import { batchesOf } from '../reading/batches.ts';
import { sheetFor, type RatingOptions, type RatingSheet } from '../rating.ts';
import { responsesOf, type PastResponse } from '../reading/dossier.ts';
import { findGeneration, findRow } from '../reading/find.ts';
import { renderedNow } from '../reading/why.ts';
import { statusOf, type Status } from '../reading/status.ts';
import { checkOptions, OPTIONS, type SelectOptions } from '../request.ts';
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
import { Keeper, type ViewChange } from './keeper.ts';
import { selectorWords } from './marks.ts';
import { pipelineMap, type PipelineMap } from './map.ts';
import { planPage, Pricing, type PlanPage, type PlanPageOptions } from './plan.ts';

export class View implements AsyncIterable<ViewChange> {
  /** Resolves when the view was closed. */
  readonly closed: Promise<void>;
  readonly #keeper: Keeper;
  readonly #stream: Stream<ViewChange>;
  readonly #pricing = new Pricing();
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
  static async open(loading: () => LoadOptions): Promise<View> {
    const stream = new Stream<ViewChange>();
    const keeper = await Keeper.open({
      loading,
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

  /** Resolves once everything that is on disk now has been looked at. */
  settled(): Promise<void> {
    return this.#keeper.settled();
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
    return everBatched(this.#keeper.facts.session.loaded.layout);
  }

  /** Providers' batches that are under way, and the others, the newest first. */
  batches(): readonly BatchReport[] {
    return this.#ask(() => batchesOf(this.#keeper.facts.session.loaded.layout).toReversed());
  }

  /** Counts by cohort, stage and state. */
  status(options: SelectOptions = {}): Status {
    checkOptions(options, OPTIONS.select);
    return this.#ask(() => statusOf(this.#keeper.facts.reading, options));
  }

  /** Mean scores by any facet and any other. */
  matrix(options: MatrixOptions = {}): MatrixReport {
    return this.#ask(() => matrixReport(this.#keeper.facts.book, options));
  }

  /** The essays behind a cell of the matrix, best first. */
  essays(options: EssayOptions = {}): EssayPage {
    return this.#ask(() => essayPage(this.#keeper.facts.book, options));
  }

  /** Every answer that was kept for a generation, the oldest first; a ProblemError where there is no such generation. */
  answers(genId: string): readonly PastResponse[] {
    return this.#ask(() => {
      const { reading, session } = this.#keeper.facts;
      return responsesOf(session.loaded.layout, findGeneration(reading, genId));
    });
  }

  /** What two judges give to the same essays. */
  judgePairs(options: JudgesOptions = {}): JudgesReport {
    return this.#ask(() => judgesReport(this.#keeper.facts.book, options));
  }

  /** Scores of essays by the length of their texts. */
  lengths(options: ScoreOptions = {}): LengthsReport {
    const { book, session } = this.#keeper.facts;
    return this.#ask(() => lengthsReport(book, (row) => session.index.sizeOf('parsedFile', row), options));
  }

  /** How far two names of a facet differ where everything else is the same, and the pairs of essays behind it. */
  pairs(options: PairOptions): PairReport {
    return this.#ask(() => pairReport(this.#keeper.facts.book, options));
  }

  /** The next questions for a person. Throws a ProblemError where there is nothing to ask about. */
  async toRate(options: RatingOptions = {}): Promise<RatingSheet> {
    checkOptions(options, OPTIONS.rating);
    try {
      return await this.#ask(() => sheetFor(this.#keeper.facts.session, options));
    } catch (error) {
      throw asProblems(error);
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
      return await this.#ask(() => planPage(this.#keeper.facts, this.#pricing, options));
    } catch (error) {
      throw asProblems(error);
    }
  }

  /** Every template with its stage, its generations and their states, and who is made from whom. */
  map(): PipelineMap {
    return this.#ask(() => pipelineMap(this.#keeper.facts));
  }

  /** The files of a cohort's spec; a ProblemError where there is no such cohort. */
  async spec(cohort: string): Promise<readonly SpecText[]> {
    const [{ specTexts }, { cohortsMeant }] = await Promise.all([
      import('../../engine/results/page.ts'),
      import('../reading/scores.ts'),
    ]);
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
      throw asProblems(error);
    }
  }

  /** Its prompt as recorded, and as it would be now. */
  async prompt(genId: string): Promise<Awaited<ReturnType<typeof renderedNow>>> {
    try {
      const { reading } = this.#keeper.facts;
      return await this.#ask(() => renderedNow(reading, findRow(reading, genId)));
    } catch (error) {
      throw asProblems(error);
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

  #ask<T>(work: () => T): T {
    if (this.#isClosed) throw new ProblemError([problem('DD197', 'the view was closed')]);
    try {
      return work();
    } catch (error) {
      throw asProblems(error);
    }
  }
}
