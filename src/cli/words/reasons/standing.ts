// How the generations that were asked about stand, in the one wording of plan, build, check and status, and what helps. Decides nothing.
import { isGreen, type StateCounts } from '../../../engine/plan/plan.ts';
import type { Console } from '../../console.ts';
import { nonZero } from '../../../text/amounts.ts';

/** `all 28 generations are current`, or how many are not, and why not. */
export function standingText(counts: StateCounts): string {
  const { states, total, untraced } = counts;
  if (!isGreen(counts)) {
    const { current, edited, accepted, ...others } = states;
    return `${total - current - edited - accepted} of ${generations(total)} ${total === 1 ? 'is' : 'are'} not current: ${nonZero(others)}`;
  }
  const kept = [
    ...(states.edited > 0 ? [`${states.edited} edited by hand, kept`] : []),
    ...(states.accepted > 0 ? [`${states.accepted} accepted as missing`] : []),
    ...(untraced > 0 ? [`${untraced} made by another tool`] : []),
  ];
  const all = total === 1 ? 'the 1 generation is current' : `all ${total} generations are current`;
  return kept.length === 0 ? all : `${all} (${kept.join(', ')})`;
}

/** What brings them up to date; empty where they are. A reply that was refused is not paid for again unless somebody says so. */
export function cureText(counts: StateCounts): string {
  const { states, held } = counts;
  const waiting = states.stale + states.missing + states.pending + (states.failed - held);
  const cures = [
    ...(waiting > 0 ? ['`daydream build` brings them up to date'] : []),
    ...(states.submitted > 0 ? ['what is submitted comes with its batch'] : []),
    ...(held > 0
      ? [
          `\`daydream build --retry all\` asks again for the ${held} that failed, \`daydream adopt --failed REASON\` accepts that they are missing`,
        ]
      : []),
  ];
  return cures.length === 0 ? '' : `${cures.join('; ')}; \`daydream why ID\` explains`;
}

/** Two lines at most. */
export function printStanding(console: Console, counts: StateCounts): void {
  console.note(console.paint(isGreen(counts) ? 'green' : 'red', standingText(counts)));
  const cure = cureText(counts);
  if (cure !== '') console.note(`  ${cure}`);
}

function generations(count: number): string {
  return count === 1 ? '1 generation' : `${count} generations`;
}
