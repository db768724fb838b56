// What is said of cohorts that can not be used: all of it where they were meant, a line where the command was about others.
import { problemsOfBroken, type BrokenCohort } from '../../../cohort/cohort.ts';
import { termOf } from '../../../graph/selectors.ts';
import { shellWord } from '../../../text/quotes.ts';
import type { Invocation } from '../../call/command.ts';
import { UNANSWERED, type ExitCode } from '../../call/exitcode.ts';
import { placeText } from '../place.ts';

/** Says what is wrong with those that were meant; then the command can not be answered, whatever came of the others. */
export function tellBroken(
  { console, broken }: Pick<Invocation, 'console' | 'broken'>,
  meant: readonly BrokenCohort[],
  code: ExitCode,
): ExitCode {
  if (meant.length === 0) return code;
  console.problems(problemsOfBroken(meant));
  for (const { id } of meant) broken.said.add(id);
  const ids = meant.map(({ id }) => id).join(', ');
  console.note(
    `${ids}: broken, and left as ${meant.length === 1 ? 'it is' : 'they are'}; the other cohorts were not stopped by that`,
  );
  return code === 130 ? code : UNANSWERED;
}

/** A line for each that nothing was said of. */
export function noteBroken({ console, broken: { met, said }, directory }: Invocation): void {
  for (const { id, problems } of met.values()) {
    if (said.has(id)) continue;
    const first = problems.find(({ severity }) => severity === 'error');
    const place = first === undefined ? '' : `${placeText(first.place, directory)} (${first.code})`;
    const cure = `\`daydream check ${shellWord(termOf('cohort', id))}\` says more`;
    console.note(
      console.paint('yellow', `cohort ${id} is broken and was left out: ${place.trim()}; ${cure}`),
    );
  }
}
