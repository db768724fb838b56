// Whether a server can have read the whole of a prompt, by the tokens that it counted. Knows no server.
import type { ModelReply } from '../provider.ts';
import { estimateTokens, OTHER_SCRIPTS } from './tokens.ts';

/** Tokens: of a shorter prompt the estimate is too rough, unless its words are known. */
const LONG = 1000;

/** Both counts, where the server's is less than half of ours; undefined for a prompt that was read, and where nobody counted. */
export function cutPrompt(
  { usage: { promptTokens: counted } }: Pick<ModelReply, 'usage'>,
  prompt: string,
  shortest = LONG,
): { readonly estimate: number; readonly counted: number } | undefined {
  if (counted === undefined || counted === 0) return undefined;
  const estimate = estimateTokens(prompt);
  // Of other scripts than Latin tokenizers differ by more.
  const least = OTHER_SCRIPTS.test(prompt) ? estimate / 4 : estimate / 2;
  return estimate >= shortest && counted < least ? { estimate, counted } : undefined;
}
