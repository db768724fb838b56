// What a watch says, in plain lines or as one JSON event a line. Decides nothing.
import { batchText, isBatchNews } from './reasons/batch.ts';
import { countsOf } from '../../api/plan.ts';
import { newsOf } from '../../api/watch.ts';
import type { FileChange, Sampled, ScoreChange, WatchEvent } from '../../watch/events.ts';
import { builtText, printBuild } from './build.ts';
import type { Invocation } from '../call/command.ts';
import type { Console } from '../console.ts';
import { nonZero, plural, usd, usdOf } from '../../text/amounts.ts';
import { shortPath } from './place.ts';
import { providerText } from './reasons/failure.ts';
import { priceText, printPlan } from './plan.ts';
import { printRemote, remoteBegins } from './remote.ts';
import { plannedIn, startProgress, type Progress } from './progress.ts';
import { printDiff, unifiedDiff } from './diff.ts';

/** The version of the events of `daydream watch --json`. */
const EVENT_VERSION = 1;
/** Names that are listed before the rest is only counted. */
const LISTED = 5;

export type Teller = (event: WatchEvent) => void;

export function createTeller({ console, clock, directory }: Invocation): Teller {
  if (console.json) return (event) => console.printJson({ version: EVENT_VERSION, ...newsOf(event) }, 'line');
  const now = (): number => clock.now();
  const shown: Shown = { console, directory, now, planned: { draft: 0, essay: 0, evaluation: 0 } };
  return (event) => {
    if (event.type === 'planned') shown.planned = plannedIn(countsOf(event.plan));
    if (event.type === 'run_started')
      shown.progress = startProgress({ console, clock, planned: shown.planned });
    if (event.type === 'generation') shown.progress?.listen(event);
    if (event.type === 'run_finished') shown.progress?.stop();
    tell(shown, event);
  };
}

interface Shown {
  readonly console: Console;
  readonly directory: string;
  readonly now: () => number;
  planned: Parameters<typeof startProgress>[0]['planned'];
  progress?: Progress;
}

function tell(shown: Shown, event: WatchEvent): void {
  const { console, directory } = shown;
  if (isBatchNews(event)) return console.note(batchText(event));
  if (isRemoteNews(event)) return tellRemote(console, event);
  switch (event.type) {
    case 'watching':
      return console.note(watchedText(event, directory));
    case 'polling':
      return console.note(console.paint('yellow', `files are looked at by turns instead: ${event.why}`));
    case 'changed':
      return tellChanges(shown, event.files);
    case 'broken':
      console.problems(event.problems);
      return console.note(
        console.paint('yellow', 'what was loaded last stays in force until this is mended'),
      );
    case 'mended':
      return console.note(console.paint('green', 'mended'));
    case 'refused':
      if (event.wishedBy !== undefined) console.note(console.paint('dim', `for ${event.wishedBy}:`));
      return console.problems(event.problems);
    case 'warned':
      return console.problems(event.problems);
    case 'membership':
      return tellMoves(shown, event);
    case 'membership_written':
      return tellWritten(shown, event.files);
    case 'reports_written':
      return tellWritten(
        shown,
        event.reports.map(({ path }) => path),
      );
    case 'hand_edits':
      return console.note(`${plural(event.files, 'file')} of the store changed by hand`);
    case 'planned':
      if (event.wishedBy !== undefined) console.note(console.paint('dim', `for ${event.wishedBy}:`));
      return printPlan(console, countsOf(event.plan), event.price.upper.calls > 0 ? event.price : undefined);
    case 'priced':
      return console.note(`with every prompt counted:\n${priceText(event.price)}`);
    case 'superseded':
    case 'overtaken':
      return console.note(overtakenText(event));
    case 'asks':
      return console.note(asksText(console, event));
    case 'provider':
      return console.note(console.paint('yellow', providerText(event, shown.now())));
    case 'sampled':
      return tellSample(console, event);
    case 'built':
      return printBuild(console, event.result);
    case 'stopped':
    case 'state':
    case 'run_started':
    case 'run_finished':
    case 'generation':
      return undefined;
    default:
      return event satisfies never;
  }
}

type RemoteNews = Extract<WatchEvent, { readonly type: 'remote' | 'remote_ended' }>;

function isRemoteNews(event: WatchEvent): event is RemoteNews {
  return event.type === 'remote' || event.type === 'remote_ended';
}

function tellRemote(console: Console, event: RemoteNews): void {
  if (event.type === 'remote') return console.note(remoteBegins(event.remote));
  return printRemote(console, event.remote);
}

function overtakenText(event: Extract<WatchEvent, { type: 'superseded' | 'overtaken' }>): string {
  return event.type === 'superseded'
    ? `${plural(event.kept, 'call')} under way still right, ${event.givenUp} given up`
    : `by then the run had built ${builtText(event)}, for ${plural(event.calls, 'call')} and ${usdOf(event.cost, event.unknown)}`;
}

function tellWritten({ console, directory }: Shown, files: readonly string[]): void {
  const names = nameList(files.map((each) => shortPath(each, directory)));
  console.note(console.paint('dim', `written: ${names}`));
}

function watchedText(
  { files, roots, how }: Extract<WatchEvent, { type: 'watching' }>,
  directory: string,
): string {
  const places = roots.map(({ path, files: count }) => `${shortPath(path, directory)} (${count})`);
  return `watching ${plural(files, 'file')}${how === 'polling' ? ' by looking at them in turns' : ''}: ${places.join(', ')}`;
}

function tellChanges({ console, directory }: Shown, files: readonly FileChange[]): void {
  const names = files.map(({ path, what }) =>
    what === 'changed' ? shortPath(path, directory) : `${shortPath(path, directory)} (${what})`,
  );
  console.note(console.paint('bold', `changed: ${nameList(names)}`));
}

function tellMoves({ console }: Shown, { joined, left }: Extract<WatchEvent, { type: 'membership' }>): void {
  if (joined > 0) console.note(`${plural(joined, 'generation')} joined`);
  if (left.length === 0) return;
  console.note(
    `${plural(left.length, 'generation')} left every cohort: ${nameList(left.map(({ genId }) => genId))}`,
  );
  console.note(console.paint('dim', '  they stay in the store; `daydream gc` lists and removes'));
}

function nameList(names: readonly string[]): string {
  const more = names.length - LISTED;
  return more > 1 ? `${names.slice(0, LISTED).join(', ')} and ${more} more` : names.join(', ');
}

function asksText(
  console: Console,
  { usd: amount, unpriced }: Extract<WatchEvent, { type: 'asks' }>,
): string {
  const sum =
    unpriced.length > 0 ? `an unknown sum (no price for ${unpriced.join(', ')})` : `up to ${usd(amount)}`;
  const how = console.interactive
    ? 'b builds it, c leaves it'
    : '`daydream build --yes` in another terminal builds it; --yes or --max-cost at the start asks no more';
  return console.paint('yellow', `this would spend ${sum}: ${how}`);
}

function tellSample(
  console: Console,
  { items, change, ahead }: Extract<WatchEvent, { type: 'sampled' }>,
): void {
  for (const item of items) {
    const { genId, stage, template, combo, model, before, after } = item;
    console.note(console.paint('bold', `${stage} ${genId}  ${template}, ${combo}, ${model}`));
    if (after === null) console.note('  gave no text');
    else if (before === after) console.note('  the same text as before editing began');
    else
      printDiff(
        console,
        unifiedDiff({ name: 'before editing began', text: before ?? '' }, { name: 'now', text: after }),
      );
    console.note(`  ${scoreText(item)}`);
  }
  if (items.length > 1 && change !== null) console.note(`all of these: ${changeText(change)}`);
  const { unpriced } = ahead;
  const sum =
    unpriced.length > 0 ? `an unknown sum (no price for ${unpriced.join(', ')})` : `up to ${usd(ahead.usd)}`;
  const how = console.interactive ? 'b builds them, c leaves them' : '`daydream build` builds them';
  const more = `${plural(ahead.generations, 'generation')} more to run (${nonZero(ahead.states)}), for ${sum}`;
  console.note(console.paint('yellow', `${more}: ${how}`));
}

function scoreText(item: Sampled): string {
  const { scoreBefore, scoreAfter, scoresBefore, scoresAfter, change } = item;
  if (scoreBefore === null && scoreAfter === null) return 'no score';
  const difference = change === null ? '' : `, ${changeText(change)}`;
  return `score ${meanText(scoreBefore, scoresBefore)} → ${meanText(scoreAfter, scoresAfter)}${difference}`;
}

function meanText(mean: number | null, count: number): string {
  return mean === null ? 'none' : `${mean.toFixed(2)} (n ${count})`;
}

/** `+1.25 (95 % -0.20 to 2.70, n 4)`. */
function changeText({ pairs, mean, low, high }: ScoreChange): string {
  const interval =
    low === null || high === null ? 'too few to tell' : `95 % ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return `${mean >= 0 ? '+' : ''}${mean.toFixed(2)} (${interval}, n ${pairs})`;
}
