// When the tables of a cohort are written anew: as soon as a score, a setting, a member or a table itself is not as it was.
import { renameSync, utimesSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { readerOf, refreshAllReports, rememberingReader } from '../../../src/engine/results/reports.ts';
import { openSession, remember } from '../../../src/engine/project/session.ts';
import { fromBuiltOffline } from '../../support/builtkite.ts';
import { CONFIG_FILE, SPEC, type Kite } from '../../support/kite.ts';

let kite: Kite;
fromBuiltOffline((fresh) => {
  kite = fresh;
});
// The files are others than those that the index remembers: what is remembered of these is theirs.
beforeEach(refreshed);

async function refreshed(): Promise<Readonly<Record<string, string>>> {
  const session = await openSession({ root: kite.root, environment: {}, now: Date.now });
  return Object.fromEntries(refreshAllReports(session).map(({ report, result }) => [report, result]));
}

const TABLE = 'data/cohorts/C/reports/parsing/aggregated_scores.csv';

describe('the tables of a cohort', () => {
  it('are passed over while nothing that they are made from has changed', async () => {
    const before = kite.read(TABLE);
    utimesSync(kite.path(TABLE), 1, 1);
    expect(await refreshed()).toEqual({});
    expect(kite.read(TABLE)).toBe(before);
  });

  it('are made again where one of them is gone', async () => {
    const before = kite.read(TABLE);
    kite.remove(TABLE);
    expect((await refreshed())['aggregated_scores']).toBe('written');
    expect(kite.read(TABLE)).toBe(before);
    expect(await refreshed()).toEqual({});
  });

  it('are not made where the data root went away meanwhile, nor anything else', async () => {
    const session = await openSession({ root: kite.root, environment: {}, now: Date.now });
    kite.remove(TABLE);
    renameSync(kite.path('data'), kite.path('away'));
    expect(() => refreshAllReports(session)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code: 'DD586' })] }),
    );
    session.index.changed = true;
    await remember(session, Date.now);
    expect(kite.exists('data')).toBe(false);
  });

  it('follow a score', async () => {
    const file = `${kite.folder('A:d-one/e-llm/v-one')}/parsed.txt`;
    kite.write(file, '9.9');
    expect(Object.values(await refreshed())).toContain('written');
    expect(kite.read(TABLE)).toContain('9.9');
  });

  it('follow an evaluation that is gone', async () => {
    kite.remove(`${kite.folder('A:d-one/e-llm/v-one')}/parsed.txt`);
    expect((await refreshed())['aggregated_scores']).toBe('written');
  });

  it('follow the settings of reports, though no score has changed', async () => {
    const score = kite.read(`${kite.folder('A:d-one/e-llm/v-one')}/parsed.txt`).trim();
    kite.write(
      CONFIG_FILE,
      JSON.stringify({ provider: 'offline', reports: { perfectScore: Number(score) } }),
    );
    const results = await refreshed();
    expect(Object.values(results)).toContain('written');
    expect(results['aggregated_scores']).toBe('unchanged');
    expect(await refreshed()).toEqual({});
  });

  it('follow the members', async () => {
    expect(kite.read(TABLE)).toContain(',B,');
    kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]');
    expect((await refreshed())['aggregated_scores']).toBe('written');
    expect(kite.read(TABLE)).not.toContain(',B,');
  });

  it('are made again after a memo that can not be read', async () => {
    kite.write('data/.daydream/reports.json', '{ "C": ');
    expect((await refreshed())['aggregated_scores']).toBe('unchanged');
    expect(await refreshed()).toEqual({});
  });
});

describe('what a reader remembers', () => {
  it('is what the files say: of what was made, of what failed, of a text that was edited since', async () => {
    kite.write(`${kite.folder('A:d-one/e-llm/v-one')}/parsed.txt`, '9.9');
    kite.remove(`${kite.folder('B:d-one/e-llm/v-one')}/parsed.txt`);
    const session = await openSession({ root: kite.root, environment: {}, now: Date.now });
    const [plain, remembering] = [readerOf(session.loaded.layout), rememberingReader(session)];
    const { ids } = session.loaded.structure;
    expect(ids.length).toBeGreaterThan(5);
    for (const genId of [...ids, ...ids, 'v_unknown']) {
      expect(remembering.parsed('evaluation', genId)).toBe(plain.parsed('evaluation', genId));
      const known = plain.metadata('evaluation', genId);
      expect(known ?? {}).toMatchObject(remembering.metadata('evaluation', genId) ?? {});
      expect(remembering.metadata('evaluation', genId) === undefined).toBe(known === undefined);
    }
  });
});
