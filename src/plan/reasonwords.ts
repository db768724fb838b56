// Reasons and causes in words, one clause each, without colour. Knows nothing of consoles and asks for nothing more than the data.
import type { FailureKind, PartName } from '../generation/trace.ts';
import type { FileDifference, Reason, Verdict } from './verdict.ts';
import type { Step } from '../generation/stage.ts';
import { displayText } from '../text/display.ts';

/** A clause such as `template changed` or `model changed: google/x → google/y`. Never spans lines. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'part':
      return partText(reason);
    case 'missing':
      return `${reason.artifact}.txt is missing`;
    case 'never_built':
      return `never ${PAST[reason.step]}`;
    case 'forced':
      return 'forced';
    case 'discarded':
      return `the hand edit of ${reason.artifact}.txt is discarded`;
    case 'foreign_prompt':
      return 'made by another tool, from another prompt';
    case 'retry':
      return `tried again: ${failureText(reason.failure)}`;
    default:
      return reason satisfies never;
  }
}

const PAST: Readonly<Record<Step, string>> = { render: 'rendered', generate: 'generated', parse: 'parsed' };

/** Why a generation waits or is blocked: `the draft d_… above is stale`, where `cause` is the verdict of the root of it. */
export function causeText(cause: Pick<Verdict, 'stage' | 'genId' | 'state'>): string {
  return `the ${cause.stage} ${cause.genId} above ${cause.state === 'failed' ? 'failed' : `is ${cause.state}`}`;
}

export function failureText(kind: FailureKind): string {
  switch (kind) {
    case 'api':
      return 'the model did not answer';
    case 'refused':
      return 'the model declined';
    case 'truncated':
      return 'the reply was cut off';
    case 'too_short':
      return 'the reply has too few lines';
    case 'unparsable':
      return 'the parser found nothing in the reply';
    case 'render':
      return 'the prompt could not be rendered';
    default:
      return kind satisfies never;
  }
}

/** What parts are called whose own name would not say it. */
const NAMES: Readonly<Partial<Record<PartName, string>>> = {
  concepts: 'text of the concepts',
  parent: 'text of the generation above',
  raw: 'raw.txt',
  draft: 'text of the draft',
  text: 'text to compare with',
};

/** Parts whose value is a digest, which nobody reads. */
const DIGESTS: ReadonlySet<PartName> = new Set<PartName>([
  'template',
  'concepts',
  'parent',
  'prompt',
  'raw',
  'draft',
  'text',
]);

/** Of more files than that the others are counted. */
const MOST_NAMED = 5;

const FILE_WORDS = { added: 'new', removed: 'gone' } as const;

/** `parts/style.txt, parts/tone.txt (new)` */
export function filesText(files: readonly FileDifference[]): string {
  const named = files
    .slice(0, MOST_NAMED)
    .map(({ file, what }) => (what === 'changed' ? visible(file) : `${visible(file)} (${FILE_WORDS[what]})`));
  const rest = files.length - named.length;
  return [...named, ...(rest === 0 ? [] : [`${rest} more`])].join(', ');
}

function partText({ part, recorded, now, files }: Extract<Reason, { kind: 'part' }>): string {
  if (files === null) return 'the template or a file that it loads changed';
  if (files?.length === 0) return 'the system prompt that the config or a model sets changed';
  if (files !== undefined) return `template changed: ${filesText(files)}`;
  const name = NAMES[part] ?? part;
  const isDigest = DIGESTS.has(part);
  if (recorded === null)
    return isDigest || now === null ? `${name} is new` : `${name} is new: ${visible(now)}`;
  if (now === null) return isDigest ? `${name} is gone` : `${name} is gone: ${visible(recorded)}`;
  return isDigest ? `${name} changed` : `${name} changed: ${visible(recorded)} → ${visible(now)}`;
}

function visible(text: string): string {
  return displayText(text).replaceAll(/\s+/g, ' ');
}
