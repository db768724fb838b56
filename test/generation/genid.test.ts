// Ids against golden cases, and that they depend on nothing but the signature.
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { genId, signature, signatureFromMetadata } from '../../src/generation/genid.ts';
import type { SignatureResult } from '../../src/generation/genid.ts';
import { STAGES } from '../../src/generation/stage.ts';
import type { Stage } from '../../src/generation/stage.ts';
import { cases } from '../support/golden.ts';

interface GoldenCase {
  readonly id: string;
  readonly op: 'compute' | 'resolve' | 'signature_from_metadata';
  readonly stage: Stage;
  readonly inputs: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  readonly collision_index: number;
  readonly existing: Record<string, unknown>;
  readonly expect: {
    readonly signature: readonly unknown[];
    readonly hash_input: string;
    readonly gen_id: string;
    readonly error?: { readonly ctx: Record<string, unknown> };
  };
}

const golden = cases<GoldenCase>('gen_ids.json');

function signatureOf(stage: Stage, inputs: Record<string, unknown>): SignatureResult {
  return signature(stage, {
    comboId: inputs['combo_id'],
    parentId: inputs['parent_gen_id'],
    templateId: inputs['template_id'],
    modelId: inputs['llm_model_id'],
    replicate: inputs['replicate'],
  });
}

/** What `signature` must answer, from the golden case's own words. */
function wantedResult(wanted: GoldenCase['expect']): unknown {
  if (wanted.error === undefined) return { ok: true, parts: wanted.signature.map(String) };
  const reason = wanted.error.ctx['field'] === 'replicate' ? { reason: 'not_an_integer' } : {};
  return { ok: false, ...wanted.error.ctx, ...reason };
}

describe('golden ids', () => {
  const computed = golden.filter((each) => each.op === 'compute');

  test.each(computed)('$id: signature', (each) => {
    expect(signatureOf(each.stage, each.inputs)).toEqual(wantedResult(each.expect));
  });

  test.each(computed.filter((each) => each.expect.error === undefined))('$id: gen_id', (each) => {
    const parts = each.expect.signature.map(String);
    const suffix = each.collision_index > 0 ? `|collision:${each.collision_index}` : '';
    expect(parts.join('|') + suffix).toBe(each.expect.hash_input);
    expect(genId(each.stage, parts, each.collision_index)).toBe(each.expect.gen_id);
  });

  test.each(golden.filter((each) => each.op === 'signature_from_metadata'))('$id', (each) => {
    expect(signatureFromMetadata(each.stage, each.metadata)).toEqual(wantedResult(each.expect));
  });

  test.each(golden.filter((each) => each.op === 'resolve'))(
    '$id: the first candidate that is free or the same',
    (each) => {
      const result = signatureOf(each.stage, each.inputs);
      if (!result.ok) throw new Error('a signature is given');
      const free = [0, 1, 2, 3, 4]
        .map((index) => genId(each.stage, result.parts, index))
        .find((id) => {
          const metadata = each.existing[id] ?? undefined;
          if (metadata === undefined) return true;
          if (typeof metadata !== 'object') return false;
          const found = signatureFromMetadata(each.stage, metadata as Record<string, unknown>);
          return found.ok && found.parts.join('|') === result.parts.join('|');
        });
      expect(free).toBe(each.expect.error === undefined ? each.expect.gen_id : undefined);
    },
  );
});

describe('a signature', () => {
  it('refuses a part that is neither text nor number', () => {
    const result = signature('essay', { parentId: { id: 'd_1' }, templateId: 't', replicate: 1 });
    expect(result).toEqual({ ok: false, field: 'draft_gen_id', reason: 'not_text', value: { id: 'd_1' } });
  });

  it('ignores letter case and blanks around a part', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STAGES),
        fc.stringMatching(/^[a-z0-9_-]{1,20}$/),
        fc.integer(),
        (stage, id, replicate) => {
          const parts = { comboId: id, parentId: id, templateId: id, modelId: id, replicate };
          const loud = ` ${id.toUpperCase()}\t`;
          const same = {
            comboId: loud,
            parentId: loud,
            templateId: loud,
            modelId: loud,
            replicate: String(replicate),
          };
          expect(signature(stage, same)).toEqual(signature(stage, parts));
        },
      ),
    );
  });
});

describe('a gen_id', () => {
  it('has the prefix of its stage and at most sixteen base-36 digits, and does not change', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...STAGES),
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
        (stage, parts) => {
          const id = genId(stage, parts);
          expect(id).toMatch(/^[dev]_[0-9a-z]{1,16}$/);
          expect(genId(stage, parts)).toBe(id);
          expect(genId(stage, parts, 1)).toMatch(/^[dev]_[0-9a-z]{1,16}-1$/);
        },
      ),
    );
  });
});
