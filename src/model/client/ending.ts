// What a provider's word for the end of a reply means, whoever it is: their documentations' words as data, and how an unknown one is
// guessed at. Knows no HTTP and no reply.

/**
 * - `whole`: the model had said all
 * - `cut`: a limit ended it
 * - `filtered`: a filter or the model itself refused
 * - `tool_call`: the model wants a tool, which it has none of here
 * - `broken`: whoever served it failed
 */
export type Ending = 'whole' | 'cut' | 'filtered' | 'tool_call' | 'broken';

/** In small letters, words joined by `_`. */
const WORDS: Readonly<Record<Ending, string>> = {
  // OpenAI, OpenRouter, Mistral, DeepSeek, Groq, Together (eos), Cohere (complete), Anthropic (end_turn, stop_sequence), Gemini (STOP),
  // Bedrock, Hugging Face TGI (eos_token), Ollama and llama.cpp.
  whole:
    'stop eos eos_token end_turn stop_sequence stop_sequences stop_str stop_token complete completed done finish finished end',
  // OpenAI's responses (max_output_tokens), Anthropic (max_tokens, model_context_window_exceeded, pause_turn), Gemini (MAX_TOKENS),
  // Mistral (model_length), DeepSeek (insufficient_system_resource), watsonx (token_limit, time_limit), AI21, Cohere (user_cancel).
  cut: 'length max_tokens max_output_tokens max_completion_tokens max_new_tokens max_length model_length token_limit time_limit incomplete model_context_window_exceeded context_length_exceeded insufficient_system_resource pause_turn user_cancel cancelled canceled',
  // OpenAI and Azure (content_filter), Anthropic (refusal), Gemini (SAFETY … MODEL_ARMOR), Bedrock (guardrail_intervened,
  // content_filtered), Zhipu (sensitive), Cohere (error_toxic).
  filtered:
    'content_filter content_filtered safety refusal refused recitation prohibited_content blocklist spii language model_armor guardrail_intervened sensitive error_toxic image_safety moderation blocked',
  // OpenAI (tool_calls, function_call), Anthropic and Bedrock (tool_use), Gemini (MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL).
  tool_call:
    'tool_calls tool_call tool_use function_call function_calls malformed_function_call unexpected_tool_call too_many_tool_calls malformed_tool_use',
  // OpenRouter and Cohere (error), vLLM (abort), Zhipu (network_error).
  broken: 'error abort aborted network_error server_error failed error_limit',
};

const ENDINGS: ReadonlyMap<string, Ending> = new Map(
  Object.entries(WORDS).flatMap(([ending, words]) =>
    words.split(' ').map((word): [string, Ending] => [word, ending as Ending]),
  ),
);

/** Parts that give a word away which nobody listed; the first that fits. */
const STEMS: readonly (readonly [RegExp, Ending])[] = [
  [/tool|function/, 'tool_call'],
  [
    /filter|safe|moderat|block|prohibit|refus|guardrail|polic|sensitiv|toxic|violat|harm|recit|flag|censor|inspect|forbid|denied|declin|reject|risk/,
    'filtered',
  ],
  [
    /max|length|limit|token|truncat|incomplete|partial|insufficient|budget|time_?out|timed_out|deadline|context|exceed|cut_?off|interrupt|cancel|preempt|resource/,
    'cut',
  ],
  [/error|fail|abort/, 'broken'],
];

export interface ReadEnding {
  readonly ending: Ending;
  /** Nobody listed the word: it was guessed at, or taken for the end of a whole reply. */
  readonly unknown: boolean;
}

/** `MAX_TOKENS`, `max-tokens` and `maxTokens` are one word; no word is the end of a whole reply. */
export function endingOf(word: string | undefined): ReadEnding {
  if (word === undefined) return { ending: 'whole', unknown: false };
  const plain = word
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    // Gemini's own spelling is `FinishReason.STOP`.
    .replace(/^finish_reason_/, '');
  const known = ENDINGS.get(plain);
  if (known !== undefined) return { ending: known, unknown: false };
  return { ending: STEMS.find(([stem]) => stem.test(plain))?.[1] ?? 'whole', unknown: true };
}
