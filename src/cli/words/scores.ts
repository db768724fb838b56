// How the scores of a table stand, in one line under it; nothing where all are current. Decides nothing.
import type { ScoreStanding } from '../../engine/results/standing.ts';
import { SETTLED } from '../../plan/verdict.ts';
import { nonZero, plural } from '../../text/amounts.ts';

/** `12 of 96 scores are not current: 4 stale, 8 pending; …`. `only`: what is not current was left out. `noun`: what is counted. */
export function scoresText(
  standing: ScoreStanding,
  only: 'all' | 'current',
  noun: 'score' | 'text' = 'score',
): string | undefined {
  const { evaluations, states, unlisted, earlier } = standing;
  const open = Object.fromEntries(Object.entries(states).filter(([state]) => !SETTLED.has(state as never)));
  const count = Object.values(open).reduce((sum, each) => sum + each, 0);
  const apart = nonZero({
    'edited by hand': states.edited ?? 0,
    'accepted as missing': states.accepted ?? 0,
    'in no cohort': unlisted,
  });
  if (only === 'current') {
    const left = nonZero({ ...open, 'in no cohort': unlisted });
    return left === ''
      ? undefined
      : `${count + unlisted} of ${plural(evaluations, noun)} left out by --current: ${left}`;
  }
  if (count === 0) return apart === '' ? undefined : `of ${plural(evaluations, noun)}: ${apart}`;
  const old =
    earlier.length === 0
      ? ''
      : `; ${earlier.length} of them ${earlier.length === 1 ? 'is a score' : 'are scores'} of an earlier text (--current leaves them out)`;
  return `${count} of ${plural(evaluations, noun)} ${count === 1 ? 'is' : 'are'} not current: ${nonZero(open)}${apart === '' ? '' : `, besides ${apart}`}${old}`;
}
