// A system prompt and the prompt in one text, as prompt.txt holds them, and the two taken apart again. Pure text to text.

const HEAD = /^\[system: (\d+) characters\]\n/;
const FOOT = '\n[prompt]\n';

/** What is sent: the system prompt, where there is one, and the prompt. */
export interface Sent {
  readonly system?: string;
  readonly prompt: string;
}

/** One text; of a prompt alone it is the prompt. */
export function joined({ system, prompt }: Sent): string {
  // A prompt that looks like two stays one.
  if (system === undefined && apart(prompt).prompt === prompt) return prompt;
  const head = system ?? '';
  return `[system: ${head.length} characters]\n${head}${FOOT}${prompt}`;
}

/** The two, out of a text that `joined` made; any other text is a prompt alone. */
export function apart(text: string): Sent {
  const found = HEAD.exec(text);
  if (found === null) return { prompt: text };
  const [{ length: start }, count] = [found[0], Number(found[1])];
  const end = start + count;
  if (text.slice(end, end + FOOT.length) !== FOOT) return { prompt: text };
  const [system, prompt] = [text.slice(start, end), text.slice(end + FOOT.length)];
  return system === '' ? { prompt } : { system, prompt };
}

/** Where the system prompt of a template lies: beside its text. */
export function systemFileOf(file: string): string {
  return file.replace(/\.txt$/, '.system.txt');
}
