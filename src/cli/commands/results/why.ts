// daydream why: what a generation was made from and what of it differs now, up to the root cause. Read-only; decides nothing itself.
import { findRow } from '../../../api/reading/find.ts';
import { openForReading } from '../../../api/reading/open.ts';
import { explainGeneration, rowOfRoot, type PromptNow } from '../../../api/reading/why.ts';
import { why } from '../../../plan/explain.ts';
import { PROVIDER, VERIFY, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { printDiff, unifiedDiff } from '../../words/diff.ts';
import { printWhy } from '../../words/reasons/why.ts';

export const command: CommandSpec = {
  words: '<gen_id>',
  options: [PROVIDER, VERIFY],
  examples: ['why e_2nvow3o7h9nijzyy', 'why e_2nvow3o7h9nijzyy --json'],
  run: tellWhy,
};

async function tellWhy(call: Invocation): Promise<ExitCode> {
  const { console, words, options } = call;
  const reading = await openForReading({ ...(await call.load()), verify: options.flag('verify') });
  const [word = ''] = words;
  const { generation, failure, prompt, ...report } = await explainGeneration(reading, word);
  const shown = prompt === null ? null : { ...prompt, diff: diffOf(prompt) };
  if (console.json) {
    console.printJson({ version: 1, generation, ...report, failure, prompt: shown });
    return 0;
  }
  const { graph } = reading.judged;
  const row = findRow(reading, word);
  const root = rowOfRoot(reading, report, row);
  const above = root === row ? undefined : why(reading.judged, root);
  printWhy(console, {
    graph,
    row,
    root,
    report,
    above,
    failure: failure ?? undefined,
    directory: call.directory,
  });
  if (shown !== null) {
    console.print();
    if (shown.problem !== null) console.print(`the prompt can not be rendered now: ${shown.problem}`);
    else if (shown.diff === '')
      console.print('the prompt that would be rendered now is the same, so no model is asked for it');
    else printDiff(console, shown.diff);
  }
  return 0;
}

/** Unified; empty when both are equal, and when there is no prompt of now. */
function diffOf({ genId, recorded, now }: PromptNow): string {
  if (now === null) return '';
  return unifiedDiff({ name: `${genId}/prompt.txt`, text: recorded }, { name: 'rendered now', text: now });
}
