// Inputs copied aside for an experiment: a copy is never written over, and what is there already is not copied twice.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { cohortFile, layoutOf, type Layout } from '../../../src/store/layout.ts';
import { snapshotInputs, snapshotSpecs } from '../../../src/store/runs/snapshot.ts';
import { scratchFolder } from '../../support/project.ts';

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const read = (...path: readonly string[]): string => readFileSync(join(layout.dataRoot, ...path), 'utf8');

describe('the specs of cohorts', () => {
  const spec = (cohort: string, name: string, text: string): string =>
    write(cohortFile(layout, cohort, 'spec', name), text);

  it('are copied whole, each into a folder of its name', () => {
    spec('one', 'config.yaml', 'a: 1');
    spec('one', 'rules/deep.yaml', 'b: 2');
    spec('two', 'config.yaml', 'a: 2');
    const folder = snapshotSpecs(layout, 'exp', ['one', 'two']);
    expect(folder).toBe('experiments/exp/spec_snapshot');
    expect([
      read(folder, 'one', 'config.yaml'),
      read(folder, 'one', 'rules', 'deep.yaml'),
      read(folder, 'two', 'config.yaml'),
    ]).toEqual(['a: 1', 'b: 2', 'a: 2']);
  });

  it('are the membership where a cohort has none, and nothing where it has neither', () => {
    write(cohortFile(layout, 'one', 'membership.csv'), 'stage,gen_id\n');
    write(cohortFile(layout, 'one', 'curation.csv'), '');
    const folder = snapshotSpecs(layout, 'exp', ['one', 'gone']);
    expect(read(folder, 'one', 'membership.csv')).toBe('stage,gen_id\n');
    expect(readdirSync(join(layout.dataRoot, folder, 'one'))).toEqual(['membership.csv']);
    expect(readdirSync(join(layout.dataRoot, folder, 'gone'))).toEqual([]);
  });

  it('are the same copy as long as nothing in them differs, also of more cohorts', () => {
    spec('one', 'config.yaml', 'a: 1');
    spec('two', 'config.yaml', 'a: 2');
    const first = snapshotSpecs(layout, 'exp', ['one']);
    expect(snapshotSpecs(layout, 'exp', ['one'])).toBe(first);
    expect(snapshotSpecs(layout, 'exp', ['one', 'two'])).toBe(first);
    expect(read(first, 'two', 'config.yaml')).toBe('a: 2');
    expect(readdirSync(join(layout.experiments, 'exp'))).toEqual(['spec_snapshot']);
  });

  it('are another copy of all, once one of several differs', () => {
    for (const cohort of ['one', 'two']) spec(cohort, 'config.yaml', 'a: 1');
    snapshotSpecs(layout, 'exp', ['one', 'two']);
    spec('two', 'config.yaml', 'a: 2');
    const folder = snapshotSpecs(layout, 'exp', ['one', 'two']);
    expect(folder).toBe('experiments/exp/spec_snapshot-2');
    expect(['one', 'two'].map((cohort) => read(folder, cohort, 'config.yaml'))).toEqual(['a: 1', 'a: 2']);
  });

  it.each([
    ['says something else', (): unknown => spec('one', 'config.yaml', 'a: 2')],
    ['is one more', (): unknown => spec('one', 'more.yaml', '')],
    [
      'has another name',
      (): unknown => [
        spec('one', 'x.yaml', 'a: 1'),
        rmSync(cohortFile(layout, 'one', 'spec', 'config.yaml')),
      ],
    ],
    ['is gone', (): unknown => rmSync(cohortFile(layout, 'one', 'spec', 'also.yaml'))],
  ])('are another copy once a file %s, and the first stays', (_, change) => {
    spec('one', 'config.yaml', 'a: 1');
    spec('one', 'also.yaml', '');
    const first = snapshotSpecs(layout, 'exp', ['one']);
    change();
    expect(snapshotSpecs(layout, 'exp', ['one'])).toBe('experiments/exp/spec_snapshot-2');
    expect(snapshotSpecs(layout, 'exp', ['one'])).toBe('experiments/exp/spec_snapshot-2');
    expect(readdirSync(join(layout.dataRoot, first, 'one'))).toEqual(['also.yaml', 'config.yaml']);
    expect(read(first, 'one', 'config.yaml')).toBe('a: 1');
    spec('one', 'third.yaml', '');
    expect(snapshotSpecs(layout, 'exp', ['one'])).toBe('experiments/exp/spec_snapshot-3');
  });
});

describe('other inputs', () => {
  it('are copied under the names that they are to have, from wherever they are', () => {
    const template = write(join(layout.dataRoot, 'elsewhere', 'a.txt'), 'A');
    const config = write(join(layout.dataRoot, 'config.json'), '{}');
    const files = new Map([
      ['templates/draft/a.txt', template],
      ['config.json', config],
    ]);
    const folder = snapshotInputs(layout, 'exp', files);
    expect(folder).toBe('experiments/exp/inputs');
    expect([read(folder, 'templates/draft/a.txt'), read(folder, 'config.json')]).toEqual(['A', '{}']);
    expect(snapshotInputs(layout, 'exp', files)).toBe(folder);
    write(template, 'B');
    expect(snapshotInputs(layout, 'exp', files)).toBe('experiments/exp/inputs-2');
    expect(read(folder, 'templates/draft/a.txt')).toBe('A');
  });
});
