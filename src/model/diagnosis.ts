// Turns what went wrong with a call into a problem with a code and a cure, and into its group for a summary. Knows no output.
import { problem, warning } from '../problem.ts';
import type { Code } from '../errors.ts';
import type { Place, Problem } from '../problem.ts';
import type { CallFailure, FailureCause, ModelReply } from './provider.ts';
import { usd } from '../text/amounts.ts';
import { defined } from '../defined.ts';

const CODE_OF: Readonly<Record<FailureCause, Code>> = {
  budget: 'DD603',
  daily_limit: 'DD604',
  rate_limit: 'DD605',
  timeout: 'DD606',
  connection: 'DD607',
  certificate: 'DD621',
  moved: 'DD677',
  proxy: 'DD678',
  unsendable: 'DD679',
  unreadable: 'DD680',
  server: 'DD608',
  bad_reply: 'DD609',
  auth: 'DD610',
  payment: 'DD611',
  bad_request: 'DD612',
  not_found: 'DD613',
  aborted: 'DD614',
  offline_miss: 'DD615',
};

/** The code of a cause's name; undefined for a word that is none. */
export function codeOfCause(cause: string): Code | undefined {
  return Object.hasOwn(CODE_OF, cause) ? CODE_OF[cause as FailureCause] : undefined;
}

/** The problem that a failed call is. `model` is the provider's model string. */
export function problemOfFailure(failure: CallFailure, model: string, place: Place): Problem {
  const status = failure.status === undefined ? '' : ` (status ${String(failure.status)})`;
  return problem(CODE_OF[failure.cause], `${model}: ${failure.message}${status}`, {
    reason: failure.cause,
    place,
    data: defined({ model, status: failure.status }),
  });
}

/** The word with which this reply ended is in no list. */
export function problemOfEnding(
  { finishReason = '', truncated, refusal }: ModelReply,
  model: string,
): Problem {
  const taken = refusal ?? (truncated ? 'a reply that was cut off' : 'the end of a whole reply');
  const message = `${model} ended a reply with ${JSON.stringify(finishReason)}, which nobody knows: taken for ${taken.replace('content_filter', 'a refusal').replace('tool_call', 'a call of a tool')}`;
  return warning('DD683', message, { data: { model, finish_reason: finishReason } });
}

/** A prompt of which the server counted so few tokens that it can not have read it all. */
export function problemOfCut({
  model,
  estimate,
  counted,
}: {
  readonly model: string;
  readonly estimate: number;
  readonly counted: number;
}): Problem {
  const message = `${model} counted ${counted} tokens of a prompt that has about ${estimate}`;
  return warning('DD684', message, { data: { model, prompt_tokens: counted, prompt_estimate: estimate } });
}

/** What costs nothing by its price was billed. */
export function problemOfBill(model: string, billed: number): Problem {
  const message = `a reply of ${model}, which costs nothing by its prices here, was billed ${usd(billed)}`;
  return warning('DD685', message, { data: { model, usd: billed } });
}

/** Nothing more was started, because the ledger could not be written. `why`: the system's own words. */
export function problemOfLedger(file: string, why: string): Problem {
  return problem('DD619', `the call ledger cannot be written: ${why}`, { place: { file } });
}
