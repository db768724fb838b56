// What is odd about replies, said once for each provider or model: an end in no list, a prompt that was not read whole, a bill for what is
// called free. Asks nobody.
import { problemOfBill, problemOfCut, problemOfEnding } from '../../model/diagnosis.ts';
import { cutPrompt } from '../../model/money/cutprompt.ts';
import { priceOfAsk } from '../../model/money/prices.ts';
import type { ModelReply } from '../../model/provider.ts';
import type { Problem } from '../../problem.ts';

/** To whom it was an answer. */
interface Asked {
  readonly provider: string;
  /** The provider's model string. */
  readonly model: string;
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  readonly prompt: string;
}

export type Oddities = (reply: ModelReply, asked: Asked) => void;

export function oddities(warn: (problem: Problem) => void): Oddities {
  const said = new Set<string>();
  const say = (key: readonly unknown[], odd: Problem): void => {
    const name = JSON.stringify(key);
    if (said.has(name)) return;
    said.add(name);
    warn(odd);
  };
  return (reply, asked) => {
    const { provider, model, prompt } = asked;
    if (reply.unknownEnding === true) say([provider, reply.finishReason], problemOfEnding(reply, model));
    const cut = cutPrompt(reply, prompt);
    if (cut !== undefined) say([provider, model], problemOfCut({ model, ...cut }));
    const { cost: billed = 0 } = reply.usage;
    const price = priceOfAsk(asked);
    if (billed > 0 && price?.input === 0 && price.output === 0)
      say([provider, model, 'bill'], problemOfBill(model, billed));
  };
}
