// A generation's id: its normalised coordinates, hashed. Knows nothing of which ids are taken on disk.
import { blake2b } from './blake2b.ts';
import type { GenId, Stage } from './stage.ts';
import { asciiDigits, formatFloat, lowerCase, parseInteger, trim } from '../text/python.ts';

/** Of these a draft uses comboId, templateId, modelId; an essay parentId, templateId; an evaluation parentId, templateId, modelId. */
export interface SignatureParts {
  readonly comboId?: unknown;
  readonly parentId?: unknown;
  readonly templateId: unknown;
  readonly modelId?: unknown;
  readonly replicate: unknown;
}

export type SignatureField =
  | 'combo_id'
  | 'draft_template_id'
  | 'llm_model_id'
  | 'draft_gen_id'
  | 'essay_template_id'
  | 'essay_gen_id'
  | 'evaluation_template_id'
  | 'replicate';

export type SignatureResult =
  | { readonly ok: true; readonly parts: readonly string[] }
  | {
      readonly ok: false;
      readonly field: SignatureField;
      readonly reason: 'missing' | 'empty' | 'not_text' | 'not_an_integer';
      readonly value?: unknown;
    };

type Invalid = Extract<SignatureResult, { readonly ok: false }>;

const PREFIXES: Readonly<Record<Stage, string>> = { draft: 'd_', essay: 'e_', evaluation: 'v_' };
/** `base36` reads just so many. */
const DIGEST_BYTES = 10;
const ONLY_DIGITS = /^[0-9]+$/;

/** The parts in order: trimmed, lower-cased, the replicate in decimal. */
export function signature(stage: Stage, parts: SignatureParts): SignatureResult {
  const normalised: string[] = [];
  for (const [field, value] of fieldsOf(stage, parts)) {
    const part = normalisePart(field, value);
    if (typeof part !== 'string') return part;
    normalised.push(part);
  }
  const replicate = parseInteger(parts.replicate);
  if (replicate === undefined) return notAnInteger(parts.replicate);
  normalised.push(String(replicate));
  return { ok: true, parts: normalised };
}

/** A collision index above 0 gives the next candidate for the same signature. */
export function genId(stage: Stage, signatureParts: readonly string[], collisionIndex = 0): GenId {
  const canonical = signatureParts.join('|');
  const id = PREFIXES[stage];
  if (collisionIndex === 0) return id + base36(blake2b(Buffer.from(canonical), DIGEST_BYTES));
  const hashed = blake2b(Buffer.from(`${canonical}|collision:${collisionIndex}`), DIGEST_BYTES);
  return `${id}${base36(hashed)}-${collisionIndex}`;
}

/** The signature of a metadata.json. Older keys name the template; a missing replicate is 1, a text one is digits only. */
export function signatureFromMetadata(
  stage: Stage,
  metadata: Readonly<Record<string, unknown>>,
): SignatureResult {
  const replicate = metadata['replicate'] ?? 1;
  if (typeof replicate === 'string' && !ONLY_DIGITS.test(trim(asciiDigits(replicate))))
    return notAnInteger(replicate);
  return signature(stage, {
    comboId: metadata['combo_id'],
    parentId: metadata['parent_gen_id'],
    templateId:
      stage === 'draft' ? metadata['template_id'] : metadata['template_id'] || metadata[`${stage}_template`],
    modelId: metadata['llm_model_id'],
    replicate,
  });
}

function fieldsOf(stage: Stage, parts: SignatureParts): readonly (readonly [SignatureField, unknown])[] {
  switch (stage) {
    case 'draft':
      return [
        ['combo_id', parts.comboId],
        ['draft_template_id', parts.templateId],
        ['llm_model_id', parts.modelId],
      ];
    case 'essay':
      return [
        ['draft_gen_id', parts.parentId],
        ['essay_template_id', parts.templateId],
      ];
    case 'evaluation':
      return [
        ['essay_gen_id', parts.parentId],
        ['evaluation_template_id', parts.templateId],
        ['llm_model_id', parts.modelId],
      ];
  }
}

function normalisePart(field: SignatureField, value: unknown): string | Invalid {
  if (value === undefined || value === null) return { ok: false, field, reason: 'missing' };
  const text = textOf(value);
  if (text === undefined) return { ok: false, field, reason: 'not_text', value };
  const part = lowerCase(trim(text));
  return part === '' ? { ok: false, field, reason: 'empty' } : part;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number')
    return Number.isInteger(value) ? BigInt(value).toString() : formatFloat(value);
  return typeof value === 'boolean' ? String(value) : undefined;
}

function notAnInteger(value: unknown): Invalid {
  return { ok: false, field: 'replicate', reason: 'not_an_integer', value };
}

/** A big-endian number of DIGEST_BYTES bytes in base 36, digits before lower-case letters, without leading zeros. */
function base36(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer);
  return ((view.getBigUint64(0) << 16n) | BigInt(view.getUint16(8))).toString(36);
}
