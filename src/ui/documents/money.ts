// The documents of runs, money, judges, ratings and health: what the project keeps beside its generations. Decides nothing.
import type { Project } from '../../api/project.ts';
import type { View } from '../../api/view/view.ts';
import type { Aside } from '../aside/aside.ts';
import type { Query } from '../server/server.ts';
import { choice, count, needed, text, texts } from './query.ts';

export function moneyDocuments(
  project: Project,
  view: View,
  aside: Aside,
): Readonly<Record<string, (query: Query) => unknown>> {
  const of = (document: object): object => ({ at: view.version, ...document });
  return {
    costs: async (query) =>
      of(await view.costs({ by: byOf(texts(query, 'by')), since: text(query, 'since') })),
    runs: async (query) => {
      const { causeOf } = await import('../../api/building/failures.ts');
      const runs = (await view.runs()).toReversed();
      const from = count(query, 'from', runs.length) ?? 0;
      const shown = runs.slice(from, from + 100).map((run) => ({
        ...run,
        failures: run.failures.map((each) => ({ ...each, ...causeOf(each) })),
      }));
      return of({ from, total: runs.length, runs: shown });
    },
    statistics: async (query) => of(await aside.kept('statistics', text(query, 'cohort'))),
    rating: async (query) =>
      of(
        await view.toRate({
          cohort: text(query, 'cohort'),
          rubric: text(query, 'rubric'),
          rater: text(query, 'rater'),
          kind: choice(query, 'kind', ['score', 'preference']),
          seed: text(query, 'seed'),
        }),
      ),
    health: async () => of(await aside.fresh('health')),
    runpair: async (query) => of(await project.runPair(needed(query, 'a'), needed(query, 'b'))),
    run: async (query) => of({ run: await project.run(needed(query, 'id')) }),
  };
}

function byOf(words: readonly string[] | undefined): ('model' | 'stage' | 'day' | 'cohort')[] {
  const known = (['model', 'stage', 'day', 'cohort'] as const).filter((key) => words?.includes(key));
  return known.length === 0 ? ['model'] : known;
}
