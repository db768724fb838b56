// How raw text comes to be: a model call, or a copy of the parent's parsed text, which code may then score. Knows no template and no
// file.

/** `code` is a copy that a scorer reads: an evaluation without a judge. */
export type Mode = 'llm' | 'copy' | 'code';

/** The word for the model of what asks none. */
export const NO_MODEL = 'None';

export function isMode(word: string): word is Mode {
  return word === 'llm' || word === 'copy' || word === 'code';
}

/** Whether nobody is asked, and the parent's text is the raw text. */
export function isCopy({ mode }: { readonly mode?: unknown }): boolean {
  return mode === 'copy' || mode === 'code';
}

/** Whether the parser reads no reply, but scores the parent's text. */
export function isCode({ mode }: { readonly mode?: unknown }): boolean {
  return mode === 'code';
}

/** The word of raw_metadata.json and parsed_metadata.json for what the raw text was made from. */
export function inputMode(made: { readonly mode: string }): 'copy' | 'prompt' {
  return isCopy(made) ? 'copy' : 'prompt';
}
