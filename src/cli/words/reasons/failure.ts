// Failures by cause, and providers that can not be reached, in words. Decides nothing.
import { diagnose, NAMED } from '../../../api/building/failures.ts';
import type { FailureGroup, RunEvent } from '../../../run/events.ts';
import { span } from '../../../text/amounts.ts';
import type { Console } from '../../console.ts';
import { displayText } from '../../../text/display.ts';

/** `lab does not answer (no connection to …): it rests, next try in 5 s`. `now`: milliseconds since the epoch. */
export function providerText(event: Extract<RunEvent, { type: 'provider' }>, now: number): string {
  const { provider, state, reason, until } = event;
  if (state === 'answering') return `${displayText(provider)} answers again`;
  const wait = span(Math.max(0, (until ?? now) - now));
  const silent = `${displayText(provider)} does not answer (${displayText(reason ?? 'no connection')})`;
  return state === 'resting'
    ? `${silent}: it rests, next try in ${wait}`
    : `${silent}: given up, what was to be asked of it fails`;
}

export function printFailures(console: Console, groups: readonly FailureGroup[]): void {
  for (const group of groups) {
    const { code, title, message, others, genIds, cure, retry } = diagnose(group);
    const head = `${genIds.length} failed${code === undefined ? '' : `, ${code}`}: ${title}`;
    const more = others === 0 ? '' : ` (and ${others} other message${others === 1 ? '' : 's'})`;
    console.note(console.paint('red', `  ${head}`));
    console.note(`     ${displayText(message)}${more}`);
    console.note(
      console.paint('dim', `     ${genIds.slice(0, NAMED).join(', ')}${genIds.length > NAMED ? ' …' : ''}`),
    );
    console.note(`     ${cure}`);
    console.note(`     again: ${retry}`);
  }
}
