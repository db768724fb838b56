// The keys of raw_metadata.json and parsed_metadata.json, which other tools read.
import { describe, expect, it } from 'vitest';
import { parsedMetadataOf, rawMetadataOf } from '../../../src/store/gens/sidefiles.ts';

const NAMED = { stage: 'essay', genId: 'e_1', mode: 'llm' } as const;

describe('what is said of a raw text', () => {
  it('is what it is of, what is known of the answer, its length in code points and in lines', () => {
    expect(rawMetadataOf(NAMED, 'ein 🌙\r\nzwei\n', { cost: 1 })).toEqual({
      function: 'essay_raw',
      mode: 'llm',
      stage: 'essay',
      gen_id: 'e_1',
      cost: 1,
      input_mode: 'prompt',
      raw_length: 12,
      raw_lines: 2,
      raw_path: 'gens/essay/e_1/raw.txt',
      raw_metadata_path: 'gens/essay/e_1/raw_metadata.json',
    });
    expect(rawMetadataOf({ ...NAMED, mode: 'copy' }, '', {})).toMatchObject({
      mode: 'copy',
      input_mode: 'copy',
    });
  });
});

describe('what is said of a parsed text', () => {
  it('is by which parser and in which run, where that is known', () => {
    expect(parsedMetadataOf(NAMED, null, { parser: 'block', runId: 'r1' })).toEqual({
      stage: 'essay',
      gen_id: 'e_1',
      function: 'essay_parsed',
      parser_name: 'block',
      success: true,
      error: null,
      run_id: 'r1',
      input_mode: 'prompt',
      parsed_path: 'gens/essay/e_1/parsed.txt',
      parsed_metadata_path: 'gens/essay/e_1/parsed_metadata.json',
    });
    const copied = parsedMetadataOf({ ...NAMED, mode: 'copy' }, { reason: 'none' }, { parser: undefined });
    expect(copied).toMatchObject({ success: false, error: { reason: 'none' }, input_mode: 'copy' });
    expect(Object.keys(copied)).not.toContain('parser_name');
    expect(Object.keys(copied)).not.toContain('run_id');
  });
});
