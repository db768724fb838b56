// Findings about things that are there twice: ids that a file system may take for one, replies that are equal.
import { OFFLINE } from '../../config.ts';
import { genFolder } from '../../store/layout.ts';
import type { StoredGeneration } from '../../store/gens/surveyfacts.ts';
import type { Examination } from '../examination.ts';
import { finding, type Finding } from '../findings.ts';
import { isCopy } from '../../generation/mode.ts';

/** Shorter replies, a bare score for one, may well be equal by themselves. */
const TELLING_LENGTH = 200;

export function twinFindings(examination: Examination): readonly Finding[] {
  const store = wantedFirst(examination);
  return [...equalIds(examination, store), ...equalTexts(examination, store)];
}

/** Begins with its stage's letter, and has no capitals: ids of one stage that are all so can not be equal but for case. */
const USUAL = { draft: /^d_[0-9a-z-]+$/, essay: /^e_[0-9a-z-]+$/, evaluation: /^v_[0-9a-z-]+$/ };

function equalIds({ asked, layout }: Examination, store: readonly StoredGeneration[]): readonly Finding[] {
  if (store.every(({ stage, genId }) => USUAL[stage].test(genId))) return [];
  return later(store, ({ genId }) => genId.toLowerCase()).flatMap(({ first, each }) => {
    if (!asked.generation(each)) return [];
    const { stage, genId } = each;
    const place = { file: genFolder(layout, stage, genId), genId };
    const message = `${stage} ${genId} and ${first.stage} ${first.genId} are one id but for letter case or stage`;
    return [finding('duplicate_id', message, { stage, genId, place, data: { other: first.genId } })];
  });
}

function equalTexts({ asked, layout }: Examination, store: readonly StoredGeneration[]): readonly Finding[] {
  const replies = store.filter(isReply);
  return later(replies, ({ stage, texts }) => `${stage} ${texts.raw?.digest ?? ''}`).flatMap(
    ({ first, each }) => {
      if (!asked.generation(each)) return [];
      const { stage, genId } = each;
      const place = { file: `${genFolder(layout, stage, genId)}/raw.txt`, genId };
      const message = `${genId} and ${first.genId} have the same reply`;
      return [finding('duplicate_text', message, { stage, genId, place, data: { other: first.genId } })];
    },
  );
}

/** The offline model asks nobody, and a copy is meant to be equal. */
function isReply(stored: StoredGeneration): boolean {
  const { trace } = stored;
  if (trace !== undefined && trace !== 'newer' && trace.provider === OFFLINE) return false;
  const { texts, metadata } = stored;
  if ((texts.raw?.length ?? 0) < TELLING_LENGTH) return false;
  return metadata === undefined || metadata === 'damaged' || !isCopy(metadata);
}

/** What a cohort has goes first, so that of two the other one is the twin. */
function wantedFirst({ store }: Examination): readonly StoredGeneration[] {
  return [...store.filter(({ row }) => row >= 0), ...store.filter(({ row }) => row < 0)];
}

/** Those whose key an earlier one had, with the first that had it. */
function later(
  store: readonly StoredGeneration[],
  keyOf: (stored: StoredGeneration) => string,
): readonly { readonly first: StoredGeneration; readonly each: StoredGeneration }[] {
  const seen = new Map<string, StoredGeneration>();
  return store.flatMap((each) => {
    const key = keyOf(each);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, each);
    return first === undefined ? [] : [{ first, each }];
  });
}
