// Completion scripts for three shells, written from what each command says of itself. Static: a script runs no daydream. Knows no
// particular command.
import { STAGES } from '../../../generation/stage.ts';
import { STATES } from '../../../plan/verdict.ts';
import type { CommandSpec, OptionSpec } from '../../call/command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface ShellCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly ShellOption[];
  readonly actions: readonly string[];
  readonly selects: 'selectors' | 'nothing';
}

interface ShellOption {
  /** With their dashes. */
  readonly names: readonly string[];
  readonly text: string;
  readonly value: 'none' | 'folder' | 'file' | 'word';
}

const METHODS = ['stage', 'template', 'model', 'combo', 'cohort', 'concept', 'state', 'gen', 'tag'];
const WORDS: Readonly<Record<string, readonly string[]>> = { stage: STAGES, state: STATES };

export function shellCommand(
  name: string,
  spec: Pick<CommandSpec, 'options' | 'actions' | 'words'> & { readonly summary: string },
  everywhere: readonly OptionSpec[],
): ShellCommand {
  return {
    name,
    summary: spec.summary,
    options: [...spec.options, ...everywhere, { flags: '-h, --help', text: 'options and examples' }].map(
      optionOf,
    ),
    actions: spec.actions ?? [],
    selects: spec.words.includes('selector') ? 'selectors' : 'nothing',
  };
}

function optionOf({ flags, text }: OptionSpec): ShellOption {
  const [, value] = /[<[]([^>\]]+)[>\]]/.exec(flags) ?? [];
  const names = flags.split(/[\s,]+/).filter((part) => part.startsWith('-'));
  const kind = value === undefined ? 'none' : value === 'dir' ? 'folder' : value === 'file' ? 'file' : 'word';
  return { names, text, value: kind };
}

export function completionScript(shell: Shell, commands: readonly ShellCommand[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

function bash(commands: readonly ShellCommand[]): string {
  const cases = commands.map(({ name, options, actions, selects }) => {
    const plain = options.flatMap(({ names }) => names).join(' ');
    const methods = selects === 'selectors' ? METHODS.map((method) => `${method}:`).join(' ') : '';
    return `    ${name}) options='${plain}'; words='${[...actions, methods].join(' ').trim()}' ;;`;
  });
  const folders = valuesOf(commands, 'folder').join('|');
  const files = valuesOf(commands, 'file').join('|');
  return `# bash completion of daydream: source it, as in  source <(daydream completion bash)
_daydream() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command='' method='' options='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ "\${COMP_WORDS[i]}" != -* ]]; then command="\${COMP_WORDS[i]}"; break; fi
  done
  COMPREPLY=()
  if [[ -z "$command" ]]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  # A colon is a word of its own here.
  if [[ "$current" == : ]]; then method="$previous"; current=''
  elif [[ "$previous" == : ]]; then method="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$method" in
${Object.entries(WORDS)
  .map(
    ([method, list]) =>
      `    ${method}) COMPREPLY=($(compgen -W '${list.join(' ')}' -- "$current")); return ;;`,
  )
  .join('\n')}
    ?*) return ;;
  esac
  case "$previous" in
${folders === '' ? '' : `    ${folders}) COMPREPLY=($(compgen -d -- "$current")); return ;;\n`}${files === '' ? '' : `    ${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;\n`}  esac
  case "$command" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [[ "\${COMPREPLY[0]-}" == *: ]] && compopt -o nospace 2> /dev/null
  fi
  return 0
}
complete -o default -F _daydream daydream
`;
}

function valuesOf(commands: readonly ShellCommand[], value: ShellOption['value']): readonly string[] {
  const names = commands.flatMap(({ options }) => options.filter((each) => each.value === value));
  return [...new Set(names.flatMap((each) => each.names))].sort();
}

function zsh(commands: readonly ShellCommand[]): string {
  const cases = commands.map(({ name, options, actions, selects }) => {
    const lines = options.flatMap(({ names, text }) => names.map((each) => described(each, text)));
    const methods = selects === 'selectors' ? METHODS.map((method) => `${method}:`) : [];
    return `    ${name})
      options=(${lines.join(' ')})
      actions=(${actions.join(' ')})
      methods=(${methods.join(' ')}) ;;`;
  });
  return `#compdef daydream
# zsh completion of daydream: source it, as in  source <(daydream completion zsh)
_daydream() {
  local -a commands options actions methods
  commands=(${commands.map(({ name, summary }) => described(name, summary)).join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case \${words[2]} in
${cases.join('\n')}
  esac
  case \${words[CURRENT]} in
    -*) _describe option options ;;
${Object.entries(WORDS)
  .map(([method, list]) => `    ${method}:*) compadd -P ${method}: -- ${list.join(' ')} ;;`)
  .join('\n')}
    *)
      (( CURRENT == 3 )) && compadd -- $actions
      compadd -S '' -- $methods
      _files ;;
  esac
}
if [[ "\${funcstack[1]}" == _daydream ]]; then _daydream "$@"; else compdef _daydream daydream; fi
`;
}

/** A word and what it means, as _describe takes them. */
function described(name: string, text: string): string {
  return quoted(`${name.replaceAll(':', String.raw`\:`)}:${text}`);
}

function fish(commands: readonly ShellCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options, actions, selects }) => {
    const here = `-n '__fish_seen_subcommand_from ${name}'`;
    const words = [
      ...actions,
      ...(selects === 'selectors' ? METHODS.map((method) => `${method}:`) : []),
      ...(selects === 'selectors'
        ? Object.entries(WORDS).flatMap(([method, list]) => list.map((word) => `${method}:${word}`))
        : []),
    ];
    return [
      `complete -c daydream -f -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
      ...options.map((option) => `complete -c daydream ${here} ${fishOption(option)}`),
      ...(words.length === 0 ? [] : [`complete -c daydream ${here} -f -a ${fishQuoted(words.join(' '))}`]),
    ];
  });
  return `# fish completion of daydream: save it as ~/.config/fish/completions/daydream.fish\n${lines.join('\n')}\n`;
}

function fishOption({ names, text, value }: ShellOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes = { none: '', folder: ` -x -a '(__fish_complete_directories)'`, file: ' -r', word: ' -x' }[
    value
  ];
  return `${flags.join(' ')}${takes} -d ${fishQuoted(text)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
}
