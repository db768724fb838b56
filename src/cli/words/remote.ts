// A team's remote cache in words: what it does at the start, what came of it at the end. Decides nothing.
import type { Unusable } from '../../remote/envelope.ts';
import type { RemoteMode, RemoteStanding } from '../../remote/remote.ts';
import { plural } from '../../text/amounts.ts';
import { displayText } from '../../text/display.ts';

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
