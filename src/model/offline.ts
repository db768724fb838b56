// A model that is not there: deterministic text, at once, for free, fit for every parser. Knows no network, no clock and no templates.
import { digest } from '../digest.ts';
import type { ModelReply, ModelRequest, Provider } from './provider.ts';
import { estimateTokens } from './money/tokens.ts';

const NOTICE = 'Written by the offline model: no model was asked.';
/** Where names stand in prompts, the likeliest places first: bold at a line's start, quotation marks, list items, headings. */
const NAME_PLACES = [
  /^[ \t>-]*\*\*([^*\n]{2,80})\*\*/gm,
  /"([^"\n]{2,80})"/g,
  /^[ \t]*[-*][ \t]+([^\n]{2,80})$/gm,
  /^[ \t]*#{1,6}[ \t]+([^\n]{2,80})$/gm,
];
/** Names that a prompt with none is given. */
const NO_NAMES = ['the prompt', 'its parts'];

const MOST_NAMES = 6;

const OPENINGS = ['Suppose that', 'Imagine that', 'Start where', 'Begin when'];
const LINKS = ['feeds', 'constrains', 'borrows its rhythm from', 'corrects', 'is measured by', 'outlives'];
const TURNS = [
  'The gain shows only when both run in one loop.',
  'Each supplies what the other lacks: a source, and a reason to stop.',
  'Taken alone either is familiar; together they make a test that can fail.',
  'What looks like noise to the first is evidence to the second.',
];

/**
 * Answers like a model, without one. The text is a function of everything that the request holds, so that replicates,
 * models and edited prompts differ, and a second build finds the same.
 */
export function createOfflineModel(): Provider {
  return { name: 'offline', paid: false, ask: (request) => Promise.resolve(answer(request)) };
}

function answer(request: ModelRequest): ModelReply {
  const text = write(request);
  return {
    kind: 'reply',
    text,
    finishReason: 'stop',
    truncated: false,
    usage: { promptTokens: estimateTokens(request.prompt), completionTokens: estimateTokens(text), cost: 0 },
    answeredBy: 'offline',
  };
}

function write(request: ModelRequest): string {
  const pick = picker(request);
  const names = quotable(request.prompt);
  switch (request.stage) {
    case 'draft':
      return draft(request.prompt, names, pick);
    case 'essay':
      return essay(names, pick);
    case 'evaluation':
      return evaluation(request, names, pick);
    default:
      return request.stage satisfies never;
  }
}

/** Tags stand in every draft: to a parser that does not look for them they are only text. */
function draft(prompt: string, names: readonly string[], pick: Picker): string {
  const [first, second] = pair(names, pick);
  const idea = `${pick(OPENINGS)} "${first}" ${pick(LINKS)} "${second}". ${pick(TURNS)}`;
  const lines = [NOTICE, '', `Seen in the prompt: ${names.join(', ')}.`, ''];
  if (prompt.includes('<thinking>'))
    lines.push('<thinking>', `The link runs from "${first}".`, '</thinking>', '');
  lines.push('<essay-idea stage="1">', `${NOTICE} It starts from "${first}".`, '</essay-idea>', '');
  lines.push('<essay-idea stage="2">', `${NOTICE} ${idea}`, '</essay-idea>', '');
  lines.push('<essay>', `# ${first} and ${second}`, '', NOTICE, '', idea, '</essay>');
  return lines.join('\n');
}

function essay(names: readonly string[], pick: Picker): string {
  const [first, second] = pair(names, pick);
  return [
    `# ${first}, and what it needs`,
    '',
    NOTICE,
    '',
    `${pick(OPENINGS)} "${first}" ${pick(LINKS)} "${second}". ${pick(TURNS)}`,
    '',
    `So "${second}" ${pick(LINKS)} "${first}" in turn. ${pick(TURNS)}`,
  ].join('\n');
}

/** What is judged sets the score; who judges, and which time, moves it a little: about as real judges scatter. */
function evaluation(request: ModelRequest, names: readonly string[], pick: Picker): string {
  const quality = 20 + (seedOf(request.prompt) % 60);
  const leaning = (seedOf(request.model) % 11) - 5;
  const scatter = pick.number(9) - 4;
  const score = Math.min(90, Math.max(0, quality + leaning + scatter)) / 10;
  return [
    NOTICE,
    '',
    `The text speaks of "${pick(names)}". ${pick(TURNS)}`,
    'The number below is drawn from the text, the judge and the replicate.',
    '',
    `SCORE: ${score.toFixed(1)}`,
  ].join('\n');
}

function pair(names: readonly string[], pick: Picker): readonly [string, string] {
  const first = pick(names);
  return [first, pick(names.filter((name) => name !== first))];
}

interface Picker {
  (from: readonly string[]): string;
  /** From 0 up to, but without, the limit. */
  number(limit: number): number;
}

/** A stream of choices, the same for the same request. */
function picker(request: ModelRequest): Picker {
  const { prompt, model, temperature, maxTokens, sampling, stage, replicate } = request;
  let state = seedOf(JSON.stringify([stage, model, replicate, temperature, maxTokens, sampling, prompt]));
  const number = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Object.assign((from: readonly string[]) => from[number(from.length)] ?? 'the prompt', { number });
}

function seedOf(text: string): number {
  return Number.parseInt(digest(text).slice(0, 8), 16);
}

/** A few names out of the prompt to speak about, two at least. */
function quotable(prompt: string): readonly string[] {
  const names = new Set<string>();
  for (const place of NAME_PLACES) {
    for (const match of prompt.matchAll(place)) {
      const name = cleaned(match[1] ?? '');
      if (name !== undefined) names.add(name);
      if (names.size === MOST_NAMES) break;
    }
    if (names.size > 1) return [...names];
  }
  return [...names, ...NO_NAMES];
}

/** Letters, digits and plain punctuation: no tag, score or heading can come of it. Undefined when it is not a short name. */
function cleaned(raw: string): string | undefined {
  if (/[:.…{}<>|]/.test(raw)) return undefined;
  const name = raw
    .replaceAll(/[^\p{L}\p{N} ,'’&/-]/gu, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return name.length >= 3 && name.split(' ').length <= 7 && !/score/iu.test(name) ? name : undefined;
}
