// Combo ids, the mapping file, and what a combo shows of its concepts: golden cases, and what is refused.
import { describe, expect, it } from 'vitest';
import { addCombo, comboId, loadCombos } from '../../src/catalog/combos.ts';
import { loadConcepts } from '../../src/catalog/concepts.ts';
import { parseInteger } from '../../src/text/python.ts';
import type { Problem } from '../../src/problem.ts';
import { cases } from '../support/golden.ts';
import { memoryReader } from '../support/memoryreader.ts';

interface Call {
  readonly concept_ids: readonly string[];
  readonly description_level: string;
  readonly k_max: number;
  readonly expect: { readonly combo_id?: string; readonly error?: { readonly ctx: Record<string, unknown> } };
}

interface GoldenCase {
  readonly id: string;
  readonly note?: string;
  readonly op: 'combo_id' | 'mapping_file' | 'build_contents';
  readonly concept_ids: readonly unknown[];
  readonly description_level: string;
  readonly k_max: unknown;
  readonly initial_csv: string | null;
  readonly calls: readonly Call[];
  readonly final_csv: string | null;
  readonly files: Record<string, string>;
  readonly expect: {
    readonly combo_id?: string;
    readonly combinations?: readonly unknown[];
    readonly error?: { readonly ctx: Record<string, unknown> };
  };
}

const ROOT = '/data';
const FILE = `${ROOT}/combo_mappings.csv`;
const golden = cases<GoldenCase>('combo_ids.json');
const ids = golden.filter((each) => each.op === 'combo_id');
const contents = golden.filter((each) => each.op === 'build_contents');

describe('golden combo ids', () => {
  it.each(ids.filter((each) => each.expect.error === undefined))('$id $note', (each) => {
    const kMax = parseInteger(each.k_max) ?? Number.NaN;
    expect(comboId(each.concept_ids.map(String), each.description_level, kMax)).toBe(each.expect.combo_id);
  });

  it.each(ids.filter((each) => each.expect.error !== undefined))(
    '$id: no number, no id',
    ({ k_max: kMax }) => {
      expect(parseInteger(kMax)).toBeUndefined();
    },
  );
});

describe('golden mapping files', () => {
  it.each(golden.filter((each) => each.op === 'mapping_file'))('$id $note', (each) => {
    let text = each.initial_csv ?? undefined;
    const answers = each.calls.map((call) => {
      const { value, problems } = addCombo({
        text,
        file: FILE,
        conceptIds: call.concept_ids,
        level: call.description_level,
        kMax: call.k_max,
        createdAt: '<created_at>',
      });
      text = value.text ?? text;
      return problems.length === 0 ? value.comboId : { ...problems[0]?.data, reason: problems[0]?.reason };
    });
    expect(answers).toEqual(each.calls.map((call) => call.expect.combo_id ?? call.expect.error?.ctx));
    expect(text ?? null).toBe(each.final_csv);
  });
});

interface Built {
  readonly combinations: readonly unknown[];
  readonly problems: readonly Problem[];
}

function build(files: Record<string, string>): Built {
  const reader = memoryReader(files, ROOT);
  const concepts = loadConcepts(reader, `${ROOT}/1_raw`);
  const combos = loadCombos(reader, FILE, concepts.value);
  const all = [...combos.value.values()];
  return {
    combinations: all.map((combo) => ({
      combo_id: combo.id,
      concept_ids: combo.conceptIds,
      contents: combo.contents,
      level: combo.level,
    })),
    problems: [...concepts.problems, ...combos.problems, ...all.flatMap((combo) => combo.problem ?? [])],
  };
}

describe('golden contents', () => {
  it.each(contents.filter((each) => each.expect.error === undefined))(
    '$id $note',
    ({ files, expect: wanted }) => {
      const { combinations, problems } = build(files);
      expect(problems).toEqual([]);
      expect(combinations).toEqual(wanted.combinations);
    },
  );

  it.each(contents.filter((each) => each.expect.error !== undefined))(
    '$id $note',
    ({ files, expect: wanted }) => {
      const found = build(files).problems.map((each) => ({ ...each.data, reason: each.reason }));
      expect(found).toEqual([expect.objectContaining(wanted.error?.ctx)]);
    },
  );
});

describe('adding a combo', () => {
  const combo = { file: FILE, level: 'paragraph', kMax: 2, createdAt: 'now' };

  it('names the concept that was meant', () => {
    const concepts = new Map([['mind-wandering', { id: 'mind-wandering', name: 'Mind', descriptions: {} }]]);
    const { problems } = addCombo({ ...combo, text: undefined, conceptIds: ['mind-wanderin'], concepts });
    expect(problems[0]?.message).toContain('did you mean "mind-wandering"?');
  });

  it('keeps the rows that are there byte for byte', () => {
    const text =
      'combo_id,version,concept_id,description_level,k_max,created_at,note\r\n"x",v1,a,paragraph,1,t,"odd, ""quoted"""\r\n';
    const { value } = addCombo({ ...combo, text, conceptIds: ['b', 'a'] });
    expect(value.text?.startsWith(text.trimEnd())).toBe(true);
    expect(value.text?.split('\n').slice(-3)).toEqual([
      `${value.comboId},v1,a,paragraph,2,now,`,
      `${value.comboId},v1,b,paragraph,2,now,`,
      '',
    ]);
  });

  it('does not touch a broken file', () => {
    const { value, problems } = addCombo({
      ...combo,
      text: 'combo_id,concept_id\nx,"a\n',
      conceptIds: ['a'],
    });
    expect(value.text).toBeUndefined();
    expect(problems[0]).toMatchObject({ code: 'DD204', place: { line: 2 } });
  });

  it('recognises a combo whose k_max an older tool rewrote as 2.0', () => {
    const id = comboId(['a', 'b'], 'paragraph', 2);
    const text = `combo_id,concept_id,description_level,k_max\n${id},a,paragraph,2.0\n${id},b,paragraph,2.0\n`;
    expect(addCombo({ ...combo, text, conceptIds: ['b', 'a'] })).toEqual({
      value: { comboId: id, text: undefined },
      problems: [],
    });
  });
});
