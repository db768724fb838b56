// What to write into the config when a provider refuses a setting of a request. Knows no file.

interface RefusedBy {
  readonly modelId: string;
  readonly provider: string;
  /** What is sent along and decides no text. */
  readonly transport?: Readonly<Record<string, unknown>> | undefined;
}

/** A line for the config. */
export function remedyFor(setting: string, { modelId, provider, transport = {} }: RefusedBy): string {
  const rule = (text: string): string => `models: { ${JSON.stringify(modelId)}: { ${text} } }`;
  switch (setting) {
    case 'temperature':
      return rule('temperature: null');
    case 'max_tokens':
      return rule("tokensField: 'max_completion_tokens'");
    case 'max_completion_tokens':
      return rule("tokensField: 'max_tokens'");
    case 'stream':
      return `providers: { ${JSON.stringify(provider)}: { stream: false } }`;
    case 'stream_options':
      return `providers: { ${JSON.stringify(provider)}: { streamUsage: false } }`;
    case 'seed':
    case 'random_seed':
      return rule(`seed: null, sampling: { ${setting}: null }`);
    case 'reasoning':
    case 'reasoning_effort':
    case 'thinking':
      return rule(`reasoning: null, sampling: { ${setting}: null }`);
    default: {
      const place = Object.hasOwn(transport, setting) ? 'transport' : 'sampling';
      return rule(`${place}: { ${/^[a-z_]\w*$/i.test(setting) ? setting : JSON.stringify(setting)}: null }`);
    }
  }
}
