// Loads every catalog of a data root and reports what is wrong with all of them together. Knows nothing of cohorts or the store.
import { join } from 'node:path';
import type { Loaded } from '../problem.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import type { Catalog } from './catalog.ts';
import { loadCombos } from './combos.ts';
import { loadConcepts } from './concepts.ts';
import { loadModels } from './models.ts';
import { loadReplication } from './replication.ts';
import { loadTemplates } from './templates.ts';
import { withVariants } from './variants.ts';

export interface CatalogRoots {
  readonly dataRoot: string;
  readonly templatesRoot: string;
}

export function loadCatalog(reader: InputReader, { dataRoot, templatesRoot }: CatalogRoots): Loaded<Catalog> {
  const raw = join(dataRoot, '1_raw');
  const roots = { raw, templates: templatesRoot };
  const concepts = loadConcepts(reader, raw);
  const draft = loadTemplates(reader, roots, 'draft');
  const essay = loadTemplates(reader, roots, 'essay');
  const evaluation = loadTemplates(reader, roots, 'evaluation');
  const models = loadModels(reader, join(raw, 'llm_models.csv'));
  const combos = loadCombos(reader, join(dataRoot, 'combo_mappings.csv'), concepts.value);
  const replication = loadReplication(reader, join(raw, 'replication_config.csv'));
  return {
    value: {
      concepts: concepts.value,
      templates: {
        draft: withVariants(draft.value),
        essay: withVariants(essay.value),
        evaluation: withVariants(evaluation.value),
      },
      models: models.value,
      combos: combos.value,
      replication: replication.value,
    },
    problems: [concepts, draft, essay, evaluation, models, combos, replication].flatMap(
      (part) => part.problems,
    ),
  };
}
