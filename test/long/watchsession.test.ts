// A watch on the real file system: batches, broken inputs, superseded calls, keys, samples, requests of other terminals.
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { PLAIN_REQUEST } from '../../src/engine/plan/plan.ts';
import { answerErrand, mailboxOf, readNews, sendErrand } from '../../src/watch/mailbox.ts';
import type { WatchEvent } from '../../src/watch/events.ts';
import { faults, startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, ESSAY, JUDGE, SPEC } from '../support/kite.ts';
import { ledgerLine } from '../support/ledgerline.ts';
import {
  askedTwice,
  expectClean,
  FAST,
  open,
  startWatch,
  steadyAnswer,
  watchKite,
  type Watching,
  type WatchSetup,
} from '../support/watching.ts';

const ALL = 28;

let server: FakeProvider;
let watching: Watching | undefined;

afterEach(async () => {
  if (watching !== undefined) {
    watching.session.abort();
    await watching.ended.catch(() => {});
  }
  watching = undefined;
});

async function start(setup?: WatchSetup): Promise<Watching> {
  watching = await startWatch(server.url, setup);
  return watching;
}

/** A watch that has built everything and rests. */
async function settled(setup?: WatchSetup): Promise<Watching> {
  const started = await start(setup);
  await started.next('built');
  await started.rests();
  return started;
}

function types(events: readonly WatchEvent[], from: number): readonly string[] {
  return events.slice(from).flatMap(({ type }) => (type === 'state' || type === 'generation' ? [] : [type]));
}

beforeAll(async () => {
  server = await startFakeProvider({ answer: steadyAnswer });
});
afterAll(() => server.close());

it('goes on by itself once a pool is over its daily limit', async () => {
  const limited = await startFakeProvider({
    answer: steadyAnswer,
    fault: ({ index }) => (index === 0 ? faults.daily429(Date.now() + 2000) : undefined),
  });
  watching = await startWatch(limited.url);
  const { result } = await watching.next('built');
  expect(result.summary?.parked).toHaveLength(1);
  expect(result.counts.states.current).toBeLessThan(ALL);
  await watching.current();
  expect(await askedTwice(watching.kite)).toEqual([]);
  await limited.close();
});

it('plans nothing while git is in the middle of changing files', async () => {
  const { kite, events, forget, next, rests } = await settled();
  forget();
  const [asked, lock] = [server.requests.length, '.git/index.lock'];
  kite.write(lock, '');
  kite.edit(DRAFT, 'Use:', 'Take:');
  await rests('planning');
  // Another process reads all that there is meanwhile.
  expect((await kite.check()).code).toBe(1);
  expect(events.map(({ type }) => type)).not.toContain('planned');
  kite.edit(JUDGE, 'Judge:', 'Judge well:');
  kite.remove(lock);
  await next('built');
  await rests();
  const changed = events.flatMap((event) => (event.type === 'changed' ? [event.files.length] : []));
  expect(changed).toEqual([2]);
  // Two drafts with their essays, and every judgement once.
  expect(server.requests.length - asked).toBe(2 + 2 + 16);
});

it('says what it watches, plans, builds, and rests', async () => {
  const { events, next, kite, rests } = await start();
  const { files, how, roots } = await next('watching');
  expect(how).toBe('events');
  expect(files).toBe(17);
  expect(roots.map(({ files: count }) => count).reduce((a, b) => a + b)).toBe(17);
  const { plan } = await next('planned');
  expect(plan.scope.reduce((a, b) => a + b, 0)).toBe(ALL);
  const { result } = await next('built');
  expect(result.counts.states.current).toBe(ALL);
  await rests();
  expect(types(events, 0)).toEqual([
    'watching',
    'planned',
    'membership_written',
    'run_started',
    'run_finished',
    'built',
  ]);
  expect(kite.exists('data/cohorts/C/membership.csv')).toBe(true);
});

it('builds what a save made stale, and only that', async () => {
  const w = await settled();
  const before = server.requests.length;
  w.kite.edit(JUDGE, 'End', 'Be strict. End');
  const { files } = await w.next('changed');
  expect(files).toEqual([{ path: w.kite.path(JUDGE), what: 'changed' }]);
  await w.next('built');
  expect(server.requests.length - before).toBe(16);
  await w.current();
  await expectClean(w);
});

it('follows what a template includes', async () => {
  const PART = 'data/1_raw/templates/parts/style.txt';
  const w = await settled({
    files: {
      [PART]: 'Be brief.\n',
      [DRAFT]: "{% include 'parts/style.txt' %}\nUse {{ concepts[0].name }}\n",
    },
  });
  const before = server.requests.length;
  w.kite.write(PART, 'Be long.\n');
  await w.next('built');
  const prompts = server.requests.slice(before).map(({ prompt }) => prompt);
  expect(prompts.filter((prompt) => prompt.startsWith('Be long.\nUse '))).toHaveLength(2);
  await w.current();
  await expectClean(w);
});

it('follows the system prompts of templates, and those that an axis names', async () => {
  const STRICT = 'data/1_raw/templates/evaluation/strict.system.txt';
  const w = await settled({
    files: { [STRICT]: 'Be strict.\n' },
    before: (kite) =>
      kite.edit(
        SPEC,
        '  evaluation_llm: [j1]\n',
        "  evaluation_llm: [j1]\n  evaluation_system: ['', strict]\n",
      ),
  });
  /** The system prompts that were sent since the last look. */
  let seen = server.requests.length;
  const systems = (): readonly unknown[] => {
    const sent = server.requests.slice(seen).map(({ body }) => body['messages'] as readonly Message[]);
    seen = server.requests.length;
    return sent.map(([first]) => (first?.role === 'system' ? first.content : undefined));
  };
  w.kite.write(STRICT, 'Be very strict.\n');
  expect((await w.next('changed')).files).toEqual([{ path: w.kite.path(STRICT), what: 'changed' }]);
  await w.next('built');
  expect(systems()).toEqual(Array.from({ length: 16 }, () => 'Be very strict.'));
  // One of its own, where there was none.
  w.kite.write(DRAFT.replace('.txt', '.system.txt'), 'Be brief.\n');
  expect((await w.next('changed')).files).toMatchObject([{ what: 'added' }]);
  await w.next('built');
  expect(systems().filter((each) => each === 'Be brief.')).toHaveLength(2);
  // Gone, nothing can be asked in its name; back again, nothing is asked anew.
  rmSync(w.kite.path(STRICT));
  await w.rests('broken');
  w.kite.write(STRICT, 'Be very strict.\n');
  await w.current();
  expect(systems()).toEqual([]);
  await expectClean(w);
});

interface Message {
  readonly role: string;
  readonly content: string;
}

it('asks nothing of a template that is empty while it is being written', async () => {
  const w = await settled();
  const before = server.requests.length;
  const text = w.kite.read(DRAFT);
  w.kite.write(DRAFT, '');
  await w.rests('broken');
  w.kite.write(DRAFT, text);
  await w.current();
  expect(server.requests.slice(before)).toEqual([]);
});

it('does nothing and says nothing when contents are as they were', async () => {
  const w = await settled();
  const from = w.events.length;
  const text = w.kite.read(DRAFT);
  w.kite.write(DRAFT, text);
  w.kite.write(DRAFT, 'something else\n');
  w.kite.write(DRAFT, text);
  rmSync(w.kite.path(DRAFT));
  w.kite.write(DRAFT, text);
  await wait(1500);
  expect(types(w.events, from)).toEqual([]);
  expect(w.session.state).toBe('watching');
});

it('takes an editor that renames, and a checkout of many files, for one batch each', async () => {
  const w = await settled();
  const from = w.events.length;
  w.kite.write(`${JUDGE}.tmp`, 'Judge again:\n{{ response }}\n');
  renameSync(w.kite.path(`${JUDGE}.tmp`), w.kite.path(JUDGE));
  await w.next('built');
  await w.rests();
  for (let file = 0; file < 300; file++)
    w.kite.write(`data/1_raw/concepts/descriptions-sentence/x${file}.txt`, `${file}\n`);
  w.kite.edit('data/1_raw/concepts/descriptions-paragraph/k1.txt', 'line', 'thread');
  await w.next('built');
  await w.rests();
  expect(types(w.events, from).filter((type) => type === 'planned')).toHaveLength(2);
  await w.current();
});

it('waits for the end of a CSV that is written in pieces', async () => {
  const w = await settled();
  const from = w.events.length;
  const path = 'data/1_raw/llm_models.csv';
  const text = w.kite.read(path).replace('lab/j1,', 'lab/j1-new,');
  for (let end = 0; end <= text.length; end += 40) {
    w.kite.write(path, text.slice(0, end));
    await wait(30);
  }
  w.kite.write(path, text);
  await w.next('built');
  await w.rests();
  expect(types(w.events, from)).toEqual(['changed', 'planned', 'run_started', 'run_finished', 'built']);
});

it('keeps the last good inputs while a spec or the config is broken, and mends with the next save', async () => {
  const w = await settled();
  const from = w.events.length;
  const spec = w.kite.read(SPEC);
  w.kite.write(SPEC, 'axes: [\n');
  const { problems } = await w.next('broken');
  expect(problems[0]).toMatchObject({ severity: 'error', place: { file: w.kite.path(SPEC) } });
  await w.rests('broken');
  w.kite.write(SPEC, 'axes: [\n');
  await wait(500);
  expect(types(w.events, from)).toEqual(['broken']);
  w.kite.write(SPEC, spec);
  await w.next('mended');
  await w.rests();
  const config = w.kite.read(CONFIG_FILE);
  w.kite.write(CONFIG_FILE, '{ "provider":');
  await w.next('broken');
  w.kite.write(
    CONFIG_FILE,
    JSON.stringify({ ...JSON.parse(config), stages: { evaluation: { temperature: 0.3 } } }),
  );
  await w.next('mended');
  const { result } = await w.next('built');
  expect(result.summary?.built).toEqual({ draft: 0, essay: 0, evaluation: 16 });
  await expectClean(w);
});

it('takes in new templates, concepts and cohorts, and lists generations that left without deleting them', async () => {
  const w = await settled();
  const membership = w.kite.read('data/cohorts/C/membership.csv');
  w.kite.write(SPEC, w.kite.read(SPEC).replace('[d-one, d-two]', '[d-one, d-three]'));
  const moved = await w.next('membership');
  expect(moved.joined).toBe(14);
  expect(moved.left).toHaveLength(14);
  await w.next('built');
  expect(w.kite.read('data/cohorts/C/membership.csv')).not.toBe(membership);
  for (const { stage, genId } of moved.left)
    expect(w.kite.exists(`data/gens/${stage}/${genId}/raw.txt`)).toBe(true);
  w.kite.write('data/cohorts/D/spec/config.yaml', w.kite.read(SPEC).replace('[A, B]', '[A]'));
  await w.current();
  await expect.poll(() => w.kite.exists('data/cohorts/D/membership.csv')).toBe(true);
  w.kite.remove('data/cohorts/D');
  await w.current();
  await expectClean(w);
});

it('leaves membership.csv alone while its contents stay the same', async () => {
  const w = await settled();
  const from = w.events.length;
  w.kite.write(SPEC, `# a remark\n${w.kite.read(SPEC)}`);
  await w.next('changed');
  await w.rests();
  await wait(300);
  expect(types(w.events, from)).toEqual(['changed', 'planned']);
});

it('notices a folder that was swapped, and the templates root removed and made again', async () => {
  const w = await settled();
  const folder = 'data/1_raw/templates/evaluation';
  mkdirSync(w.kite.path('new'));
  writeFileSync(w.kite.path('new/v-one.txt'), 'Judge swapped:\n{{ response }}\n');
  renameSync(w.kite.path(folder), w.kite.path('old'));
  renameSync(w.kite.path('new'), w.kite.path(folder));
  await w.next('built');
  await w.current();
  w.kite.edit(JUDGE, 'swapped', 'twice');
  await w.next('built');
  const texts = [DRAFT, ESSAY, JUDGE, DRAFT.replace('one', 'two'), DRAFT.replace('one', 'three')].map(
    (name) => [name, w.kite.read(name)] as const,
  );
  w.kite.remove('data/1_raw/templates');
  await w.next('broken');
  for (const [name, text] of texts) w.kite.write(name, text.replace('Judge', 'Judge well'));
  await w.next('mended');
  await w.current();
  expect(w.events.filter(({ type }) => type === 'mended')).toHaveLength(1);
  await expectClean(w);
});

it('finds hand edits in the store: of what is about to run at once, of the rest by and by', async () => {
  const w = await settled({ config: { watch: { ...FAST.watch, sweep: 500 } } });
  const id = w.kite.id('A:d-one');
  w.kite.write(`data/gens/draft/${id}/parsed.txt`, 'edited by hand\nand kept\n');
  w.kite.edit(JUDGE, 'End', 'The end');
  await w.next('hand_edits');
  await w.current();
  expect(w.kite.read(`data/gens/essay/${w.kite.id('A:d-one/e-llm')}/prompt.txt`)).toContain('edited by hand');
  w.kite.remove(`data/gens/essay/${w.kite.id('B:d-two/e-llm')}/raw.txt`);
  await w.next('hand_edits');
  await w.current();
  expect(w.kite.exists(`data/gens/essay/${w.kite.id('B:d-two/e-llm')}/raw.txt`)).toBe(true);
  expect(await askedTwice(w.kite)).toEqual([]);
});

it('prices a changed cohort by what it has learned, without reading the ledger again', async () => {
  const models = ['lab/w1', 'lab/w2', 'lab/j1'];
  const lines = (['draft', 'essay', 'evaluation'] as const).map(
    (stage, place) =>
      `${JSON.stringify(ledgerLine({ stage, model: models[place] ?? '', completion_tokens: 77 }))}\n`,
  );
  const ledger = 'data/.daydream/calls.jsonl';
  const w = await start({
    before: (kite) => kite.write(ledger, lines.join('')),
    options: { mode: 'plan' },
  });
  const replies = async (tokens: number): Promise<void> => {
    const { price } = await w.next('planned');
    expect(price.unseen).toBe(0);
    expect(price.upper.replyTokens).toBe(price.upper.calls * tokens);
  };
  await replies(77);
  // Whoever read this again would refuse it.
  w.kite.write(ledger, lines.map((line) => `{"version":9}${' '.repeat(line.length - 14)}\n`).join(''));
  w.kite.write(SPEC, w.kite.read(SPEC).replace('[d-one, d-two]', '[d-one, d-three]'));
  await replies(77);
  const longer = lines.map((line) => line.replace('77', '99')).join('');
  appendFileSync(w.kite.path(ledger), longer.repeat(20));
  w.kite.write(SPEC, w.kite.read(SPEC).replace('[d-one, d-three]', '[d-one, d-two]'));
  await replies(99);
});

it('only says with --plan, and builds on b', async () => {
  const w = await start({ options: { mode: 'plan' } });
  await w.next('planned');
  await w.rests();
  expect(existsSync(w.kite.path('data/gens'))).toBe(false);
  expect(existsSync(w.kite.path('data/cohorts/C/membership.csv'))).toBe(false);
  w.session.build();
  await w.next('built');
  await w.current();
  w.kite.edit(DRAFT, 'Use', 'Take');
  await w.next('planned');
  await w.rests();
  expect(w.events.filter(({ type }) => type === 'built')).toHaveLength(1);
});

it('asks when a plan is dear; b builds it, c leaves it', async () => {
  const w = await start({ options: { consent: (plan) => (plan.scope.includes(1) ? 'wanted' : 'given') } });
  await w.next('asks');
  await w.rests('asking');
  w.kite.write(DRAFT, w.kite.read(DRAFT));
  await wait(400);
  expect(w.events.filter(({ type }) => type === 'asks')).toHaveLength(1);
  expect(w.session.state).toBe('asking');
  w.session.cancel();
  await w.rests();
  w.kite.edit(DRAFT, 'Use', 'Take');
  await w.next('asks');
  w.session.build();
  await w.next('built');
  await w.current();
});

it('says a plan before it has counted every prompt, and asks about nothing that the response cache answers', async () => {
  let most = Infinity;
  const w = await start({
    files: {
      'data/1_raw/replication_config.csv': 'stage,replicates\ndraft,1\nessay,1\nevaluation,20\n',
    },
    options: { consent: (_plan, { upper }) => (upper.calls > most ? 'wanted' : 'given') },
  });
  await w.next('built');
  await w.rests();
  const asked = server.requests.length;
  most = 0;
  const text = w.kite.read(JUDGE);
  w.kite.edit(JUDGE, 'End', 'Fin');
  const guess = await w.next('planned');
  expect(guess.price).toMatchObject({ lower: { calls: 100 }, upper: { calls: 160 } });
  const { price } = await w.next('priced');
  expect(price).toMatchObject({ lower: { calls: 160 }, upper: { calls: 160 } });
  await w.next('asks');
  expect(server.requests).toHaveLength(asked);
  w.session.build();
  await w.next('built');
  await w.rests();
  const from = w.events.length;
  w.kite.write(JUDGE, text);
  expect((await w.next('planned')).price).toMatchObject({ cached: 100, upper: { calls: 60 } });
  expect((await w.next('priced')).price).toMatchObject({ cached: 160, upper: { calls: 0 } });
  await w.next('built');
  expect(types(w.events, from)).not.toContain('asks');
  expect(server.requests).toHaveLength(asked + 160);
});

it('makes a sample of what a template edit made stale, shows old and new, and waits', async () => {
  const w = await settled({ options: { sample: 1 } });
  const before = server.requests.length;
  w.kite.edit(DRAFT, 'Use', 'Take');
  const { items, rest } = await w.next('sampled');
  expect(items).toHaveLength(1);
  expect(rest).toBe(1);
  const [item] = items;
  expect(item).toMatchObject({ stage: 'draft', template: 'd-one', combo: 'A', model: 'w1' });
  expect(item?.before).not.toBe(item?.after);
  expect(item?.scoreBefore).toEqual(expect.any(Number));
  expect(item?.scoreAfter).toEqual(expect.any(Number));
  await w.rests('comparing');
  const sampled = server.requests.length - before;
  expect(sampled).toBeLessThanOrEqual(4);
  w.session.build();
  await w.next('built');
  await w.current();
  expect(server.requests.length - before).toBe(2 + 2 + 8);
});

it('holds samples against what was there when editing began, says what b would run, and says that last', async () => {
  const w = await settled({ options: { sample: 1 } });
  w.kite.edit(DRAFT, 'Use', 'Take');
  const first = await w.next('sampled');
  await w.rests('comparing');
  w.kite.edit(DRAFT, 'Take', 'Seize');
  const from = w.events.length;
  const { items, ahead, change } = await w.next('sampled');
  const [was, now] = [first.items[0], items[0]];
  expect(now?.genId).toBe(was?.genId);
  expect(now?.before).toBe(was?.before);
  expect(now?.scoreBefore).toBe(was?.scoreBefore);
  expect(now).toMatchObject({ scoresBefore: 2, scoresAfter: 2, change: { pairs: 2 } });
  expect(change).toMatchObject({ pairs: 2, low: null });
  await w.rests('comparing');
  expect(types(w.events, from).at(-1)).toBe('sampled');
  w.session.build();
  const { result } = await w.next('built');
  const built = Object.values(result.summary?.built ?? {}).reduce((sum, count) => sum + count, 0);
  expect(ahead.generations).toBe(built + (result.summary?.unchanged ?? 0));
  expect(ahead.states).toEqual({ stale: 2, pending: built - 2 });
  await w.current();
});

it('pauses: changes are noted, and taken up when it goes on', async () => {
  const w = await settled();
  const from = w.events.length;
  w.session.pause();
  expect(w.session.state).toBe('paused');
  w.kite.edit(JUDGE, 'End', 'Fin');
  await wait(500);
  expect(types(w.events, from)).toEqual([]);
  w.session.pause();
  await w.next('built');
  await w.current();
});

it('forces what a selector selects, and retries failures, on a wish', async () => {
  const w = await settled();
  const before = server.requests.length;
  w.session.wish({
    request: { ...PLAIN_REQUEST, force: ['template:v-one,combo:A'] },
    approved: true,
    by: 'a test',
  });
  await w.next('built');
  expect(server.requests.length - before).toBe(8);
  await w.rests();
  w.session.wish({
    request: { ...PLAIN_REQUEST, select: ['template:nothing'] },
    approved: true,
    by: 'a test',
  });
  expect(await w.next('refused')).toMatchObject({ wishedBy: 'a test', problems: [{ code: 'DD109' }] });
  await w.rests();
  expect(w.events.filter(({ type }) => type === 'broken' || type === 'mended')).toEqual([]);
});

it('starts nothing that is expected to pass what was agreed to for its run, and goes on at a further word', async () => {
  const before = server.requests.length;
  let agreed: number | undefined = 0.000_001;
  const w = await start({ options: { agreedTo: () => agreed } });
  const { result } = await w.next('built');
  expect(result.summary?.why).toEqual(['over_agreed']);
  expect(server.requests.length).toBe(before);
  await w.rests();
  agreed = undefined;
  w.session.build();
  await w.current();
  expect(server.requests.length - before).toBe(24);
});

it('plans what changed together with a wish that it can not plan', async () => {
  const w = await settled();
  w.session.pause();
  w.kite.edit(JUDGE, 'End', 'Fin');
  w.session.wish({
    request: { ...PLAIN_REQUEST, select: ['template:nothing'] },
    approved: true,
    by: 'a test',
  });
  await w.next('changed');
  await w.next('refused');
  const { result } = await w.next('built');
  expect(result.summary?.built.evaluation).toBe(16);
  await w.current();
});

it('does what a build in another terminal asks for, and answers it', async () => {
  const w = await settled();
  const mailbox = mailboxOf((await open(w.kite.root)).loaded.layout);
  const errand = {
    command: 'daydream build',
    approved: true,
    request: { ...PLAIN_REQUEST, force: ['draft'] },
  };
  sendErrand(mailbox, { id: '1-1', ...errand });
  await w.next('built');
  await expect
    .poll(() => readNews(mailbox, '1-1'))
    .toMatchObject({ state: 'finished', result: { counts: { total: ALL } } });
  sendErrand(mailbox, { id: '1-2', ...errand, request: { ...PLAIN_REQUEST, select: ['no:such'] } });
  await expect
    .poll(() => readNews(mailbox, '1-2'))
    .toMatchObject({ state: 'refused', problems: [{ code: 'DD108' }] });
  writeFileSync(`${mailbox}/rubbish.json`, 'no');
  await expect.poll(() => existsSync(`${mailbox}/rubbish.json`)).toBe(false);
  answerErrand(mailbox, 'orphan', { state: 'accepted' });
  await w.stop();
  await startAgain(w);
  expect(existsSync(`${mailbox}/orphan.answer.json`)).toBe(false);
});

async function startAgain({ kite }: Watching): Promise<void> {
  watching = await watchKite(kite);
  await watching.next('watching');
  await watching.rests();
}
