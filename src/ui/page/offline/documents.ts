// What the server would answer, answered from the data that the page carries with it. Asks nobody.
import { essayPage, ESSAY_ORDERS } from '../../../scores/book/essays.ts';
import { matrixReport } from '../../../scores/book/matrixreport.ts';
import { unpackedBook } from '../../../scores/book/packed.ts';
import { judgesReport, lengthsReport } from '../../../scores/book/points.ts';
import { templateAt } from '../../../scores/book/parameters.ts';
import { pairReport } from '../../../scores/book/pairs.ts';
import type { ScoreBook } from '../../../scores/book/scorebook.ts';
import { FACETS, type Facet, type Where } from '../../../scores/book/scoretable.ts';
import { relativeUrl } from '../../../text/relativeurl.ts';
import type { GenerationReport, Relative, TextPiece } from '../../../api/view/generation.ts';
import type { State } from '../../../plan/verdict.ts';
import type { ExportData } from '../../export/exportdata.ts';
import type { Words } from '../frame/words.ts';

type Answer = (words: Words) => unknown;

/** By name; a name that is not there can not be asked for in a page on disk. */
export function offlineDocuments(data: ExportData): ReadonlyMap<string, Answer> {
  const book = unpackedBook(data.book);
  const family = new Family(data, book);
  return new Map<string, Answer>([
    ['about', () => ({ name: data.title })],
    [
      'status',
      () => ({
        total: data.total,
        states: { current: data.current },
        holder: null,
        broken: data.cautions.map((message) => ({
          code: 'Caution:',
          severity: 'warning',
          message,
          cure: '',
        })),
      }),
    ],
    ...scoreAnswers(book, data),
    ['statistics', () => ({ evaluations: data.evaluations, scored: data.scored, tables: data.tables })],
    ['origin', () => data.origin],
    ['generation', (words) => family.report(textIn(words, 'id') ?? '')],
    ['text', (words) => family.text(textIn(words, 'id') ?? '', textIn(words, 'file') ?? 'parsed')],
  ]);
}

function scoreAnswers(book: ScoreBook, data: ExportData): readonly (readonly [string, Answer])[] {
  return [
    [
      'matrix',
      (words) =>
        matrixReport(book, {
          ...narrowed(words),
          rows: facetIn(words, 'rows'),
          columns: facetIn(words, 'columns'),
          order: textIn(words, 'order') === 'name' ? 'name' : 'mean',
          by: textIn(words, 'by'),
          ...pageIn(words),
        }),
    ],
    [
      'essays',
      (words) =>
        essayPage(book, {
          ...narrowed(words),
          order: ESSAY_ORDERS.find((each) => each === textIn(words, 'order')),
          find: textIn(words, 'find'),
          ...pageIn(words),
        }),
    ],
    [
      'pairs',
      (words) =>
        pairReport(book, {
          ...narrowed(words),
          facet: facetIn(words, 'facet') ?? 'draft_template',
          a: textIn(words, 'a') ?? '',
          b: textIn(words, 'b') ?? '',
          ...pageIn(words),
        }),
    ],
    [
      'judgepairs',
      (words) => judgesReport(book, { ...narrowed(words), a: textIn(words, 'a'), b: textIn(words, 'b') }),
    ],
    [
      'lengths',
      (words) =>
        lengthsReport(book, (essay) => data.book.essays.lengths[essay] ?? undefined, narrowed(words)),
    ],
  ];
}

function textsIn(words: Words, name: string): readonly string[] {
  return [words[name] ?? []]
    .flat()
    .map(String)
    .filter((each) => each !== '');
}

function textIn(words: Words, name: string): string | undefined {
  return textsIn(words, name)[0];
}

function facetIn(words: Words, name: string): Facet | undefined {
  return FACETS.find((each) => each === textIn(words, name));
}

function narrowed(words: Words): { readonly cohort: string | undefined; readonly where: Where } {
  const where = Object.fromEntries(
    FACETS.map((facet) => [facet, textsIn(words, facet)] as const).filter(([, names]) => names.length > 0),
  );
  return { cohort: textIn(words, 'cohort'), where };
}

function pageIn(words: Words): { readonly from: number | undefined; readonly most: number | undefined } {
  const number = (name: string): number | undefined => {
    const text = textIn(words, name);
    return text === undefined ? undefined : Number(text);
  };
  return { from: number('from'), most: number('most') };
}

const FILES: Readonly<Record<string, string>> = {
  parsed: 'parsed.txt',
  raw: 'raw.txt',
  prompt: 'prompt.txt',
  metadata: 'metadata.json',
};

/** Who is made from whom, as far as scores tell. */
class Family {
  readonly #data: ExportData;
  readonly #book: ScoreBook;
  readonly #essays = new Map<string, number>();
  readonly #evaluations = new Map<string, number>();
  readonly #drafts = new Map<string, number[]>();
  /** Evaluations by essay. */
  readonly #judged = new Map<number, number[]>();

  constructor(data: ExportData, book: ScoreBook) {
    this.#data = data;
    this.#book = book;
    const { essays, evaluations } = data.book;
    for (const [essay, id] of essays.ids.entries()) this.#essays.set(id, essay);
    for (const [essay, id] of essays.drafts.entries()) listed(this.#drafts, id).push(essay);
    for (const [place, id] of evaluations.ids.entries()) {
      this.#evaluations.set(id, place);
      listed(this.#judged, evaluations.essays[place] ?? 0).push(place);
    }
  }

  text(id: string, name: string): TextPiece & { readonly href: string } {
    const stage = this.#stageOf(id);
    const text = stage === 'essay' && name === 'parsed' ? (this.#data.texts[id] ?? null) : null;
    const path = `gens/${stage}/${id}/${FILES[name] ?? 'parsed.txt'}`;
    const href = `${this.#data.dataRoot}${relativeUrl(path).slice(1)}`;
    const file = name === 'raw' || name === 'prompt' || name === 'metadata' ? name : 'parsed';
    const size = this.#data.cut[id] ?? text?.length ?? 0;
    return { genId: id, stage, file, text, size, from: 0, next: null, href };
  }

  report(id: string): Omit<GenerationReport, 'dossier'> & { readonly dossier: object } {
    const stage = this.#stageOf(id);
    const evaluation = this.#evaluations.get(id);
    const essay = evaluation === undefined ? this.#essays.get(id) : this.#book.table.essays[evaluation];
    const chain: Relative[] = essay === undefined ? [] : [this.#draft(essay), this.#essay(essay)];
    if (evaluation !== undefined) chain.push(this.#evaluation(evaluation));
    const own = chain.find(({ genId }) => genId === id);
    const children =
      stage === 'evaluation'
        ? []
        : stage === 'essay'
          ? (this.#judged.get(essay ?? -1) ?? []).map((place) => this.#evaluation(place))
          : (this.#drafts.get(id) ?? []).map((each) => this.#essay(each));
    return {
      dossier: {
        genId: id,
        stage,
        state: own?.state ?? null,
        template: own?.template ?? null,
        model: own?.model ?? null,
        combo: essay === undefined ? null : this.#made('combo', essay),
        concepts: [],
        replicate: evaluation === undefined ? null : this.#book.evaluationAt(evaluation).replicate,
        cohorts: [],
        parents: [],
        children: [],
        answer: NO_ANSWER,
      },
      explanation: null,
      chain: chain.slice(0, chain.findIndex(({ genId }) => genId === id) + 1),
      children,
      childCount: children.length,
      score: own?.score ?? null,
      scores: {},
      rationale: '',
      scoreError: null,
    };
  }

  #stageOf(id: string): 'draft' | 'essay' | 'evaluation' {
    return this.#evaluations.has(id) ? 'evaluation' : this.#essays.has(id) ? 'essay' : 'draft';
  }

  #made(
    facet: 'draft_template' | 'draft_model' | 'essay_template' | 'essay_model' | 'combo',
    essay: number,
  ): string {
    const { names, essays } = this.#data.book;
    return names[facet][essays.made[facet][essay] ?? 0] ?? '';
  }

  #draft(essay: number): Relative {
    const { draft } = this.#book.essayAt(essay);
    const template = this.#made('draft_template', essay);
    return {
      genId: draft,
      stage: 'draft',
      state: 'current',
      template,
      model: this.#made('draft_model', essay),
      score: null,
    };
  }

  #essay(essay: number): Relative {
    const { genId, state } = this.#book.essayAt(essay);
    const { scores } = this.#book.table;
    const known = (this.#judged.get(essay) ?? [])
      .map((place) => scores[place] ?? NaN)
      .filter((each) => !Number.isNaN(each));
    return {
      genId,
      stage: 'essay',
      state: state as State,
      template: this.#made('essay_template', essay),
      model: this.#made('essay_model', essay),
      score: known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length,
    };
  }

  #evaluation(place: number): Relative {
    const { names, codes, scores } = this.#book.table;
    const template = templateAt(this.#book.table, 'evaluation', place);
    const { genId, state } = this.#book.evaluationAt(place);
    const score = scores[place] ?? Number.NaN;
    return {
      genId,
      stage: 'evaluation',
      state: state as State,
      template,
      model: names.judge[codes.judge[place] ?? 0] ?? '',
      score: Number.isNaN(score) ? null : score,
    };
  }
}

const NO_ANSWER = {
  provider: null,
  model: null,
  answeredBy: null,
  finishReason: null,
  promptTokens: null,
  completionTokens: null,
  cost: null,
  durationSeconds: null,
};

function listed<K>(map: Map<K, number[]>, key: K): number[] {
  const known = map.get(key) ?? [];
  map.set(key, known);
  return known;
}
