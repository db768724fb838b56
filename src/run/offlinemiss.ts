// Why the response cache has no answer: the recorded question that comes nearest, and what differs from it. Asks nobody, writes nothing.
import { traceOf } from '../generation/trace.ts';
import { splitLines } from '../text/python.ts';
import { readMetadata } from '../store/gens/genstore.ts';
import type { Layout } from '../store/layout.ts';
import { listResponses, readResponse, type Asked, type StoredResponse } from '../store/responses.ts';
import type { Question } from './question.ts';
import type { LookedUp, Workshop } from './workshop.ts';

/** So many entries are looked at, and so many misses are explained: a whole cache would take too long. */
const SCANNED = 2000;
const EXPLAINED = 20;
const LONGEST_LINE = 90;

/** Words for a question that has no answer in the cache, after the plain ones. Reads the cache with the first miss, and once. */
export function missExplainer(
  layout: Layout,
  plainly: (team: LookedUp | undefined) => string,
): Workshop['missed'] {
  let scanned: readonly StoredResponse[] | undefined;
  let misses = 0;
  return (question, team) => {
    const plain = plainly(team);
    misses++;
    const own = ownResponse(layout, question);
    if (own !== undefined) return `${plain}; ${describe(question.asked, own)}`;
    if (misses > EXPLAINED) return plain;
    scanned ??= scan(layout);
    const near = nearestOf(question, scanned);
    return `${plain}; ${near === undefined ? 'the cache holds no recorded answer' : describe(question.asked, near)}`;
  };
}

/** The answer that the generation has now. */
function ownResponse(layout: Layout, { task }: Question): StoredResponse | undefined {
  const metadata = readMetadata(layout, task.stage, task.genId);
  const trace = metadata === undefined || metadata === 'damaged' ? undefined : traceOf(metadata);
  const name = trace === undefined || trace === 'newer' ? undefined : trace.generate?.response;
  const found = name === undefined ? undefined : readResponse(layout, name);
  return found === 'damaged' || found === 'newer' ? undefined : found;
}

function scan(layout: Layout): readonly StoredResponse[] {
  return listResponses(layout)
    .slice(0, SCANNED)
    .map((name) => readResponse(layout, name))
    .filter((found) => found !== undefined && found !== 'damaged' && found !== 'newer');
}

function nearestOf(
  { asked, task }: Question,
  responses: readonly StoredResponse[],
): StoredResponse | undefined {
  const lines = new Set(splitLines(asked['prompt'] ?? ''));
  let nearest: StoredResponse | undefined;
  let least = Infinity;
  for (const response of responses) {
    const theirs = splitLines(response.asked['prompt'] ?? '');
    const common = theirs.filter((line) => lines.has(line)).length;
    const unlike = 1 - common / Math.max(1, lines.size, theirs.length);
    const distance =
      differing(asked, response.asked).length + unlike - (response.genId === task.genId ? 0.5 : 0);
    if (distance >= least) continue;
    least = distance;
    nearest = response;
  }
  return nearest;
}

/** Names of the parts that differ, but for the prompt. */
function differing(asked: Asked, recorded: Asked): readonly string[] {
  const names = new Set([...Object.keys(asked), ...Object.keys(recorded)]);
  names.delete('prompt');
  return [...names].filter((name) => asked[name] !== recorded[name]).sort();
}

function describe(asked: Asked, { asked: recorded, kind, genId, at }: StoredResponse): string {
  const parts = differing(asked, recorded).map(
    (name) => `${name} is ${asked[name] ?? 'not set'}, recorded ${recorded[name] ?? 'not set'}`,
  );
  const prompt = promptDifference(asked['prompt'] ?? '', recorded['prompt'] ?? '');
  const all = prompt === undefined ? parts : [...parts, prompt];
  const which = `${genId} of ${at}`;
  if (all.length > 0) return `nearest is the request for ${which}: ${all.join('; ')}`;
  const how = kind === 'truncated' ? 'was cut off' : 'was refused or empty';
  return kind === 'answer'
    ? `just this was answered for ${which}, but a new answer is wanted`
    : `just this was asked for ${which}, but the reply ${how}, and such a reply is never served`;
}

function promptDifference(now: string, recorded: string): string | undefined {
  if (now === recorded) return undefined;
  const [ours, theirs] = [splitLines(now), splitLines(recorded)];
  const length = Math.max(ours.length, theirs.length);
  for (let line = 0; line < length; line++) {
    if (ours[line] === theirs[line]) continue;
    return `line ${line + 1} of the prompt is ${quoted(ours[line])}, recorded ${quoted(theirs[line])}`;
  }
  return 'the prompts differ in their blanks or line ends';
}

function quoted(line: string | undefined): string {
  if (line === undefined) return 'not there';
  return JSON.stringify(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);
}
