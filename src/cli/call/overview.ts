// The help of the whole tool: its commands and its habits. Knows no command's options.
import type { CommandList } from './command.ts';

export function overview(commands: CommandList): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `daydream: make for LLM experiments

Usage: daydream <command> [selector…] [options]

Commands:
${lines.join('\n')}

Every command has --help with an example. Everywhere, before the command or behind it:
  --root DIR        the project (default: the nearest folder upwards with a daydream.config.ts)
  --data-root DIR   the data root
  --json            one JSON document on standard output (build, watch: one event a line)
  -q, -v            fewer words, more words
  --no-color        no colour (so do NO_COLOR, CI and pipes)

Exit codes: 0 yes or done · 1 no · 2 can not be answered · 3 stopped by a budget or a quota · 130 interrupted
`;
}
