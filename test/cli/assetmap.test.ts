// The map from the earlier pipeline's assets to commands.
import { describe, expect, it } from 'vitest';
import { ASSET_MAP } from '../../src/cli/commands/results/graph/assetmap.ts';

describe('the asset map', () => {
  it('has each group of the earlier pipeline once', () => {
    expect(ASSET_MAP.map(({ group }) => group)).toEqual([
      'raw_sources',
      'cohort',
      'generation_draft',
      'generation_essays',
      'evaluation',
      'results_processing',
      'results_summary',
      'cross_experiment',
    ]);
  });

  it('names each asset once, with a command of daydream or a word on why none is needed', () => {
    const entries = ASSET_MAP.flatMap(({ assets }) => assets);
    expect(new Set(entries.map(({ asset }) => asset)).size).toBe(entries.length);
    for (const { command, note } of entries) {
      expect(command ?? 'daydream').toMatch(/^daydream\b/);
      expect(note).not.toBe('');
    }
  });
});
