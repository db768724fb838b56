// Tags of a build: what a key and a value may be made of, so that every tag can be selected. Knows nothing of what they are for.
import { unusableId } from '../../catalog/ids.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';

/** Signs that the selector language uses are left out. */
const KEY = /^[\p{L}_][\p{L}\p{N}_.-]*$/u;
const VALUE = /^[\p{L}\p{N}_./:@=-]+$/u;

/** The same tags; throws a ProblemError for those that no selector could name. */
export function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const problems = Object.entries(tags)
    .filter(([key, value]) => !KEY.test(key) || !VALUE.test(value))
    .map(([key, value]) => unusableTag(`${key}=${value}`));
  const experiment = tags['experiment_id'];
  const unusable = experiment === undefined ? undefined : unusableId(experiment);
  if (unusable !== undefined)
    problems.push(badTag(`experiment_id ${JSON.stringify(experiment)} can not name a folder: ${unusable}`));
  if (problems.length > 0) throw new ProblemError(problems);
  return tags;
}

/** Tags out of `key=value` words. */
export function tagsFrom(words: readonly string[]): Readonly<Record<string, string>> {
  const tags = new Map<string, string>();
  const problems = words.flatMap((word) => {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/su.exec(word) ?? [];
    const known = tags.get(key);
    tags.set(key, value);
    if (!KEY.test(key) || !VALUE.test(value)) return [unusableTag(word)];
    return known === undefined || known === value
      ? []
      : [badTag(`--tag gives ${key} two values: ${known} and ${value}`)];
  });
  if (problems.length > 0) throw new ProblemError(problems);
  return checkedTags(Object.fromEntries(tags));
}

function unusableTag(word: string): Problem {
  return badTag(
    `--tag wants key=value without blanks, commas, plus signs or wildcards, not ${JSON.stringify(word)}`,
  );
}

function badTag(message: string): Problem {
  return problem('DD102', message, {
    place: { field: '--tag' },
    cure: 'Write it as in `--tag experiment_id=autumn-1`.',
  });
}
