// The documents that show what is there: how things stand, scores, generations, texts. Each is a view's answer with the version that
// it belongs to. Decides nothing.
import type { View } from '../../api/view/view.ts';
import { ESSAY_ORDERS } from '../../scores/book/essays.ts';
import type { Query } from '../server/server.ts';
import { choice, count, facet, needed, text, texts, where } from './query.ts';

const ANY = 2 ** 31;

export function readingDocuments(view: View): Readonly<Record<string, (query: Query) => unknown>> {
  const of = (document: object): object => ({ at: view.version, ...document });
  return {
    status: () => {
      const { holder, underway, broken, warnings } = view;
      const who = { holder: holder ?? null, underway: underway ?? null };
      return of({ ...view.status(), ...who, batched: view.batched, broken, warnings });
    },
    ...scoreDocuments(view),
    plan: async (query) =>
      of(
        await view.plan({
          select: texts(query, 'select'),
          exclude: texts(query, 'exclude'),
          force: text(query, 'force') === '1' ? true : undefined,
          retry: choice(query, 'retry', ['api', 'refused', 'all']),
          from: count(query, 'from', ANY),
          most: count(query, 'most', 500),
        }),
      ),
    batches: async () => of({ batches: (await view.batches()).slice(0, 50) }),
    map: () => of(view.map()),
    spec: async (query) => {
      const cohort = needed(query, 'cohort');
      return of({ cohort, files: await view.spec(cohort) });
    },
    selectors: () => of({ words: view.selectors() }),
    generations: (query) =>
      of(
        view.page({
          select: texts(query, 'select'),
          exclude: texts(query, 'exclude'),
          from: count(query, 'from', ANY),
          most: count(query, 'most', 500),
        }),
      ),
    generation: async (query) => of(await view.generation(needed(query, 'id'))),
    answers: async (query) => of({ answers: await view.answers(needed(query, 'id')) }),
    prompt: async (query) => of(await view.prompt(needed(query, 'id'))),
    text: (query) => {
      const file = choice(query, 'file', ['prompt', 'raw', 'parsed', 'metadata']) ?? 'parsed';
      return of(view.text(needed(query, 'id'), file, count(query, 'from', ANY)));
    },
  };
}

function scoreDocuments(view: View): Readonly<Record<string, (query: Query) => unknown>> {
  const of = (document: object): object => ({ at: view.version, ...document });
  return {
    matrix: (query) =>
      of(
        view.matrix({
          cohort: text(query, 'cohort'),
          where: where(query),
          rows: facet(query, 'rows'),
          columns: facet(query, 'columns'),
          order: choice(query, 'order', ['mean', 'name']),
          by: text(query, 'by'),
          from: count(query, 'from', ANY),
          most: count(query, 'most', 500),
        }),
      ),
    essays: (query) =>
      of(
        view.essays({
          cohort: text(query, 'cohort'),
          where: where(query),
          order: choice(query, 'order', ESSAY_ORDERS),
          find: text(query, 'find'),
          from: count(query, 'from', ANY),
          most: count(query, 'most', 500),
        }),
      ),
    judgepairs: (query) =>
      of(
        view.judgePairs({
          cohort: text(query, 'cohort'),
          where: where(query),
          a: text(query, 'a'),
          b: text(query, 'b'),
        }),
      ),
    lengths: (query) => of(view.lengths({ cohort: text(query, 'cohort'), where: where(query) })),
    pairs: (query) =>
      of(
        view.pairs({
          cohort: text(query, 'cohort'),
          where: where(query),
          facet: facet(query, 'facet') ?? 'draft_template',
          a: needed(query, 'a'),
          b: needed(query, 'b'),
          from: count(query, 'from', ANY),
          most: count(query, 'most', 500),
        }),
      ),
  };
}
