// What the config says of single models, by id or pattern: who answers, in which pool, at what price; and what of it is meant for
// nobody. Reads no file.
import type { Catalog } from '../../catalog/catalog.ts';
import { OFFLINE, USUAL_POOLS, type ModelRule, type Settings } from '../../config.ts';
import { type Problem, warning } from '../../problem.ts';
import { globMatches } from '../../text/glob.ts';
import { didYouMean } from '../../text/nearest.ts';
import { serverOf } from '../../model/server.ts';
import { isFree } from '../../model/money/prices.ts';
import { defined } from '../../defined.ts';
import type { BindSettings } from '../../graph/bindtables.ts';

/** What the settings say of single models: who answers, in which pool, at what price. */
export function bindSettings(settings: Settings): BindSettings {
  return {
    stages: settings.stages,
    providerOf: (model) => ruleFor(settings, model.id).provider ?? settings.provider,
    serverOf: (provider) =>
      provider === OFFLINE ? OFFLINE : serverOf(settings.providers[provider]?.baseURL ?? provider),
    poolOf: (model) => {
      const rule = ruleFor(settings, model.id);
      if ((rule.provider ?? settings.provider) === OFFLINE) return OFFLINE;
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

/** Pools and rules of the config that no model of the catalog is in, or meant by. */
export function forNobody(settings: Settings, { models }: Catalog): readonly Problem[] {
  const file = settings.configFile;
  const place = (field: string): { file?: string; field: string } => ({
    ...(file === undefined ? {} : { file }),
    field,
  });
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
