// Reads what a provider says when it does not answer: the cause, and the words without keys. Knows no retries.
import { field, numberField, textField } from '../fields.ts';
import type { CallFailure, FailureCause, ModelOutcome } from '../provider.ts';
import { limitsOf, readerOf, waitOf, type ErrorAnswer } from './retryafter.ts';
import { defined } from '../../defined.ts';

const HOUR_MS = 3_600_000;
const LONGEST_MESSAGE = 500;
const PER_MINUTE = /per[-_ ]?min|\brpm\b/i;
const PER_DAY = /per[-_ ]?day|\bdaily\b|\brpd\b|\ba day\b/i;
const OUT_OF_MONEY =
  /^(insufficient_quota|billing_hard_limit_reached|billing_not_active|insufficient_balance|insufficient_credits)$/i;
const FILTERED = /^(content_filter|content_policy_violation|moderation_blocked)$/i;
/** What the words mean that stand in the place of a status, in a stream above all. */
const STATUS_OF_CODE: readonly (readonly [RegExp, number])[] = [
  [/rate_limit/i, 429],
  [/invalid_api_key|authentication|unauthorized/i, 401],
  [/permission/i, 403],
  [/insufficient_(quota|credits|balance)|payment/i, 402],
  [/not_found/i, 404],
  [/overloaded|unavailable|server_error|internal/i, 503],
  [/invalid_request|context_length|bad_request/i, 400],
];
/** Whether what stands in the place of an error says that there is one: many put an empty one beside a whole reply. */
export function saysError(error: unknown): boolean {
  if (error !== null && typeof error === 'object') return Object.values(error).some(saysError);
  return Boolean(error) && !NO_ERROR.test(String(error));
}

/** How some say that all went well: `{ code: 200, message: 'success' }`. */
const NO_ERROR = /^\s*(0|200|ok|success|none|null|false|no error)?\s*$/i;

/** The failure behind an error answer; a refusal of the prompt's content is a reply that says nothing. */
export function readError(answer: ErrorAnswer): ModelOutcome {
  const code = textField(answer.error, 'code') ?? textField(answer.error, 'type') ?? '';
  const status = statusOf(answer, code);
  const message = messageOf(answer);
  if (isFiltered(answer.error, code, status)) return filtered(message);
  const waits = waitOf(answer);
  const cause = causeOf({ status, code, message, waitMs: waits });
  const requestId = answer.headers?.get('x-request-id') ?? undefined;
  const setting = cause === 'bad_request' ? refusedSetting(answer, message) : undefined;
  const limits = limitsOf(readerOf(answer), answer.now);
  return defined({
    kind: 'failure',
    cause,
    message,
    status,
    retryAfterMs: waits,
    requestId,
    setting,
    limits,
  });
}

/** Settings that any request may hold. */
const SETTINGS =
  'stream_options stream max_completion_tokens max_tokens temperature reasoning_effort reasoning top_p top_k min_p seed response_format frequency_penalty presence_penalty repetition_penalty service_tier logit_bias stop'.split(
    ' ',
  );
const NOT_TAKEN =
  /unsupported|not supported|does not support|doesn't support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra (?:inputs|fields)|invalid (?:argument|parameter|field|value)|no such|deprecated|no longer|not available|incompatible|cannot (?:both )?be (?:used|specified)|may only be/i;

/** Which setting an error is about: it says so in a field, or in its words. */
function refusedSetting({ error, settings = [] }: ErrorAnswer, message: string): string | undefined {
  const names = [...SETTINGS, ...settings];
  const param = textField(error, 'param');
  if (param !== undefined && names.includes(param)) return param;
  if (!NOT_TAKEN.test(message)) return undefined;
  const words = new Set(message.match(/[\w-]+/g));
  return names.find((name) => words.has(name));
}

/** HTTP's own status, or, where that says that all is well, the one inside the error. */
function statusOf(answer: ErrorAnswer, code: string): number | undefined {
  if (answer.status !== undefined && answer.status >= 400) return answer.status;
  const inner = numberField(answer.error, 'code') ?? numberField(answer.error, 'status');
  if (inner !== undefined && inner >= 400 && inner < 600) return inner;
  return STATUS_OF_CODE.find(([pattern]) => pattern.test(code))?.[1] ?? answer.status;
}

interface Signs {
  readonly status: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly waitMs: number | undefined;
}

function causeOf({ status, code, message, waitMs }: Signs): FailureCause {
  if (OUT_OF_MONEY.test(code)) return 'payment';
  if (status === 429) {
    const ofTheDay = PER_DAY.test(message) && !PER_MINUTE.test(message);
    return ofTheDay || (waitMs !== undefined && waitMs >= HOUR_MS) ? 'daily_limit' : 'rate_limit';
  }
  return causeOfStatus(status);
}

/** The status rows of the retry table: which statuses are one and the same cause. 429 has been told by more than its status. */
function causeOfStatus(status: number | undefined): FailureCause {
  if (status === undefined || status < 300) return 'bad_reply';
  if (status < 400) return 'not_found';
  if (status >= 500) return 'server';
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 402:
      return 'payment';
    case 404:
      return 'not_found';
    case 408:
      return 'timeout';
    case 409:
    case 425:
    // Groq: no room at this service tier.
    case 498:
      return 'server';
    default:
      return 'bad_request';
  }
}

function isFiltered(error: unknown, code: string, status: number | undefined): boolean {
  if (FILTERED.test(code)) return true;
  const metadata = field(error, 'metadata');
  return status === 403 && (field(metadata, 'flagged_input') ?? field(metadata, 'reasons')) !== undefined;
}

function filtered(message: string): ModelOutcome {
  return {
    kind: 'reply',
    text: '',
    finishReason: `content_filter: ${message}`,
    truncated: false,
    usage: { promptTokens: 0, completionTokens: 0, cost: 0 },
    refusal: 'content_filter',
  };
}

/** OpenRouter keeps the upstream provider's words in `metadata.raw`. */
function messageOf(answer: ErrorAnswer): string {
  const own =
    textField(answer.error, 'message') ??
    (typeof answer.error === 'string' ? answer.error : detailOf(field(answer.error, 'detail')));
  const raw = textField(field(answer.error, 'metadata'), 'raw');
  const parts = [own, raw].filter((part) => part !== undefined && part !== '');
  return shortened(parts.length > 0 ? parts.join(': ') : answer.message);
}

/** As FastAPI says it, on which many servers are built: a text, or a list of places and what is wrong there. */
function detailOf(detail: unknown): string | undefined {
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return undefined;
  const parts = detail.flatMap((each: unknown) => {
    const place = field(each, 'loc');
    const words = textField(each, 'msg');
    return words === undefined ? [] : [Array.isArray(place) ? `${place.join('.')}: ${words}` : words];
  });
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** The body of an error answer: what its `error` says, or else the whole of it. */
export function errorIn(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    // Gemini sends a list of one.
    const first: unknown = Array.isArray(body) ? body[0] : body;
    return field(first, 'error') ?? first;
  } catch {
    return undefined;
  }
}

export function shortened(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}

/** A failure of the client's own finding. */
export function failure(
  cause: FailureCause,
  message: string,
  details: Pick<CallFailure, 'status' | 'lostReply' | 'unsent' | 'usage'> = {},
): CallFailure {
  return { kind: 'failure', cause, message: shortened(message), ...details };
}

/** The text without the key. Placeholders such as `ollama` are words, not keys, and stay. */
export function withoutKey(text: string, apiKey: string): string {
  return apiKey.length >= 12 ? text.replaceAll(apiKey, '[key]') : text;
}

/** A function that takes the key, and whatever looks like one, out of a message that people may see. */
export function redactor(apiKey: string): (text: string) => string {
  return (text) =>
    withoutKey(text, apiKey)
      .replaceAll(/\b(sk|key|pk)-[\w-]{12,}/gi, '[key]')
      .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [key]');
}
