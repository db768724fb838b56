// A build's end in words. Decides nothing.
import type { BuildResult } from '../engine/building.ts';
import { isGreen } from '../engine/planning.ts';
import { STAGES } from '../generation/stage.ts';
import type { Console } from './console.ts';
import { displayText } from './placetext.ts';

export function printBuild(console: Console, { summary, counts, reports }: BuildResult): void {
  if (summary !== undefined) {
    const built = STAGES.map((stage) => ({ stage, count: summary.built[stage] })).filter(
      ({ count }) => count > 0,
    );
    const { called, offline, cached, copied, parsed, rendered } = summary.how;
    console.note(
      `built ${built.length === 0 ? 'nothing' : built.map(({ stage, count }) => `${count} ${stage}${count === 1 ? '' : 's'}`).join(', ')}`,
    );
    const how = Object.entries({
      'model calls': called,
      'offline answers': offline,
      'answers from the cache': cached,
      copies: copied,
      rendered,
      parsed,
    });
    console.note(
      `  ${
        how
          .filter(([, count]) => count > 0)
          .map(([word, count]) => `${count} ${word}`)
          .join(', ') || 'no call'
      }`,
    );
    if (offline > 0)
      console.note(
        console.paint('yellow', `  ${offline} texts were written by the offline model: no model was asked`),
      );
    const rest = {
      adopted: summary.adopted,
      'unchanged below': summary.unchanged,
      failed: summary.failed,
      blocked: summary.blocked,
      'left for later': summary.left,
    };
    const others = Object.entries(rest).filter(([, count]) => count > 0);
    if (others.length > 0) console.note(`  ${others.map(([word, count]) => `${count} ${word}`).join(', ')}`);
    if (summary.cost > 0) console.note(`  spent $${summary.cost.toFixed(4)}`);
    printFailures(console, summary.failures);
    for (const { pool, until } of summary.parked)
      console.note(`  pool ${pool} is at its daily limit until ${new Date(until).toISOString()}`);
  }
  const written = reports.filter(({ result }) => result === 'written').length;
  if (written > 0) console.note(`  ${written} report table${written === 1 ? '' : 's'} written`);
  const { states, total } = counts;
  if (isGreen(counts))
    console.note(
      console.paint(
        'green',
        `all ${total} generations are current${states.edited > 0 ? ` (${states.edited} edited by hand, kept)` : ''}`,
      ),
    );
  else
    console.note(
      console.paint(
        'red',
        `${total - states.current - states.edited} of ${total} generations are not current: ${nonZero(states)}`,
      ),
    );
}

function printFailures(console: Console, failures: NonNullable<BuildResult['summary']>['failures']): void {
  for (const { kind, message, genIds } of failures.slice(0, 10)) {
    const again =
      kind === 'api'
        ? 'the next build tries again'
        : `daydream build --retry ${kind === 'render' ? 'all' : 'refused'}`;
    console.note(console.paint('red', `  ${genIds.length}× ${displayText(message)}`));
    console.note(`     ${genIds.slice(0, 3).join(', ')}${genIds.length > 3 ? ' …' : ''} — ${again}`);
  }
}

function nonZero(states: Readonly<Record<string, number>>): string {
  return Object.entries(states)
    .filter(([state, count]) => count > 0 && state !== 'current' && state !== 'edited')
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
