// Where everything lies below the data root: paths that other tools read, and that data roots of before have.
import { describe, expect, it } from 'vitest';
import {
  artifactPath,
  cohortFile,
  FILE,
  genFolder,
  INDEXED_FILES,
  layoutOf,
} from '../../src/store/layout.ts';

const LAYOUT = layoutOf('/p/data');

describe('a data root', () => {
  it('has its files at the places that they always had', () => {
    expect(LAYOUT).toEqual({
      dataRoot: '/p/data',
      cohorts: '/p/data/cohorts',
      gens: '/p/data/gens',
      combos: '/p/data/combo_mappings.csv',
      state: '/p/data/.daydream',
      lock: '/p/data/.daydream/lock.json',
      ledger: '/p/data/.daydream/calls.jsonl',
      responses: '/p/data/.daydream/responses',
      runs: '/p/data/.daydream/runs',
      texts: '/p/data/.daydream/texts',
      trash: '/p/data/.daydream/trash',
      kept: '/p/data/.daydream/kept',
      experiments: '/p/data/experiments',
      ratings: '/p/data/ratings',
    });
  });

  it('has a folder for each generation, and in it a file for each artifact', () => {
    expect(genFolder(LAYOUT, 'draft', 'd_1')).toBe('/p/data/gens/draft/d_1');
    expect(artifactPath(LAYOUT, 'essay', 'e_1', 'parsed')).toBe('/p/data/gens/essay/e_1/parsed.txt');
    expect(Object.entries(FILE).map(([name, place]) => [name, INDEXED_FILES[place]])).toEqual([
      ['prompt', 'prompt.txt'],
      ['raw', 'raw.txt'],
      ['parsed', 'parsed.txt'],
      ['metadata', 'metadata.json'],
    ]);
  });

  it('has a folder for each cohort', () => {
    expect(cohortFile(LAYOUT, 'north')).toBe('/p/data/cohorts/north');
    expect(cohortFile(LAYOUT, 'north', 'spec', 'config.yaml')).toBe('/p/data/cohorts/north/spec/config.yaml');
  });
});
