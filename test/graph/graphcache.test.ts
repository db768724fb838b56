// The compiled graph on disk: it comes back as it was, or not at all.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadGraphCache, saveGraph, type CachedGraph, type GraphHeader } from '../../src/graph/graphcache.ts';
import type { Structure } from '../../src/graph/graph.ts';
import { graphOf } from '../support/graphs.ts';
import { scratchFolder } from '../support/project.ts';

const HEADER: GraphHeader = {
  tool: '1',
  settings: { a: 1 },
  options: {},
  environment: [],
  sources: [],
  catalogReads: { files: [], listings: [] },
  specReads: { files: [], listings: [] },
  texts: [],
  loaded: [],
  textFiles: [],
  textsFormerly: [],
  tables: { boundTemplates: [], boundCombos: [], asks: [null] },
  renderer: 'r@1',
  parsers: ['p@1'],
  parsersFormerly: [],
  warnings: [],
  structureKey: 's',
  catalogKey: 'c',
};

const { size, ids, stage, parent, template, model, combo, replicate, templates, models, combos, cohorts } =
  graphOf({
    rows: {
      d1: { combo: 'c1', cohorts: ['a', 'b'] },
      d2: { combo: 'c2', model: 'other', replicate: 3, cohorts: ['b'] },
      e1: { from: 'd2', cohorts: ['b'] },
    },
  });
const STRUCTURE: Structure = {
  size,
  ids,
  stage,
  parent,
  template,
  model,
  combo,
  replicate,
  templates,
  models,
  combos,
  cohorts,
};

function again(cached: CachedGraph): CachedGraph | undefined {
  const path = join(scratchFolder(), 'graph.bin');
  saveGraph(path, cached);
  return loadGraphCache(path);
}

describe('a graph that was kept', () => {
  it('comes back as it was', () => {
    const found = again({ header: HEADER, structure: STRUCTURE });
    expect(found?.structure).toEqual(STRUCTURE);
    expect(found?.header).toMatchObject(HEADER);
  });

  it('comes back without a row where it had none', () => {
    const structure: Structure = { ...STRUCTURE, ...graphOf({ rows: {} }) };
    expect(again({ header: HEADER, structure })?.structure).toMatchObject({ size: 0, ids: [], cohorts: [] });
  });

  it('is not there where there is no file, or one that was cut off', () => {
    const path = join(scratchFolder(), 'graph.bin');
    expect(loadGraphCache(path)).toBeUndefined();
    saveGraph(path, { header: HEADER, structure: STRUCTURE });
    truncateSync(path, 60);
    expect(loadGraphCache(path)).toBeUndefined();
  });
});
