// What a build reads for the tables of a large root is remembered.
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../src/engine/project/session.ts';
import { readerOf, refreshAllReports, rememberingReader } from '../../src/engine/results/reports.ts';
import { makeKite } from '../support/kite.ts';

describe('what was read for tables', () => {
  it('is remembered for whoever asks for scores next', async () => {
    const large = makeKite(undefined, {
      'data/1_raw/replication_config.csv': 'stage,replicates\ndraft,1\nessay,1\nevaluation,150\n',
    });
    await large.build();
    large.remove('data/.daydream/reports.json');
    // Later: what was written this very moment is not known by its stamp yet.
    const session = await openSession({ root: large.root, environment: {}, now: () => Date.now() + 60_000 });
    const evaluations = session.loaded.structure.ids.filter((id) => id.startsWith('v_'));
    expect(evaluations.length).toBeGreaterThan(1000);
    const [genId = ''] = evaluations;
    const said = readerOf(session.loaded.layout).metadata('evaluation', genId);
    refreshAllReports(session);
    rmSync(large.path(`data/gens/evaluation/${genId}/metadata.json`));
    const known = rememberingReader(session).metadata('evaluation', genId);
    expect(known?.['template_id']).toBe('v-one');
    expect(said).toMatchObject({ template_id: known?.['template_id'], replicate: known?.['replicate'] });
  });
});
