// Keys of providers, out of the environment: what is sent, and what is wrong with them before anything is. Never tells a key.
import { join } from 'node:path';
import { whyUnread } from '../../inputs/envfile.ts';
import { trimmedKey, whyNoKey } from './sendable.ts';
import { problem, type Problem } from '../../problem.ts';

export interface Keys {
  readonly settings: {
    readonly root: string;
    readonly providers: Readonly<Record<string, { readonly apiKeyEnv?: string }>>;
  };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Empty for a provider that wants none, and where it is missing. */
export function keyOf({ settings, environment }: Keys, provider: string): string {
  return trimmedKey(environment[settings.providers[provider]?.apiKeyEnv ?? ''] ?? '');
}

/** One problem for each of these providers whose key is not in the environment, or can not be sent. */
export function keyProblems({ settings, environment }: Keys, names: Iterable<string>): readonly Problem[] {
  return [...names].sort().flatMap((provider) => {
    const variable = settings.providers[provider]?.apiKeyEnv;
    if (variable === undefined) return [];
    const key = environment[variable] ?? '';
    const file = join(settings.root, '.env');
    const details = {
      place: { file, field: variable },
      data: { provider, variable },
    };
    const no = whyNoKey(key);
    if (no !== undefined) return [problem('DD178', `${variable} ${no}`, details)];
    if (trimmedKey(key) !== '') return [];
    const unread = whyUnread(file);
    const why = unread === undefined ? '' : `; .env ${unread}`;
    return [
      problem('DD107', `${variable} is not set, and provider ${provider} needs it${why}`, {
        reason: variable === 'OPENROUTER_API_KEY' ? 'missing_openrouter_api_key' : 'missing_api_key',
        ...details,
      }),
    ];
  });
}
