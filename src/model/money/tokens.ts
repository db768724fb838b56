// How many tokens a text has, when nobody has counted them: by its letters, or by its bytes alone. Knows no model and no price.

const LATIN_PER_TOKEN = 4;
const BYTES_PER_TOKEN = 4;
/** Anything that is no Latin letter: looked for before letters are counted one by one. */
export const OTHER_SCRIPTS = /[\u0250-\uffff]/;

/**
 * Tokens of a text, by its letters: about four Latin characters each, one for each CJK character, two for other scripts.
 * `factor` corrects it: recorded tokens over estimated ones, for one model.
 */
export function estimateTokens(text: string, factor = 1): number {
  if (!OTHER_SCRIPTS.test(text)) return Math.ceil((text.length / LATIN_PER_TOKEN) * factor);
  let narrow = 0;
  let middle = 0;
  let wide = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x250) narrow += 1;
    else if (code < 0x2e80) middle += 1;
    else wide += 1;
  }
  return Math.ceil((narrow / LATIN_PER_TOKEN + middle / 2 + wide) * factor);
}

/** Tokens of a text of which only the size is known; not rounded. */
export function tokensOfBytes(bytes: number): number {
  return bytes / BYTES_PER_TOKEN;
}
