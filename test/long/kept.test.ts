// What was reckoned is handed out again while nothing that it came from has changed, and never after.
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeptResults } from '../../src/engine/results/kept.ts';
import { measureRows, scoresOfCohorts } from '../../src/engine/results/scores.ts';
import { statesOfScores } from '../../src/engine/results/standing.ts';
import { openSession } from '../../src/engine/project/session.ts';
import { statisticsTables } from '../../src/report/tables/statistics.ts';
import type { StatisticsTable } from '../../src/report/tables/table.ts';
import { namesIfPresent } from '../../src/store/writing/atomic.ts';
import { fromBuiltOffline } from '../support/builtkite.ts';
import { CONFIG_FILE, JUDGE, SPEC, type Kite } from '../support/kite.ts';
import { ledgerLine } from '../support/ledgerline.ts';

let kite: Kite;
fromBuiltOffline((fresh) => {
  kite = fresh;
});

const MINUTE = 60_000;
/** By then every file is old enough to be told from a later one. */
const later = (): number => Date.now() + MINUTE;

interface Answer {
  readonly tables: readonly StatisticsTable[];
  readonly made: boolean;
}

/** The statistics of cohort C, and whether they were reckoned just now. */
async function answered({
  question = 'q',
  now = later,
  worth = 0,
  alsoRead = '',
  holds = true,
} = {}): Promise<Answer> {
  const session = await openSession({ root: kite.root, environment: {}, now });
  const kept = new KeptResults(session, (await statesOfScores(session)).column, worth);
  let made = false;
  const tables = await kept.of(
    question,
    () => {
      made = true;
      const reader = kept.reader();
      if (alsoRead !== '') reader.parsed('essay', alsoRead);
      const measured = measureRows(session, scoresOfCohorts(session, ['C'], reader));
      return statisticsTables(measured.statistics, measured.pairs, measured);
    },
    () => holds,
  );
  return { tables, made };
}

const results = (): readonly string[] => namesIfPresent(kite.path('data/.daydream/results'));
const SCORE = 'A:d-one/e-llm/v-one';

const CHANGES: Readonly<Record<string, () => void>> = {
  'a score': () => kite.write(`${kite.folder(SCORE)}/parsed.txt`, '9.9'),
  'a score that is gone': () => kite.remove(`${kite.folder(SCORE)}/parsed.txt`),
  'an essay': () => appendFileSync(kite.path(`${kite.folder('A:d-one/e-llm')}/parsed.txt`), 'More.\n'),
  metadata: () => kite.edit(`${kite.folder(SCORE)}/metadata.json`, '"j1"', '"j2"'),
  'the text of a template': () => appendFileSync(kite.path(JUDGE), 'Be strict.\n'),
  'a price': () => kite.edit('data/1_raw/llm_models.csv', 'J1,judge,0.01', 'J1,judge,0.02'),
  'the members': () => kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]'),
  settings: () => kite.write(CONFIG_FILE, JSON.stringify({ provider: 'offline', families: { j1: 'own' } })),
  'the ledger': () =>
    appendFileSync(kite.path('data/.daydream/calls.jsonl'), `${JSON.stringify(ledgerLine())}\n`),
  'what somebody said': () => {
    mkdirSync(kite.path('data/ratings'), { recursive: true });
    writeFileSync(
      kite.path('data/ratings/mira.csv'),
      `v-one,${kite.id('A:d-one/e-llm')},0123456789abcdef,,,7,2026-01-01T00:00:00Z\n`,
    );
  },
};

describe('what was reckoned', () => {
  it('is the same to the last bit when it is handed out again', async () => {
    const first = await answered();
    const second = await answered();
    expect([first.made, second.made]).toEqual([true, false]);
    expect(first.tables.length).toBeGreaterThan(6);
    expect(second.tables).toStrictEqual(first.tables);
    kite.remove('data/.daydream/results');
    const anew = await answered();
    expect(anew.made).toBe(true);
    expect(anew.tables).toStrictEqual(second.tables);
  });

  it.each(Object.entries(CHANGES))('is reckoned again after a change of %s', async (_name, change) => {
    await answered();
    change();
    const anew = await answered();
    expect(anew.made).toBe(true);
    expect((await answered()).made).toBe(false);
  });

  it('is another for another question', async () => {
    await answered();
    expect((await answered({ question: 'another' })).made).toBe(true);
    expect((await answered()).made).toBe(false);
    expect(results()).toHaveLength(2);
  });

  it('is reckoned again where whoever asks finds that it no longer holds', async () => {
    await answered();
    expect((await answered({ holds: false })).made).toBe(true);
  });

  it('is not kept of files that are so young that a change might leave no trace', async () => {
    expect((await answered({ now: Date.now })).made).toBe(true);
    expect((await answered({ now: Date.now })).made).toBe(true);
    expect(results()).toEqual([]);
  });

  it('is not kept of a small root, which is reckoned in no time', async () => {
    await answered({ worth: 1000 });
    expect(results()).toEqual([]);
  });

  it('is not kept where a text was read that no cohort has: nobody looks whether it changes', async () => {
    await answered({ alsoRead: 'e_elsewhere' });
    expect((await answered({ alsoRead: 'e_elsewhere' })).made).toBe(true);
  });

  it('is reckoned again where what was kept is damaged', async () => {
    const { tables } = await answered();
    const [file = ''] = results();
    truncateSync(join(kite.path('data/.daydream/results'), file), 100);
    expect(await answered()).toStrictEqual({ tables, made: true });
  });

  it('takes no more room for many questions than for a dozen', async () => {
    for (let at = 0; at < 15; at++) await answered({ question: String(at) });
    expect(results()).toHaveLength(12);
    expect((await answered({ question: '14' })).made).toBe(false);
  });
});
