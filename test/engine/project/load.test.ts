// What loads: inputs are read again where one of them has changed, by content, and nowhere else; what is wrong with them is told at once.
import { utimesSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { locate, loadGraph, reloadGraph, rememberGraph } from '../../../src/engine/project/load.ts';
import type { LoadedGraph } from '../../../src/engine/project/load.ts';
import type { LoadOptions } from '../../../src/engine/project/options.ts';
import { loadGraphCache, saveGraph } from '../../../src/graph/graphcache.ts';
import { ProblemError } from '../../../src/problem.ts';
import { CONFIG_FILE, DRAFT, makeKite, SPEC, type Kite } from '../../support/kite.ts';

const MODELS = 'data/1_raw/llm_models.csv';

let kite: Kite;
beforeEach(() => {
  kite = makeKite();
  // The times of a file that was written just now are not gone by.
  for (const file of kite.files()) utimesSync(kite.path(file), 1000, 1000);
});

function optionsFor(more: Partial<LoadOptions> = {}): LoadOptions {
  return { root: kite.root, environment: {}, now: Date.now, ...more };
}

/** Loaded, and kept as a build keeps it. */
async function remembered(more: Partial<LoadOptions> = {}): Promise<LoadedGraph> {
  const loaded = await loadGraph(optionsFor(more));
  rememberGraph(loaded);
  return loaded;
}

/** What a load had to do: a part of it is to read texts, or files whose times are others. */
async function work(more: Partial<LoadOptions> = {}): Promise<'nothing' | 'a part' | 'all'> {
  const { compiled, changed } = await loadGraph(optionsFor(more));
  if (compiled !== undefined) return 'all';
  return changed ? 'a part' : 'nothing';
}

/** Codes of what is refused, in code order. */
async function refused(loading: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error('it was not refused', { cause: error });
  return error.problems.map(({ code }) => code).sort();
}

describe('a project is read', () => {
  it('whole where nobody has read it before, and then not again', async () => {
    expect(await work()).toBe('all');
    const first = await remembered();
    expect(await work()).toBe('nothing');
    const again = await loadGraph(optionsFor());
    expect(again.structure.ids).toEqual(first.structure.ids);
    expect(again.graph.size).toBe(28);
    expect(again.header.structureKey).toBe(first.header.structureKey);
  });

  it('not anew where only the times of its files are others', async () => {
    await remembered();
    for (const name of [DRAFT, SPEC, MODELS, CONFIG_FILE]) utimesSync(kite.path(name), 1, 1);
    expect(await work()).toBe('a part');
  });

  it('by its texts alone where a template was edited: the rows stay, what the template is made of does not', async () => {
    const before = await remembered();
    kite.write(DRAFT, 'Use {{ concepts[0].name }}.\n');
    expect(await work()).toBe('a part');
    const after = await loadGraph(optionsFor());
    expect(after.structure.ids).toEqual(before.structure.ids);
    expect(after.header.texts).not.toEqual(before.header.texts);
  });

  it('but for its rows where a setting is another that no row comes from', async () => {
    await remembered();
    kite.write(CONFIG_FILE, '{"provider":"offline","confirmAbove":9}');
    expect(await work()).toBe('a part');
    expect((await loadGraph(optionsFor())).settings.confirmAbove).toBe(9);
  });

  it.each([
    ['a spec', () => kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [A]'), 14],
    ['a catalog', () => kite.edit('data/1_raw/replication_config.csv', 'evaluation,2', 'evaluation,1'), 20],
    ['the list of cohorts', () => kite.write('data/cohorts/D/spec/config.yaml', kite.read(SPEC)), 28],
  ])('whole where %s was edited', async (_what, edit, size) => {
    await remembered();
    edit();
    expect(await work()).toBe('all');
    expect((await loadGraph(optionsFor())).graph.size).toBe(size);
  });

  it('whole for another provider, for another data root and for other values of variables that it goes by', async () => {
    const environment = { GEN_TEMPLATES_ROOT: kite.path('data/1_raw/templates') };
    await remembered({ environment });
    expect(await work({ environment })).toBe('nothing');
    expect(await work({ environment: { ...environment, OTHER: 'x' } })).toBe('nothing');
    expect(await work({ environment: {} })).toBe('all');
    expect(await work({ environment, dataRoot: kite.path('data') })).toBe('all');
    kite.write(CONFIG_FILE, '{"provider":"lab","providers":{"lab":{"baseURL":"http://localhost:1"}}}');
    await remembered();
    expect(await work({ provider: 'offline' })).toBe('all');
  });

  it('whole where other code of the same version kept it', async () => {
    await remembered();
    const path = kite.path('data/.daydream/graph.bin');
    const kept = loadGraphCache(path);
    if (kept === undefined) throw new Error('nothing was kept');
    saveGraph(path, { ...kept, header: { ...kept.header, tool: `${kept.header.tool} before` } });
    expect(await work()).toBe('all');
    saveGraph(path, kept);
    expect(await work()).toBe('nothing');
  });

  it('whole where what was kept of it can not be read', async () => {
    await remembered();
    kite.write('data/.daydream/graph.bin', kite.read('data/.daydream/graph.bin').slice(0, 100));
    expect(await work()).toBe('all');
  });
});

describe('a project that is kept open', () => {
  it('is the very same while nothing has changed, and another once something has', async () => {
    const loaded = await loadGraph(optionsFor());
    expect(await reloadGraph(loaded, optionsFor())).toBe(loaded);
    kite.edit(SPEC, 'combo_id: [A, B]', 'combo_id: [B]');
    expect((await reloadGraph(loaded, optionsFor())).graph.size).toBe(14);
  });

  it('is the same again after an edit that was taken back', async () => {
    const loaded = await loadGraph(optionsFor());
    const text = kite.read(DRAFT);
    kite.write(DRAFT, 'half a {{ ');
    expect(await refused(reloadGraph(loaded, optionsFor()))).toContain('DD401');
    kite.write(DRAFT, text);
    expect((await reloadGraph(loaded, optionsFor())).header.texts.length).toBe(loaded.header.texts.length);
  });
});

describe('inputs that are wrong', () => {
  it('are told all at once', async () => {
    kite.edit(MODELS, 'w1,lab/w1', 'w1,');
    kite.remove('data/1_raw/concepts/descriptions-paragraph/k1.txt');
    kite.edit('data/1_raw/replication_config.csv', 'draft,1', 'draft,none');
    expect((await refused(loadGraph(optionsFor()))).length).toBeGreaterThan(1);
  });

  it('leave what was kept as it is', async () => {
    await remembered();
    const text = kite.read(SPEC);
    kite.write(SPEC, 'axes: [');
    await refused(loadGraph(optionsFor()));
    kite.write(SPEC, text);
    expect(await work()).toBe('a part');
  });

  it('of one cohort leave out that one where somebody hears of it, and stop all where nobody does', async () => {
    kite.write('data/cohorts/D/spec/config.yaml', 'axes: [');
    expect((await refused(loadGraph(optionsFor()))).length).toBe(1);
    const heard: string[] = [];
    const onBroken: LoadOptions['onBroken'] = (broken) => heard.push(...broken.map(({ id }) => id));
    const loaded = await loadGraph(optionsFor({ onBroken }));
    expect(heard).toEqual(['D']);
    expect(loaded.structure.cohorts.map(({ id }) => id)).toEqual(['C']);
  });

  it('a data root that is not there is named before anything of it is read', async () => {
    expect(await refused(locate(optionsFor({ dataRoot: kite.path('elsewhere') })))).toEqual(['DD114']);
    expect((await locate(optionsFor())).layout.dataRoot).toBe(kite.path('data'));
  });
});
