// Verdicts and reasons as data: what console, JSON, `why` and watch all read. Decides nothing.
import type { Artifact, GenId, Stage, State, Step } from '../generation/stage.ts';
import type { FailureKind, PartName } from '../generation/trace.ts';

export { STATES, type State } from '../generation/stage.ts';

/** States of which nothing is to be done. */
export const SETTLED: ReadonlySet<State> = new Set<State>(['current', 'edited', 'accepted']);

/** The first step that must run, as a column holds it. */
export const FROM = { none: 0, render: 1, generate: 2, parse: 3 } as const;

/** Artifacts that a hand has changed, as a column holds them: a bit each. */
export const EDITED = { prompt: 1, raw: 2, parsed: 4 } as const;

/** A file, by its path from the templates root, that a template was or is made of. */
export interface FileDifference {
  readonly file: string;
  readonly what: 'changed' | 'added' | 'removed';
}

/** Why a step must run. `null` stands for a part that one side does not have. */
export type Reason =
  | {
      readonly kind: 'part';
      readonly step: Step;
      readonly part: PartName;
      readonly recorded: string | null;
      readonly now: string | null;
      /**
       * Of a template that has a system prompt or loads others: which files differ; none where only the system prompt of the config or
       * of a model does, null where nobody recorded what there was.
       */
      readonly files?: readonly FileDifference[] | null;
    }
  | { readonly kind: 'missing'; readonly artifact: Artifact }
  /** Nothing says that this step ever ran. */
  | { readonly kind: 'never_built'; readonly step: Step }
  | { readonly kind: 'forced' }
  /** A hand edit is to be replaced, as asked. */
  | { readonly kind: 'discarded'; readonly artifact: Artifact }
  /** Made by another tool, and its prompt is not what would be rendered now. */
  | { readonly kind: 'foreign_prompt' }
  | { readonly kind: 'retry'; readonly failure: FailureKind };

export interface Verdict {
  readonly genId: GenId;
  readonly stage: Stage;
  readonly state: State;
  /** The first step that must run; absent when none must, or when that is not yet known. */
  readonly from?: Step;
  readonly reasons: readonly Reason[];
  /** For pending and blocked generations: the generation above that is the root of it. */
  readonly cause?: GenId;
  /** Artifacts that a hand has changed, and that are kept as they are. */
  readonly edited: readonly Artifact[];
  readonly failure?: { readonly step: Step; readonly kind: FailureKind };
  /** True when it is current by its files alone, and a build will write its trace. */
  readonly untraced: boolean;
}

/** Reasons that fit into one bit each; parts are bits of their own. */
export const WHY = {
  never_render: 1 << 0,
  never_generate: 1 << 1,
  never_parse: 1 << 2,
  missing_prompt: 1 << 3,
  missing_raw: 1 << 4,
  missing_parsed: 1 << 5,
  forced: 1 << 6,
  foreign_prompt: 1 << 7,
  retry: 1 << 8,
  template: 1 << 9,
  concepts: 1 << 10,
  parent: 1 << 11,
  renderer: 1 << 12,
  prompt: 1 << 13,
  provider: 1 << 14,
  model: 1 << 15,
  temperature: 1 << 16,
  max_tokens: 1 << 17,
  sampling: 1 << 18,
  mode: 1 << 19,
  replicate: 1 << 20,
  raw: 1 << 21,
  parser: 1 << 22,
  min_lines: 1 << 23,
  truncation: 1 << 24,
  discarded: 1 << 25,
  draft: 1 << 26,
  text: 1 << 27,
  thoughts: 1 << 28,
} as const;

/** Bits that say no more than that something is not there. */
export const ABSENCE =
  WHY.never_render |
  WHY.never_generate |
  WHY.never_parse |
  WHY.missing_prompt |
  WHY.missing_raw |
  WHY.missing_parsed;

/** Reasons to begin with the prompt. */
export const RENDER_BITS =
  WHY.never_render |
  WHY.missing_prompt |
  WHY.forced |
  WHY.foreign_prompt |
  WHY.template |
  WHY.concepts |
  WHY.parent |
  WHY.renderer;

/** Reasons to ask again whatever the prompt says. */
export const GENERATE_BITS =
  WHY.never_generate |
  WHY.missing_raw |
  WHY.provider |
  WHY.model |
  WHY.temperature |
  WHY.max_tokens |
  WHY.sampling |
  WHY.mode |
  WHY.replicate;

/** Reasons that leave the answer as it is. */
export const PARSE_BITS =
  WHY.never_parse |
  WHY.missing_parsed |
  WHY.raw |
  WHY.parser |
  WHY.min_lines |
  WHY.truncation |
  WHY.draft |
  WHY.text |
  WHY.thoughts;

/** Short words for counts: `template`, `concepts`, `never built` … What is tried again was asked before, so that something was built. */
export function whyWords(bits: number): readonly string[] {
  const words = new Set<string>();
  const told = (bits & WHY.retry) === 0 ? bits : bits & ~ABSENCE;
  for (const [name, bit] of Object.entries(WHY)) {
    if ((told & bit) === 0) continue;
    words.add(name.startsWith('never_') ? 'never built' : name.replace('_', ' '));
  }
  return [...words];
}
