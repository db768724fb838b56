// Settings of providers that could be sent to nobody, or would not be sent, as problems with their place. Asks nobody.
import type { AskSettings } from '../../graph/asking.ts';
import { problem, type Place, type Problem, warning } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import { KNOWN_PROVIDERS } from './known.ts';
import { misplaced, ofTheWay, whyNoAddress, whyNoHeader } from './sendable.ts';

/** As much of the settings as this looks at. */
export interface Sendable {
  readonly providers: Readonly<
    Record<string, { readonly baseURL: string; readonly headers: Readonly<Record<string, string>> }>
  >;
  /** Where settings of a request are said. */
  readonly stages: Readonly<Record<string, AskSettings>>;
  readonly models: Readonly<Record<string, AskSettings>>;
}

/** `place`: of the config. */
export function checkSendable({ providers, stages, models }: Sendable, place: Place): readonly Problem[] {
  const at = (field: string): { readonly place: Place } => ({ place: { ...place, field } });
  return [
    ...Object.entries(providers).flatMap(([name, { baseURL, headers }]) => {
      const field = `providers.${name}.baseURL`;
      const why =
        baseURL === '' && !KNOWN_PROVIDERS.includes(name)
          ? `it is missing, and only known providers need none: ${KNOWN_PROVIDERS.join(', ')}`
          : whyNoAddress(baseURL);
      return [
        ...(why === undefined
          ? []
          : [
              problem(
                'DD177',
                `${name === 'openrouter' ? 'OPENROUTER_BASE_URL, or baseURL' : field}: ${why}`,
                at(field),
              ),
            ]),
        ...Object.entries(headers).flatMap(([header, value]) => {
          const path = `providers.${name}.headers.${header}`;
          const no = whyNoHeader(header, value);
          return no === undefined ? [] : [problem('DD178', `${path} ${no}`, at(path))];
        }),
      ];
    }),
    ...[...entriesUnder('stages', stages), ...entriesUnder('models', models)].flatMap(([path, settable]) =>
      settingProblems(settable, (setting) => ({ name: `${path}.${setting}`, ...at(`${path}.${setting}`) })),
    ),
  ];
}

/** Settings of one place that stand under the wrong one of `sampling` and `transport`, or under neither. `at`: of one such as `sampling.n`. */
export function settingProblems(
  settable: AskSettings,
  at: (setting: string) => { readonly name: string; readonly place: Place },
): readonly Problem[] {
  const unsent = [...misplaced('sampling', settable), ...misplaced('transport', settable)];
  return [
    ...unsent.map(([setting, why]) => {
      const { name, place } = at(setting);
      return problem('DD179', `${name} is not sent: ${why}`, { place });
    }),
    ...ofTheWay(settable).map((setting) => {
      const { name, place } = at(setting);
      return warning(
        'DD181',
        `${name} decides the price or the way, and no text: it belongs under transport`,
        { place },
      );
    }),
  ];
}

function entriesUnder<Value>(
  name: string,
  values: Readonly<Record<string, Value>>,
): readonly (readonly [string, Value])[] {
  return Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]);
}

/** As much of the settings as that looks at. */
export interface Named {
  readonly provider: string;
  readonly providers: Readonly<Record<string, unknown>>;
  readonly models: Readonly<Record<string, { readonly provider?: string }>>;
}

/** Names of providers that nobody has. `others`: who answers without being a provider; `named`: by the command line. */
export function checkNames(
  settings: Named,
  others: readonly string[],
  { named, place }: { readonly named: string | undefined; readonly place: Place },
): readonly Problem[] {
  const known = [...others, ...Object.keys(settings.providers)];
  const rules = Object.entries(settings.models).flatMap(([id, { provider }]) =>
    provider === undefined ? [] : [[`models.${id}.provider`, provider] as const],
  );
  return [['provider', settings.provider] as const, ...rules]
    .filter(([, name]) => !known.includes(name))
    .map(([field, name]) =>
      problem(
        'DD110',
        `there is no provider ${name}${didYouMean(name, known)}: there are ${known.join(', ')}`,
        {
          place: name === named ? { field: '--provider' } : { ...place, field },
          data: { name, known },
        },
      ),
    );
}
