// The whole gens store read once, folder by folder, by several threads where there is much of it; and the kept responses on the way.
// Knows no graph, and judges nothing.
import { existsSync, statSync, type Dirent } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { attempt, type Problem } from '../../problem.ts';
import { isTemporary } from '../leftovers.ts';
import { listResponses, readResponse } from '../responses.ts';
import { entriesIfPresent } from '../writing/atomic.ts';
import { GenIndex, rowsIn, type IndexContents } from './genindex.ts';
import { mayNot, surveyGenerations, type NeededLines } from './survey.ts';
import type { StoredGeneration } from './surveyfacts.ts';
import { packFacts, unpackFacts, type Numbering, type PackedFacts } from './surveypacks.ts';
import { indexPath, layoutOf, type Layout } from '../layout.ts';

export interface Survey {
  /** Every generation folder that may be read, by stage and then by id. */
  readonly store: readonly StoredGeneration[];
  /** Files and folders of the gens store that a crash left half written, relative to the data root. */
  readonly leftovers: readonly string[];
  /** Folders and files of the gens store, and of the kept responses, that may not be read, relative to the data root. */
  readonly unreadable: readonly string[];
  /** Names of the kept responses that can not be read. */
  readonly damagedResponses: readonly string[];
}

interface Target {
  readonly stage: Stage;
  readonly genId: GenId;
}

/** What is to be looked at; a thread gets it as it is. */
export interface SurveyJob {
  readonly dataRoot: string;
  /** Names of the folders, by stage; one text each, since that is quick to hand over. */
  readonly ids: readonly string[];
  readonly responses: string;
  readonly lines: NeededLines;
  /** The next piece, which whoever is free takes. */
  readonly next: Int32Array;
}

/** What came of one piece. */
export interface Piece extends IndexContents, PieceResponses {
  readonly number: number;
  readonly facts: PackedFacts;
  readonly size: number;
}

interface PieceResponses {
  readonly damaged: readonly string[];
  /** Responses that may not be read, relative to the data root. */
  readonly closed: readonly string[];
}

interface PieceFound extends PieceResponses {
  readonly generations: readonly StoredGeneration[];
}

/** Generations, or responses, of one piece: few enough that threads end together. */
const PIECE = 256;
/** Starting a thread costs about as much as reading so many generations. */
export const WORTH_A_THREAD = 500;
const MOST_THREADS = 4;
const WORKER = fileURLToPath(new URL('../surveyworker.js', import.meta.url));

export interface Listener {
  readonly rowOf: Numbering;
  /** Some generations, each once, with an index of its own that has a row for each of them, in their order. */
  readonly onGenerations: (some: readonly StoredGeneration[], index: GenIndex) => void;
  /** How many generations and responses are read, and of how many. */
  readonly onProgress: (done: number, total: number) => void;
}

export interface Surveying {
  /** Resolves when all is read. */
  readonly finish: (listener: Listener) => Promise<Survey>;
}

/** Begins at once where threads are worth it, so that the caller can do something else; else with `finish`. */
export async function beginSurvey(layout: Layout, lines: NeededLines): Promise<Surveying> {
  // Threads take their time to begin. Of a store of which an index knows many generations they need not wait for the names.
  const threads = new Threads();
  await threads.start(likelyTotal(layout));
  const { stages, responses, closed } = await namesOr(() => threads.end(), layout);
  const job: SurveyJob = {
    dataRoot: layout.dataRoot,
    ids: stages.map(({ ids }) => ids.join('\n')),
    responses: responses.join('\n'),
    lines,
    next: new Int32Array(new SharedArrayBuffer(4)),
  };
  const work = workFor(
    job,
    stages.map(({ ids }) => ids),
    responses,
  );
  const total = work.size + responses.length;
  await threads.start(total);
  threads.give(job);
  return {
    async finish(listener) {
      const read = new Map<number, PieceFound>();
      const take = (piece: Piece): void => {
        const found = foundIn(work, piece, listener.rowOf);
        listener.onGenerations(found.generations, new GenIndex(piece.size, piece));
        read.set(piece.number, found);
        listener.onProgress(Math.min(read.size * PIECE, total), total);
      };
      await threads.hear(take);
      // Without threads all of it, and what a thread that died had taken.
      for (let number = 0; number < work.pieces; number++)
        if (!read.has(number)) take(surveyPiece(work, number));
      const inOrder = Array.from({ length: work.pieces }, (_, number) => read.get(number));
      return surveyOf(
        inOrder.flatMap((found) => found ?? []),
        stages,
        closed,
      );
    },
  };
}

/** As an index of an earlier command has it; 0 without one, or where it may not be looked for. */
function likelyTotal(layout: Layout): number {
  const { value: stat } = attempt(() => statSync(indexPath(layout), { throwIfNoEntry: false }));
  return rowsIn(stat?.size ?? 0);
}

/** Threads that wait for a job would keep the process from ending. */
async function namesOr(end: () => Promise<void>, layout: Layout): Promise<Names> {
  try {
    return namesIn(layout);
  } catch (error) {
    await end();
    throw error;
  }
}

interface Names {
  readonly stages: readonly StageNames[];
  readonly responses: readonly string[];
  /** Folders of responses that may not be looked into. */
  readonly closed: readonly string[];
}

function namesIn(layout: Layout): Names {
  const closed: string[] = [];
  const responses = listResponses(layout, (work) => {
    const { value, problems } = attempt(work);
    closed.push(...placesIn(layout, problems));
    return value ?? [];
  });
  return { stages: STAGES.map((stage) => namesOf(layout, stage)), responses, closed };
}

interface StageNames {
  readonly ids: readonly GenId[];
  readonly leftovers: readonly string[];
  readonly unreadable: readonly string[];
}

function namesOf({ gens }: Layout, stage: Stage): StageNames {
  let entries: readonly Dirent[] = [];
  const closed = mayNot(() => (entries = entriesIfPresent(`${gens}/${stage}`)));
  return {
    unreadable: closed ? [`gens/${stage}`] : [],
    ids: entries.filter((each) => each.isDirectory() && !each.name.startsWith('.')).map(({ name }) => name),
    leftovers: entries.flatMap(({ name }) => (isTemporary(name) ? [`gens/${stage}/${name}`] : [])),
  };
}

class Threads {
  readonly #threads: Worker[] = [];
  readonly #ends: Promise<void>[] = [];
  readonly #early: Piece[] = [];
  #take = (piece: Piece): void => void this.#early.push(piece);

  /** Starts as many as so much work is worth, where none are yet. */
  async start(total: number): Promise<void> {
    const count = Math.min(availableParallelism(), MOST_THREADS, Math.floor(total / WORTH_A_THREAD));
    if (this.#threads.length > 0 || count < 2 || !existsSync(WORKER)) return;
    const { Worker: Thread } = await import('node:worker_threads');
    for (let number = 0; number < count; number++) {
      const thread = new Thread(WORKER);
      this.#threads.push(thread);
      this.#ends.push(endOf(thread, (piece) => this.#take(piece)));
    }
  }

  give(job: SurveyJob): void {
    for (const thread of this.#threads) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      thread.postMessage(job);
    }
  }

  /** Hands on what they have read so far and what they read from now on; resolves when all of them have ended, whatever the reason. */
  async hear(listener: (piece: Piece) => void): Promise<void> {
    this.#take = listener;
    for (const piece of this.#early.splice(0)) listener(piece);
    await Promise.all(this.#ends);
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

function endOf(thread: Worker, take: (piece: Piece) => void): Promise<void> {
  return new Promise((resolve) => {
    thread.on('message', take);
    // What it could not read is read again here, and whoever can not read it here says why.
    thread.on('error', () => {});
    thread.on('exit', () => resolve());
  });
}

export interface Work {
  readonly layout: Layout;
  /** By stage. */
  readonly ids: readonly (readonly GenId[])[];
  readonly responses: readonly string[];
  readonly lines: NeededLines;
  /** Of generations. */
  readonly size: number;
  readonly pieces: number;
}

export function workOf(job: SurveyJob): Work {
  return workFor(job, job.ids.map(lines), lines(job.responses));
}

function workFor(
  { dataRoot, lines: needed }: SurveyJob,
  ids: Work['ids'],
  responses: readonly string[],
): Work {
  const size = ids.reduce((sum, { length }) => sum + length, 0);
  const pieces = Math.ceil(size / PIECE) + Math.ceil(responses.length / PIECE);
  return { layout: layoutOf(dataRoot), ids, responses, lines: needed, size, pieces };
}

/** The generations of a piece. */
function targetsOf({ ids }: Work, number: number): readonly Target[] {
  let first = number * PIECE;
  const targets: Target[] = [];
  for (const [place, stage] of STAGES.entries()) {
    const here = ids[place] ?? [];
    const from = Math.max(0, first);
    for (const genId of here.slice(from, from + PIECE - targets.length)) targets.push({ stage, genId });
    first -= here.length;
  }
  return targets;
}

function lines(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split('\n');
}

/** Pieces of generations come first, then those of responses. */
export function surveyPiece(work: Work, number: number): Piece {
  const { layout, responses, lines: needed, size } = work;
  const here = targetsOf(work, number);
  const index = new GenIndex(here.length);
  const behind = (number - Math.ceil(size / PIECE)) * PIECE;
  const names = behind < 0 ? [] : responses.slice(behind, behind + PIECE);
  const kept = names.map((name) => attempt(() => readResponse(layout, name)));
  return {
    number,
    facts: packFacts(surveyGenerations(layout, here, { index, row: 0 }, needed)),
    damaged: names.filter((_name, place) => kept[place]?.value === 'damaged'),
    closed: kept.flatMap(({ problems }) => placesIn(layout, problems)),
    size: here.length,
    ...index.contents(),
  };
}

/** What a piece says, whoever has read it. */
export function foundIn(
  work: Work,
  { number, facts, damaged, closed }: Piece,
  rowOf?: Numbering,
): PieceFound {
  return { generations: unpackFacts(targetsOf(work, number), facts, rowOf), damaged, closed };
}

/** What each thread does: it takes the next piece until none is left. What columns stand on may be moved, and need not be copied. */
export function surveyShare(job: SurveyJob, tell: (piece: Piece, movable: ArrayBuffer[]) => void): void {
  const work = workOf(job);
  const take = (): number => Atomics.add(job.next, 0, 1);
  for (let number = take(); number < work.pieces; number = take()) {
    const piece = surveyPiece(work, number);
    const columns = [piece.facts.numbers, ...piece.columns.values()];
    tell(piece, [...new Set(columns.map(({ buffer }) => buffer as ArrayBuffer))]);
  }
}

function placesIn({ dataRoot }: Layout, problems: readonly Problem[]): readonly string[] {
  return problems.flatMap(({ place }) => (place?.file === undefined ? [] : [relative(dataRoot, place.file)]));
}

function surveyOf(
  pieces: readonly PieceFound[],
  stages: readonly StageNames[],
  folders: readonly string[],
): Survey {
  const store: StoredGeneration[] = [];
  const leftovers = stages.flatMap((each) => each.leftovers);
  const unreadable = stages.flatMap((each) => each.unreadable);
  for (const { generations } of pieces)
    for (const each of generations) {
      if (each.unreadable.length > 0) {
        unreadable.push(...each.unreadable);
        continue;
      }
      store.push(each);
      for (const name of each.leftovers) leftovers.push(`gens/${each.stage}/${each.genId}/${name}`);
    }
  unreadable.push(...folders, ...pieces.flatMap(({ closed }) => closed));
  return { store, leftovers, unreadable, damagedResponses: pieces.flatMap(({ damaged }) => damaged) };
}
