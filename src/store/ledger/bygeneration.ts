// The call ledger by generation: how many calls there were, what they cost together, when they were answered. Knows no file and no price.
import type { GenId, Stage } from '../../generation/stage.ts';
import { isAnswered, type LedgerEntry } from './ledger.ts';
import type { LedgerFold } from './reader.ts';

/** The calls for one generation, whatever came of them. */
export interface GenerationCalls {
  readonly calls: number;
  /** USD; null where one of the replies has no price, or was lost and may have been billed. */
  readonly spent: number | null;
  /** Of its last reply: milliseconds since the epoch. */
  readonly answered: number | null;
  /** Its last reply, by the provider's id of it. */
  readonly last?: { readonly id: string; readonly cost: number | null };
}

const NONE: GenerationCalls = { calls: 0, spent: 0, answered: null };

export class CallsByGeneration implements LedgerFold {
  readonly #generations: Readonly<Record<Stage, Map<GenId, GenerationCalls>>> = {
    draft: new Map(),
    essay: new Map(),
    evaluation: new Map(),
  };
  /** Milliseconds since the epoch, by the provider's id of the reply. */
  readonly #replies = new Map<string, number>();

  add(entry: LedgerEntry): void {
    const known = this.#generations[entry.stage];
    const { calls, spent, answered, last } = known.get(entry.gen_id) ?? NONE;
    const { request_id: id, cost } = entry;
    const when = isAnswered(entry) ? Date.parse(entry.when) : Number.NaN;
    const unknown = (isAnswered(entry) && cost === undefined) || entry.maybe_billed === true;
    const reply = isAnswered(entry) && id !== undefined ? { id, cost: cost ?? null } : last;
    known.set(entry.gen_id, {
      calls: calls + 1,
      spent: spent === null || unknown ? null : spent + (cost ?? 0),
      answered: Number.isNaN(when) ? answered : when,
      ...(reply === undefined ? {} : { last: reply }),
    });
    if (id !== undefined && !Number.isNaN(when)) this.#replies.set(id, when);
  }

  of(stage: Stage, genId: GenId): GenerationCalls {
    return this.#generations[stage].get(genId) ?? NONE;
  }

  /** When the reply of that id came. */
  answered(requestId: string): number | undefined {
    return this.#replies.get(requestId);
  }
}
