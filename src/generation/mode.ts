// How raw text comes to be: a model call, or a copy of the parent's parsed text. Knows no template and no file.

export type Mode = 'llm' | 'copy';

export function isMode(word: string): word is Mode {
  return word === 'llm' || word === 'copy';
}

/** Whether nobody is asked, and the parent's text is the raw text. */
export function isCopy({ mode }: { readonly mode?: unknown }): boolean {
  return mode === 'copy';
}

/** The word of raw_metadata.json and parsed_metadata.json for what the raw text was made from. */
export function inputMode(made: { readonly mode: string }): 'copy' | 'prompt' {
  return isCopy(made) ? 'copy' : 'prompt';
}
