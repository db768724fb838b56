// A team's remote cache in words: what it does at the start, what came of it at the end. Decides nothing.
import type { Unusable } from '../../remote/envelope.ts';
import type { RemoteMode, RemoteStanding } from '../../remote/remote.ts';
import type { TeamEnd } from '../../engine/build/team.ts';
import { nonZero, plural } from '../../text/amounts.ts';
import { displayText } from '../../text/display.ts';
import type { RemoteLook } from '../../api/plan.ts';
import type { Console } from '../console.ts';

const DOES: Readonly<Record<RemoteMode, string>> = {
  read: 'reads',
  write: 'writes',
  both: 'reads and writes',
};

/** `remote: reads and writes s3://team, sealed`. */
export function remoteBegins({ name, mode, sealed, off }: RemoteStanding): string {
  if (off !== undefined) return displayText(`remote: ${name} is off: ${off}`);
  return displayText(`remote: ${DOES[mode]} ${name}${sealed ? ', sealed' : ''}`);
}

/** What a plan found there, a line, and what was not as it should be. */
export function remoteLooked({ standing, asked, found, untold }: RemoteLook): readonly string[] {
  const unsaid = untold === 0 ? '' : `; of ${untold} it did not say, so they count as calls`;
  const told = asked === 0 ? 'nothing to look for' : `${found} of ${plural(asked, 'answer')} there`;
  const head = `remote: ${standing.name}: ${told}${unsaid}`;
  return [displayText(head), ...remoteTroubles(standing)];
}

/** What came of it: a line, one for each trouble, and what is not there. */
export function printRemote(console: Console, { standing, left }: TeamEnd): void {
  console.note(`  ${remoteEnds(standing)}`);
  for (const line of remoteTroubles(standing)) console.note(console.paint('yellow', `  ${line}`));
  if (left.length > 0) console.note(console.paint('yellow', `  ${leftText(standing, left)}`));
}

/** `remote: s3://team: 212 found, 40 kept`. */
function remoteEnds(standing: RemoteStanding): string {
  const { name, mode, sealed, found, missed, kept, there, failures } = standing;
  // A wrong key finds nothing, and nothing is all that can be told.
  const notThere = sealed && found === 0 ? 'not there under this key' : 'not there';
  const counts = nonZero({ found, [notThere]: missed, kept, 'there already': there, failed: failures });
  const nothing = mode === 'write' ? 'nothing to keep' : 'nothing to look for';
  return displayText(`remote: ${name}: ${counts || nothing}`);
}

/** Ids that are named before the rest is only counted. */
const NAMED = 5;

function leftText({ name }: RemoteStanding, left: TeamEnd['left']): string {
  const ids = left.slice(0, NAMED).map(({ genId }) => genId);
  const more = left.length > NAMED ? ' …' : '';
  const they = left.length === 1 ? 'it' : 'them';
  return displayText(
    `${plural(left.length, 'answer')} did not get to ${name} (${ids.join(', ')}${more}): \`daydream cache push\` sends ${they}`,
  );
}

const WHY_UNUSED: Readonly<Record<Unusable, string>> = {
  damaged: 'damaged',
  newer: 'of a newer daydream',
  other_key: 'not of this key',
  no_key: 'not sealed',
  other_question: 'to another question',
  no_answer: 'no answer',
  no_server: 'of a provider without an address',
};

/** What was not as it should be, a line each. */
export function remoteTroubles(standing: RemoteStanding): readonly string[] {
  const { name, off, readOnly, hidden, hiddenAs = '', unusable } = standing;
  const unused = Object.entries(unusable).map(([why, count]) => `${count} ${WHY_UNUSED[why as Unusable]}`);
  return [
    ...(off === undefined ? [] : [`off for the rest: ${off}`]),
    ...(readOnly === undefined ? [] : [`nothing more was written: ${readOnly}`]),
    ...(unused.length === 0 ? [] : [`what lies there was not used: ${unused.join(', ')}`]),
    ...(hidden === 0
      ? []
      : [
          `${plural(hidden, 'look')} answered with ${hiddenAs}, taken for not there: the key may not list, or not read`,
        ]),
  ].map((line) => displayText(`remote: ${name}: ${line}`));
}
