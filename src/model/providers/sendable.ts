// What of a provider's settings can be sent at all: addresses, headers, keys, and settings that belong elsewhere. Asks nobody.

import { SAID_UNDER_SAMPLING, type AskSettings } from '../../graph/asking.ts';
import { urlOf } from '../../text/url.ts';

/** What comes along when an address is copied, and would be sent with it. */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function codeOf(letter: string | undefined): string {
  return `U+${(letter?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Why a text is no base URL; undefined for one that is. */
export function whyNoAddress(baseURL: string): string | undefined {
  const letters = [...trimmedKey(baseURL)];
  const unseen = letters.findIndex((letter) => UNSEEN.test(letter));
  if (unseen >= 0)
    return `it holds ${codeOf(letters[unseen])} in place ${String(unseen + 1)}, which can not be seen: leave it out`;
  const url = urlOf(baseURL);
  if (url !== undefined && /^https?:/.test(url.protocol)) return whyNotAsItStands(url);
  const meant = `http://${baseURL}`;
  const hint =
    !/^[\w.-]+(:\d+)?(\/|$)/.test(baseURL) || urlOf(meant) === undefined ? '' : `, such as ${meant}`;
  return `${JSON.stringify(baseURL)} is no address that begins with http:// or https://${hint}`;
}

/** Parts of an address that would be dropped on the way, or be there twice. */
function whyNotAsItStands({ hash, username, password, pathname }: URL): string | undefined {
  if (hash !== '') return `what begins with # is sent to no server: leave ${hash} out`;
  if (username !== '' || password !== '')
    return 'a user in an address is not sent: leave it out, and say it under `headers` of the provider, as authorization';
  // Without a version before it `/models` may be the address: Azure's is.
  const [twice] =
    /(?:\/chat\/completions|\/completions|\/responses|(?<=\/v\d\w*)\/models)\/*$/.exec(pathname) ?? [];
  return twice === undefined ? undefined : `${twice} comes after it by itself: leave it out`;
}

/** A space or line end around a key is no part of it. */
export function trimmedKey(key: string): string {
  return key.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

/** Why a key can not be sent; undefined for one that can. Never tells the key. */
export function whyNoKey(key: string): string | undefined {
  const at = [...trimmedKey(key)].findIndex((letter) => !/[!-~]/.test(letter));
  if (at < 0) return undefined;
  const letter = [...trimmedKey(key)][at];
  const name = letter === ' ' ? 'a space' : codeOf(letter);
  return `holds ${name} in place ${String(at + 1)}, which no key holds`;
}

/** Why a header can not be sent; undefined for one that can. */
export function whyNoHeader(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'is no name of a header';
  return /^[\t\u0020-\u007E\u0080-\u00FF]*$/.test(value) ? undefined : 'holds what a header can not carry';
}

/** What a request says in a place of its own, and where the config says it. */
const OWN_PLACES: Readonly<Record<string, string>> = {
  temperature: 'it is `temperature` beside sampling',
  max_tokens: 'it is `maxTokens` beside sampling',
  model: 'it is the model column of llm_models.csv',
  messages: 'they are the prompt',
  stream: 'it is `stream` of the provider',
  stream_options: 'they go with `stream` of the provider',
  n: 'one answer is asked for at a time; replicates ask again',
};

/** What decides the text, and so belongs to what is asked and kept. */
const OF_TEXT = names(
  // Of OpenAI, which most others take over.
  'top_p seed stop reasoning_effort response_format frequency_penalty presence_penalty logit_bias tools tool_choice functions',
  'function_call max_completion_tokens verbosity modalities web_search_options',
  // Of OpenRouter: other models in its place, what searches or shortens a prompt.
  'reasoning top_k min_p top_a repetition_penalty models plugins transforms',
  // Of Anthropic, Mistral, Ollama, vLLM and llama.cpp.
  'thinking random_seed safe_prompt prompt_mode num_ctx options repeat_penalty chat_template_kwargs enable_thinking',
  'thinking_budget typical_p min_tokens best_of stop_token_ids length_penalty structured_outputs guided_json guided_regex',
  'guided_choice guided_grammar grammar json_schema',
);

/** What decides the price or the way: beside the text, and no part of what is asked. */
const OF_THE_WAY = names(
  'service_tier provider route user metadata store prompt_cache_key safety_identifier session_id usage',
);

function names(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

/** Settings under `sampling` that decide no text. */
export function ofTheWay({ sampling = {} }: AskSettings): readonly string[] {
  return OF_THE_WAY.filter((each) => Object.hasOwn(sampling, each)).map((each) => `sampling.${each}`);
}

/** Settings under `sampling` or `transport` that would not be sent as they stand, or stand in the wrong one: their path and why. */
export function misplaced(
  name: 'sampling' | 'transport',
  settable: AskSettings,
): readonly (readonly [string, string])[] {
  const settings = settable[name] ?? {};
  const elsewhere = Object.entries(OWN_PLACES).filter(([each]) => Object.hasOwn(settings, each));
  const ofText = name === 'sampling' ? [] : OF_TEXT.filter((each) => Object.hasOwn(settings, each));
  const twice = Object.entries(name === 'sampling' ? SAID_UNDER_SAMPLING : {}).flatMap(([own, names]) => {
    const said = settable[own as keyof typeof SAID_UNDER_SAMPLING] ?? null;
    return names.flatMap((each): [string, string][] =>
      said === null || !Object.hasOwn(settings, each) ? [] : [[each, `\`${own}\` beside sampling says it`]],
    );
  });
  const own =
    settings['seed'] === 'replicate'
      ? ([['seed', 'only `seed` beside sampling knows that word']] as const)
      : [];
  return [
    ...elsewhere,
    ...own,
    ...twice,
    ...ofText.map((each): [string, string] => [each, 'it decides the text, so it stands under sampling']),
  ].map(([setting, why]) => [`${name}.${setting}`, why]);
}
