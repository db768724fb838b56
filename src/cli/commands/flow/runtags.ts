// Reads `--tag key=value`. Knows nothing of what tags are for.
import { unusableId } from '../../../catalog/rows.ts';
import { problem, ProblemError } from '../../../problem.ts';

/** Signs that the selector language uses are left out, so that every tag can be selected. */
const TAG = /^([\p{L}_][\p{L}\p{N}_.-]*)=([\p{L}\p{N}_./:@=-]+)$/u;

export function tagsFrom(words: readonly string[]): Readonly<Record<string, string>> {
  const tags = new Map<string, string>();
  const problems = words.flatMap((word) => {
    const [, key = '', value = ''] = TAG.exec(word) ?? [];
    const known = tags.get(key);
    tags.set(key, value);
    if (key === '')
      return [
        badTag(
          `--tag wants key=value without blanks, commas, plus signs or wildcards, not ${JSON.stringify(word)}`,
        ),
      ];
    return known === undefined || known === value
      ? []
      : [badTag(`--tag gives ${key} two values: ${known} and ${value}`)];
  });
  const experiment = tags.get('experiment_id');
  const unusable = experiment === undefined ? undefined : unusableId(experiment);
  if (unusable !== undefined)
    problems.push(badTag(`experiment_id ${JSON.stringify(experiment)} can not name a folder: ${unusable}`));
  if (problems.length > 0) throw new ProblemError(problems);
  return Object.fromEntries(tags);
}

function badTag(message: string): ReturnType<typeof problem> {
  return problem('DD102', message, {
    place: { field: '--tag' },
    cure: 'Write it as in `--tag experiment_id=autumn-1`.',
  });
}
