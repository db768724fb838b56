// Failures by cause, in words. Decides nothing.
import { diagnose, NAMED } from '../../../api/building/failures.ts';
import type { FailureGroup } from '../../../run/events.ts';
import type { Console } from '../../console.ts';
import { displayText } from '../place.ts';

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
