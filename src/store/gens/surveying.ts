// The whole gens store read once, folder by folder, by several threads where there is much of it; and the kept responses on the way.
// Knows no graph, and judges nothing.
import { existsSync, type Dirent } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { attempt, type Problem } from '../../problem.ts';
import { isTemporary } from '../leftovers.ts';
import { listResponses, readResponse } from '../responses.ts';
import { entriesIfPresent } from '../writing/atomic.ts';
import { GenIndex, type IndexContents } from './genindex.ts';
import { mayNot, surveyGenerations } from './survey.ts';
import { packFacts, unpackFacts, type PackedFacts, type StoredGeneration } from './surveyfacts.ts';
import { layoutOf, type Layout } from '../layout.ts';

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

/** What is to be looked at; a thread gets it as it is. */
export interface SurveyJob {
  readonly dataRoot: string;
  /** Names of the folders, by stage; one text each, since that is quick to hand over. */
  readonly ids: readonly string[];
  readonly responses: string;
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
export async function beginSurvey(layout: Layout): Promise<Surveying> {
  const stages = STAGES.map((stage) => namesOf(layout, stage));
  const closed: string[] = [];
  const responses = listResponses(layout, (work) => {
    const { value, problems } = attempt(work);
    closed.push(...placesIn(layout, problems));
    return value ?? [];
  });
  const job: SurveyJob = {
    dataRoot: layout.dataRoot,
    ids: stages.map(({ ids }) => ids.join('\n')),
    responses: responses.join('\n'),
    next: new Int32Array(new SharedArrayBuffer(4)),
  };
  const work = workOf(job);
  const total = work.generations.length + work.responses.length;
  const threads = await startThreads(job, total);
  return {
    async finish(listener) {
      const read = new Map<number, PieceFound>();
      const take = (piece: Piece): void => {
        const found = foundIn(work, piece);
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

interface Threads {
  /** Hands on what they have read so far and what they read from now on; resolves when all of them have ended, whatever the reason. */
  readonly hear: (take: (piece: Piece) => void) => Promise<void>;
}

async function startThreads(job: SurveyJob, total: number): Promise<Threads> {
  const count = Math.min(availableParallelism(), MOST_THREADS, Math.floor(total / WORTH_A_THREAD));
  if (count < 2 || !existsSync(WORKER)) return { hear: async () => {} };
  const { Worker: Thread } = await import('node:worker_threads');
  const early: Piece[] = [];
  let take = (piece: Piece): void => void early.push(piece);
  const ends = Array.from({ length: count }, () =>
    endOf(new Thread(WORKER, { workerData: job }), (piece) => take(piece)),
  );
  return {
    async hear(listener) {
      take = listener;
      for (const piece of early.splice(0)) listener(piece);
      await Promise.all(ends);
    },
  };
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
  readonly generations: readonly { readonly stage: Stage; readonly genId: GenId }[];
  readonly responses: readonly string[];
  readonly pieces: number;
}

export function workOf({ dataRoot, ids, responses }: SurveyJob): Work {
  const generations = STAGES.flatMap((stage, place) => lines(ids[place]).map((genId) => ({ stage, genId })));
  const names = lines(responses);
  const pieces = Math.ceil(generations.length / PIECE) + Math.ceil(names.length / PIECE);
  return { layout: layoutOf(dataRoot), generations, responses: names, pieces };
}

function lines(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split('\n');
}

/** Pieces of generations come first, then those of responses. */
export function surveyPiece({ layout, generations, responses }: Work, number: number): Piece {
  const first = number * PIECE;
  const here = generations.slice(first, first + PIECE);
  const index = new GenIndex(here.length);
  const behind = first - Math.ceil(generations.length / PIECE) * PIECE;
  const names = behind < 0 ? [] : responses.slice(behind, behind + PIECE);
  const kept = names.map((name) => attempt(() => readResponse(layout, name)));
  return {
    number,
    facts: packFacts(surveyGenerations(layout, here, { index, row: 0 })),
    damaged: names.filter((_name, place) => kept[place]?.value === 'damaged'),
    closed: kept.flatMap(({ problems }) => placesIn(layout, problems)),
    size: here.length,
    ...index.contents(),
  };
}

/** What a piece says, whoever has read it. */
export function foundIn({ generations }: Work, { number, facts, size, damaged, closed }: Piece): PieceFound {
  const here = generations.slice(number * PIECE, number * PIECE + size);
  return { generations: unpackFacts(here, facts), damaged, closed };
}

/** What each thread does: it takes the next piece until none is left. What columns stand on may be moved, and need not be copied. */
export function surveyShare(job: SurveyJob, tell: (piece: Piece, movable: ArrayBuffer[]) => void): void {
  const work = workOf(job);
  const take = (): number => Atomics.add(job.next, 0, 1);
  for (let number = take(); number < work.pieces; number = take()) {
    const piece = surveyPiece(work, number);
    const columns = [piece.facts.numbers, ...piece.columns.values()];
    tell(
      piece,
      columns.map(({ buffer }) => buffer as ArrayBuffer),
    );
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
  const all = pieces.flatMap(({ generations }) => generations);
  const store = all.filter(({ unreadable }) => unreadable.length === 0);
  return {
    store,
    leftovers: [
      ...stages.flatMap((each) => each.leftovers),
      ...store.flatMap(({ stage, genId, leftovers: names }) =>
        names.map((name) => `gens/${stage}/${genId}/${name}`),
      ),
    ],
    unreadable: [
      ...[...stages, ...all].flatMap(({ unreadable }) => unreadable),
      ...folders,
      ...pieces.flatMap(({ closed }) => closed),
    ],
    damagedResponses: pieces.flatMap(({ damaged }) => damaged),
  };
}
