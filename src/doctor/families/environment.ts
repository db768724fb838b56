// Findings about the project around the store: inputs that can not be used, keys that are missing, folders that can not be written.
import { OFFLINE } from '../../config.ts';
import { attemptedRows } from '../../engine/plan/plan.ts';
import { taskAt } from '../../graph/graph.ts';
import { keyProblems } from '../../model/providers/keys.ts';
import { trimmedKey } from '../../model/providers/sendable.ts';
import type { Problem } from '../../problem.ts';
import { isWritable } from '../../store/gens/survey.ts';
import type { Examination } from '../examination.ts';
import { finding, findingOf, type Finding } from '../findings.ts';

export function environmentFindings(examination: Examination): readonly Finding[] {
  return [
    ...examination.problems.map(findingOf),
    ...unsendableKeys(examination).map(findingOf),
    ...missingKeys(examination),
    ...unwritable(examination),
  ];
}

/** Of every provider whose models the cohorts name, whether or not something waits for it. */
function unsendableKeys({ opened, settings, environment }: Examination): readonly Problem[] {
  const { asks } = opened?.session.loaded.graph ?? { asks: [] };
  const names = new Set(asks.flatMap((ask) => ask?.provider ?? []));
  return keyProblems({ settings, environment }, names).filter(({ code }) => code === 'DD178');
}

/** Only of providers that the next build would ask. */
function missingKeys({ opened, settings, environment }: Examination): readonly Finding[] {
  if (opened === undefined) return [];
  const { graph } = opened.session.loaded;
  const asked = new Map<string, number>();
  for (const row of attemptedRows(opened.plan)) {
    const { work } = taskAt(graph, row);
    if (work.kind === 'copy' || work.ask.provider === OFFLINE) continue;
    asked.set(work.ask.provider, (asked.get(work.ask.provider) ?? 0) + 1);
  }
  return [...asked].flatMap(([provider, calls]) => {
    const variable = settings.providers[provider]?.apiKeyEnv;
    if (variable === undefined || trimmedKey(environment[variable] ?? '') !== '') return [];
    return [
      finding(
        'missing_key',
        `${variable} is not set, and ${calls} generations wait for provider ${provider}`,
        {
          cure: `Set ${variable} in .env or in the environment.`,
          data: { provider, variable, calls },
        },
      ),
    ];
  });
}

function unwritable({ layout: { dataRoot } }: Examination): readonly Finding[] {
  if (isWritable(dataRoot)) return [];
  return [finding('not_writable', `${dataRoot} can not be written`, { place: { file: dataRoot } })];
}
