// Failures by cause with what a person can do about them: their code, their cure, and the command that tries them again. Decides nothing.
import { defined } from '../../defined.ts';
import { CODES, type Code, type CodeEntry } from '../../errors.ts';
import type { FailureKind, Refusal } from '../../generation/trace.ts';
import { codeOfCause } from '../../model/diagnosis.ts';
import type { FailureGroup } from '../../run/events.ts';
import { RETRIED } from '../request.ts';

/** A group with what a person can do about it. */
export interface Diagnosis extends FailureGroup {
  readonly code?: Code;
  readonly title: string;
  readonly cure: string;
  /** The command that tries the group again. */
  readonly retry: string;
}

/** Ids that are named before a selector stands for all. */
export const NAMED = 3;

export function diagnose(group: FailureGroup): Diagnosis {
  return { ...group, ...causeOf(group), retry: retryOf(group) };
}

/** What can be said of a failure as it is on record: records of earlier versions have no reason, those of later ones maybe kinds of their own. */
export function causeOf({
  kind,
  reason = '',
}: {
  readonly kind: string;
  readonly reason?: string | undefined;
}): Pick<Diagnosis, 'code' | 'title' | 'cure'> {
  const known = (Object.keys(WITHOUT_CODE) as FailureKind[]).find((each) => each === kind);
  if (known === undefined) return { title: kind, cure: '' };
  const code = codeOf(known, reason);
  const { title, cure }: Pick<CodeEntry, 'title' | 'cure'> =
    code === undefined ? WITHOUT_CODE[known] : CODES[code];
  return defined({ code, title, cure });
}

function codeOf(kind: FailureKind, reason: string): Code | undefined {
  if (kind === 'refused') return CODE_OF_REFUSAL[reason as Refusal] ?? 'DD616';
  return kind === 'api' ? codeOfCause(reason) : undefined;
}

const CODE_OF_REFUSAL: Readonly<Partial<Record<Refusal, Code>>> = {
  only_thoughts: 'DD681',
  tool_call: 'DD682',
};

const WITHOUT_CODE: Readonly<Record<FailureKind, Pick<CodeEntry, 'title' | 'cure'>>> = {
  api: { title: 'the call failed', cure: 'Look at the message.' },
  refused: { title: 'the reply was refused', cure: 'Change the prompt or the model.' },
  truncated: {
    title: 'the reply was cut off',
    cure: 'Raise max_tokens of the model or maxTokens of the stage: then it is asked again. Or accept such replies with `truncation: "accept"`.',
  },
  too_short: {
    title: 'the reply is too short',
    cure: 'Read it with `daydream show ID --raw`; change the template, or minLines of the stage.',
  },
  unparsable: {
    title: 'the reply could not be parsed',
    cure: 'Read it with `daydream show ID --raw`; change the template, or its parser, which asks nobody again.',
  },
  render: {
    title: 'the prompt could not be rendered',
    cure: 'Mend the template: the next build tries again.',
  },
};

/** Few are named; many are those that failed. */
function retryOf({ kind, genIds }: FailureGroup): string {
  const word = (['api', 'refused'] as const).find((each) => RETRIED[each].includes(kind)) ?? 'all';
  const which = genIds.length <= NAMED ? [...genIds].sort().join(' ') : 'state:failed';
  return `daydream build ${which} --retry ${word}`;
}
