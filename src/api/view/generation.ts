// What a view says of single generations: pages of them, one with all that is known of it, and their texts by pieces. Reads the store
// for the one that is asked for, and for no other.
import type { GenId, Stage } from '../../generation/stage.ts';
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { STATES, type State } from '../../plan/verdict.ts';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { besideScoreAt } from '../../engine/plan/contents.ts';
import { besideScore } from '../../generation/parsers/scored.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import { genFolder } from '../../store/layout.ts';
import { readIfPresent } from '../../store/writing/atomic.ts';
import { dossierOf, type Dossier } from '../reading/dossier.ts';
import { findGeneration } from '../reading/find.ts';
import { namesOf, recordOf, type GenerationRecord } from '../reading/generations.ts';
import { selectedSound } from '../reading/open.ts';
import { explainGeneration, type Explanation } from '../reading/why.ts';
import type { SelectOptions } from '../request.ts';
import type { Facts } from './facts.ts';

export interface PageOptions extends SelectOptions {
  readonly from?: number | undefined;
  /** 100 where it is left out. */
  readonly most?: number | undefined;
}

/** A record without what takes reading: `generations()` of the project has that too. */
export interface ListedGeneration extends Omit<GenerationRecord, 'tags' | 'texts'> {
  readonly score: number | null;
}

export interface GenerationPage {
  readonly from: number;
  readonly total: number;
  readonly generations: readonly ListedGeneration[];
}

/** In the order of the rows: drafts, essays, evaluations. */
export function generationPage(facts: Facts, options: PageOptions): GenerationPage {
  const { selected } = selectedSound(options, facts.reading);
  const from = options.from ?? 0;
  const most = options.most ?? 100;
  const rows: number[] = [];
  let total = 0;
  for (let row = 0; row < selected.length; row++) {
    if (selected[row] !== 1) continue;
    if (total >= from && rows.length < most) rows.push(row);
    total++;
  }
  const names = { ...namesOf(facts.reading, rows), tags: () => [] };
  const generations = rows.map((row): ListedGeneration => {
    const { tags: _unread, ...record } = recordOf(facts.judged, row, names);
    return { ...record, score: scoreAt(facts, row) };
  });
  return { from, total, generations };
}

function scoreAt({ scores }: Facts, row: number): number | null {
  const score = scores[row] ?? Number.NaN;
  return Number.isNaN(score) ? null : score;
}

/** A generation beside another: what it is made from, or made into. */
export interface Relative {
  readonly genId: GenId;
  readonly stage: Stage;
  readonly state: State;
  readonly template: string;
  readonly model: string;
  readonly score: number | null;
}

export interface GenerationReport {
  readonly dossier: Dossier;
  /** Null where no cohort has it. */
  readonly explanation: Explanation | null;
  /** Draft, essay, evaluation: the generation itself and what it is made from. */
  readonly chain: readonly Relative[];
  /** What is made from it, at most so many. */
  readonly children: readonly Relative[];
  readonly childCount: number;
  /** Of an evaluation, or of the evaluations of an essay. */
  readonly score: number | null;
  /** Scores of an evaluation beside it, by name, and why, in the judge's words. */
  readonly scores: Readonly<Record<string, number>>;
  readonly rationale: string;
  /** Why an evaluation has no score. */
  readonly scoreError: string | null;
}

const MOST_CHILDREN = 200;

/** A ProblemError where there is no generation of that id. */
export async function generationReport(facts: Facts, genId: string): Promise<GenerationReport> {
  const { reading, graph } = facts;
  const found = findGeneration(reading, genId);
  const row = found.row;
  const dossier = dossierOf(reading, found);
  if (row === undefined)
    return {
      dossier,
      explanation: null,
      chain: [],
      children: [],
      childCount: 0,
      score: null,
      ...besideScore(undefined),
      scoreError: null,
    };
  const chain = [row];
  for (let above = at(graph.parent, row); above >= 0; above = at(graph.parent, above)) chain.unshift(above);
  const { start, rows } = facts.children;
  const below = [...rows.subarray(at(start, row), at(start, row + 1))];
  return {
    dossier,
    explanation: await explainGeneration(reading, genId),
    chain: chain.map((each) => relativeOf(facts, each)),
    children: below.slice(0, MOST_CHILDREN).map((each) => relativeOf(facts, each)),
    childCount: below.length,
    score: scoreAt(facts, row),
    ...besideScoreAt(reading.session.loaded.layout, graph, row),
    scoreError: scoreErrorOf(facts, row),
  };
}

function relativeOf(facts: Facts, row: number): Relative {
  const { graph, verdicts } = facts;
  return {
    genId: idAt(graph, row),
    stage: stageAt(graph, row),
    state: at(STATES, at(verdicts.state, row)),
    template: at(graph.templates, at(graph.template, row)).id,
    model: at(graph.models, at(graph.model, row)),
    score: scoreAt(facts, row),
  };
}

function scoreErrorOf({ graph, session }: Facts, row: number): string | null {
  if (stageAt(graph, row) !== 'evaluation') return null;
  const text = readArtifact(session.loaded.layout, 'evaluation', idAt(graph, row), 'parsed');
  return scoreOfParsed(text).error ?? null;
}

export const TEXTS = {
  prompt: 'prompt.txt',
  raw: 'raw.txt',
  parsed: 'parsed.txt',
  metadata: 'metadata.json',
} as const;
export type TextName = keyof typeof TEXTS;

export interface TextPiece {
  readonly genId: GenId;
  readonly stage: Stage;
  readonly file: TextName;
  /** Null where there is no such file. */
  readonly text: string | null;
  /** In UTF-16 units, as `from` and `next`. */
  readonly size: number;
  readonly from: number;
  /** Where the next piece begins; null at the end. */
  readonly next: number | null;
}

/** So many UTF-16 units at a time. */
const PIECE = 200_000;

export function textPiece(facts: Facts, genId: string, file: TextName, from = 0): TextPiece {
  const found = findGeneration(facts.reading, genId);
  const folder = genFolder(facts.session.loaded.layout, found.stage, found.genId);
  const text = readIfPresent(`${folder}/${TEXTS[file]}`)?.toString('utf8');
  const piece = text?.slice(from, from + PIECE);
  const end = from + (piece?.length ?? 0);
  const size = text?.length ?? 0;
  const { stage } = found;
  return { genId: found.genId, stage, file, text: piece ?? null, size, from, next: end < size ? end : null };
}
