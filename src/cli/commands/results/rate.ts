// daydream rate: shows texts one at a time, with nothing of where they come from, and keeps what a person says of each. Chooses nothing.
import { createInterface } from 'node:readline/promises';
import {
  keepGiven,
  sheetFor,
  type RatingAnswer,
  type RatingSheet,
  type RatingTask,
} from '../../../api/rating.ts';
import { openSession } from '../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { Layout } from '../../../store/layout.ts';
import type { CommandSpec, Invocation } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { shortPath } from '../../words/place.ts';
import { shortenedTo } from '../../words/width.ts';

export const command: CommandSpec = {
  words: '[cohort]',
  options: [
    {
      flags: '--rubric <name>',
      text: 'only by this evaluation template; by each of the cohort where nothing is said',
    },
    { flags: '-n <number>', text: 'so many questions at most; 20 by default' },
    { flags: '--prefer', text: 'choose between two texts of the same combo instead of giving scores' },
    { flags: '--scale <low-high>', text: 'scores outside are asked again; 0-10 by default' },
    { flags: '--rater <name>', text: "who answers; the account's name by default" },
    { flags: '--seed <text>', text: 'draws the order; the same seed, the same order' },
  ],
  examples: [
    'rate first-light',
    'rate first-light --rubric surprise -n 50',
    'rate first-light --prefer --rater ada',
  ],
  run: rate,
};

async function rate(call: Invocation): Promise<ExitCode> {
  const { console, options, words } = call;
  const scale = scaleOf(options.text('scale') ?? '0-10');
  const session = await openSession(await call.load());
  const sheet = await sheetFor(session, {
    cohort: words[0],
    rubric: options.text('rubric'),
    rater: options.text('rater'),
    kind: options.flag('prefer') ? 'preference' : 'score',
    n: options.count('n'),
    seed: options.text('seed'),
  });
  const { problems, ...shown } = sheet;
  console.problems(problems);
  if (console.json) {
    console.printJson({ version: 1, type: 'ratings', ...shown });
    return 0;
  }
  const given = await askAll(call, sheet, { scale, layout: session.loaded.layout });
  const left = sheet.open - given;
  console.note(
    `${given} answered, ${sheet.answered + given} in all, ${left} left: ${shortPath(sheet.file, call.directory)}`,
  );
  return 0;
}

interface Scale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(text: string): Scale {
  const [, low, high] = /^(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (low !== undefined && high !== undefined && Number(low) < Number(high))
    return { low: Number(low), high: Number(high) };
  throw new ProblemError([
    problem('DD102', `--scale wants the lowest and the highest score, such as 0-10, not ${text}`, {
      place: { field: '--scale' },
    }),
  ]);
}

/** What a person typed. */
type Word = { readonly answer: RatingAnswer } | 'rubric' | 'back' | 'quit' | undefined;

/** Until the questions or the input end. Returns how many were answered or passed over. */
async function askAll(
  { console, clock, directory }: Invocation,
  sheet: RatingSheet,
  { scale, layout }: { readonly scale: Scale; readonly layout: Layout },
): Promise<number> {
  const { tasks, rater, kind } = sheet;
  // An input says once that it has ended: who listens later would wait for ever.
  const isOver = process.stdin.readableEnded;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Lines are kept here until they are asked for: several may come at once.
  const lines = terminal[Symbol.asyncIterator]();
  const question = `${kind === 'score' ? `Score, ${scale.low} to ${scale.high}` : '1, 2, or = for neither'} (s skips, b goes back, r shows the rubric, q ends): `;
  const answered = new Set<number>();
  try {
    console.note(
      `What you say is kept in ${shortPath(sheet.file, directory)}; Ctrl-C ends, and nothing is lost.`,
    );
    let shown = -1;
    for (let at = 0; at < tasks.length;) {
      const task = tasks[at];
      if (task === undefined) break;
      if (shown !== at) console.write(taskText(task, { number: at + 1, of: tasks.length }));
      shown = at;
      terminal.setPrompt(question);
      terminal.prompt();
      const line = isOver ? NO_LINE : await lines.next();
      const word: Word = line.done === true ? 'quit' : wordOf(String(line.value), kind, scale);
      if (word === 'quit') break;
      if (word === undefined) console.note(noAnswer(String(line.value), kind, scale));
      else if (word === 'rubric')
        console.write(`${sheet.rubrics.find(({ id }) => id === task.rubric)?.text ?? ''}\n`);
      else if (word === 'back') {
        if (at === 0) console.note('This is the first.');
        at = Math.max(0, at - 1);
      } else {
        keepGiven(layout, { rater, task, answer: word.answer }, clock.now());
        answered.add(at++);
      }
    }
  } finally {
    terminal.close();
  }
  return answered.size;
}

const NO_LINE = { done: true, value: undefined } as const;

function taskText(
  { rubric, texts }: RatingTask,
  { number, of }: { readonly number: number; readonly of: number },
): string {
  const [only] = texts;
  const asked = texts.length === 1 ? 'by' : 'which is better by';
  const head = `\n── ${number} of ${of}, ${asked} the rubric ${rubric} ──\n\n`;
  if (only !== undefined && texts.length === 1) return `${head}${ended(only.text)}\n`;
  return `${head}${texts.map(({ text }, at) => `── ${at + 1} ──\n\n${ended(text)}\n`).join('')}`;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

const LETTERS: Readonly<Record<string, Word>> = {
  s: { answer: 'skip' },
  b: 'back',
  r: 'rubric',
  q: 'quit',
};
const CHOICES: Readonly<Record<string, Word>> = {
  '1': { answer: 'first' },
  '2': { answer: 'second' },
  '=': { answer: 'neither' },
};

/** Why it is asked again. */
function noAnswer(line: string, kind: RatingSheet['kind'], { low, high }: Scale): string {
  const text = line.trim();
  if (text === '') return 'Nothing was typed; `s` passes over this one.';
  const said = JSON.stringify(shortenedTo(text, LONGEST));
  if (kind === 'preference') return `${said} is none of 1, 2, =, s, b, r and q.`;
  return NUMBER.test(text)
    ? `${said} is not between ${low} and ${high}; \`--scale\` sets other ends.`
    : `${said} is neither a number from ${low} to ${high} nor one of s, b, r and q.`;
}

/** Of what was typed by mistake so much is repeated. */
const LONGEST = 40;
const NUMBER = /^-?\d+(?:[.,]\d+)?$/;

/** Undefined for what is no answer: it is asked again. */
function wordOf(line: string, kind: RatingSheet['kind'], { low, high }: Scale): Word {
  const text = line.trim().toLowerCase();
  if (Object.hasOwn(LETTERS, text)) return LETTERS[text];
  if (kind === 'preference') return Object.hasOwn(CHOICES, text) ? CHOICES[text] : undefined;
  const score = NUMBER.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
  return score >= low && score <= high ? { answer: score } : undefined;
}
