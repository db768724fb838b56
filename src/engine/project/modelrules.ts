// What the config says of single models, by id or pattern: who answers, in which pool, at what price; and what of it is meant for
// nobody. Reads no file.
import type { Catalog, Model } from '../../catalog/catalog.ts';
import { OFFLINE, USUAL_POOLS, type ModelRule, type Settings } from '../../config.ts';
import { problem, type Place, type Problem, warning } from '../../problem.ts';
import { isBlank } from '../../text/python.ts';
import { globMatches } from '../../text/glob.ts';
import { didYouMean } from '../../text/nearest.ts';
import { serverOf } from '../../model/server.ts';
import { isFree } from '../../model/money/prices.ts';
import { defined } from '../../defined.ts';
import type { BindSettings, ModelSystem } from '../../graph/bindtables.ts';
import { settingProblems } from '../../model/providers/checks.ts';

/** What the settings say of single models: who answers, in which pool, at what price. */
export function bindSettings(settings: Settings): BindSettings {
  return {
    stages: settings.stages,
    ruleOf: (model) => ruleFor(settings, model.id),
    providerOf: (model) => providerOf(settings, model),
    systemOf: (model) => systemOf(settings, model),
    systemPlace: (stage) => inConfig(settings, `stages.${stage}.system`),
    saidAt(model, stage, setting) {
      if (ruleFor(settings, model.id)[setting] !== undefined)
        return inConfig(settings, `models.${model.id}.${setting}`);
      if (model[setting] !== undefined) return { ...model.place, field: setting };
      return inConfig(settings, `stages.${stage}.${setting}`);
    },
    quirksOf: (provider) => settings.providers[provider] ?? NO_QUIRKS,
    serverOf: (provider) =>
      provider === OFFLINE ? OFFLINE : serverOf(settings.providers[provider]?.baseURL ?? provider),
    poolOf: (model) => {
      const rule = ruleFor(settings, model.id);
      if (providerOf(settings, model) === OFFLINE) return OFFLINE;
      return rule.pool ?? model.pool ?? (isFree(model.model) ? 'llm_api_free' : 'llm_api_paid');
    },
    pricesOf(model) {
      const rule = ruleFor(settings, model.id);
      return defined({
        inputPrice: rule.inputPrice ?? model.inputPrice,
        outputPrice: rule.outputPrice ?? model.outputPrice,
        batchInputPrice: rule.batchInputPrice ?? model.batchInputPrice,
        batchOutputPrice: rule.batchOutputPrice ?? model.batchOutputPrice,
      });
    },
  };
}

/** Of the offline model, which takes everything. */
const NO_QUIRKS: ReturnType<BindSettings['quirksOf']> = {
  tokensField: 'max_tokens',
  temperature: true,
  reasoning: 'reasoning',
  ignores: [],
};

/** Who serves a model: by the command line, its rule, its row, or the config, the first that says so. */
function providerOf(settings: Settings, { id, servedBy }: Model): string {
  if (settings.providerOfAll === true) return settings.provider;
  return ruleFor(settings, id).provider ?? servedBy ?? settings.provider;
}

/** Its rule's, else its row's; null where that says that it is sent none. */
function systemOf(settings: Settings, { id, system, place }: Model): ModelSystem | undefined {
  const own = ruleFor(settings, id).system;
  if (own !== undefined)
    return {
      text: own === null || isBlank(own) ? null : own,
      place: inConfig(settings, `models.${id}.system`),
    };
  return system === undefined ? undefined : { text: system, place: { ...place, field: 'system' } };
}

function inConfig({ configFile }: Settings, field: string): Place {
  return defined({ file: configFile, field });
}

/** What catalog rows would have sent in a place that is not its own. */
export function misplacedInRows({ models }: Pick<Catalog, 'models'>): readonly Problem[] {
  return [...models.values()].flatMap((model) =>
    settingProblems(model, (setting) => ({
      name: `${setting} of the model "${model.id}"`,
      place: { ...model.place, field: setting.split('.', 1).join('') },
    })),
  );
}

/** Names in `served_by` that no provider has. */
export function servedByNobody(settings: Settings, { models }: Pick<Catalog, 'models'>): readonly Problem[] {
  const known = [OFFLINE, ...Object.keys(settings.providers)];
  return [...models.values()].flatMap(({ id, servedBy, place }) =>
    servedBy === undefined || known.includes(servedBy)
      ? []
      : [
          problem(
            'DD110',
            `the model "${id}" is served by ${servedBy}, and there is no such provider${didYouMean(servedBy, known)}: there are ${known.join(', ')}`,
            { place: { ...place, field: 'served_by' }, data: { name: servedBy, known } },
          ),
        ],
  );
}

/** Pools and rules of the config that no model of the catalog is in, or meant by. */
export function forNobody(settings: Settings, { models }: Catalog): readonly Problem[] {
  const place = (field: string): Place => inConfig(settings, field);
  const pools = [...USUAL_POOLS, ...poolsOf(settings, models)];
  const idle = Object.keys(settings.pools).filter((name) => !pools.includes(name));
  const unfit = Object.keys(settings.models).filter(
    (name) => ![...models.keys()].some((id) => name === id || (name.includes('*') && globMatches(name, id))),
  );
  return [
    ...idle.map((name) =>
      warning('DD184', `no model is in the pool ${name}${didYouMean(name, pools)}`, {
        place: place(`pools.${name}`),
      }),
    ),
    ...unfit.map((name) =>
      warning(
        'DD185',
        `the rule for ${name} fits no model of llm_models.csv${didYouMean(name, models.keys())}`,
        {
          place: place(`models.${name}`),
        },
      ),
    ),
  ];
}

function poolsOf(settings: Settings, models: Catalog['models']): readonly string[] {
  const rules = Object.values(settings.models).flatMap(({ pool }) => pool ?? []);
  return [...new Set([...rules, ...[...models.values()].flatMap(({ pool }) => pool ?? [])])];
}

/** The first rule whose name or pattern fits; an exact name goes before patterns. */
function ruleFor({ models }: Settings, id: string): ModelRule {
  const exact = Object.hasOwn(models, id) ? models[id] : undefined;
  if (exact !== undefined) return exact;
  return (
    Object.entries(models).find(([pattern]) => pattern.includes('*') && globMatches(pattern, id))?.[1] ?? {}
  );
}
