// Findings about catalogs: templates without a row or a text, what nothing uses, combos that name nothing, ids read otherwise before.
import { dirname, join } from 'node:path';
import { STAGES } from '../../generation/stage.ts';
import { variantOf } from '../../catalog/variants.ts';
import { readTable } from '../../catalog/rows.ts';
import { wordIn } from '../../store/gens/survey.ts';
import type { Examination } from '../examination.ts';
import { finding, type Finding } from '../findings.ts';
import { LEVELS } from '../../catalog/concepts.ts';
import { oldReading } from './oldreading.ts';
import { defined } from '../../defined.ts';

export function templateFindings(examination: Examination): readonly Finding[] {
  return [
    ...unlisted(examination),
    ...textless(examination),
    ...unused(examination),
    ...brokenCombos(examination),
    ...unreadDescriptions(examination),
    ...readOtherwise(examination),
  ];
}

function unlisted({ settings, reader, catalog, opened }: Examination): readonly Finding[] {
  const bound = opened?.session.loaded.graph.boundTemplates ?? [];
  const named = new Set(bound.map(({ systemFile }) => systemFile));
  return STAGES.flatMap((stage) => {
    const folder = join(settings.templatesRoot, stage);
    return reader
      .files(folder, '.txt')
      .filter((name) => !catalog.templates[stage].has(name.replace(/(?:\.system)?\.txt$/, '')))
      .filter((name) => !named.has(join(folder, name)))
      .map((name) =>
        finding(
          'template_without_row',
          `${stage} template ${name.slice(0, -'.txt'.length)} is in no catalog`,
          {
            stage,
            place: { file: join(folder, name) },
          },
        ),
      );
  });
}

function textless({ reader, catalog }: Examination): readonly Finding[] {
  return STAGES.flatMap((stage) =>
    [...catalog.templates[stage].values()]
      .filter(
        ({ mode, file, id }) => mode === 'llm' && !reader.files(dirname(file), '.txt').includes(`${id}.txt`),
      )
      .map(({ id, file, place }) =>
        finding('template_without_file', `${stage} template ${id} has no text: ${file} is not there`, {
          stage,
          place,
        }),
      ),
  );
}

/** Nothing is called unused while a cohort can not be read: it may be the one that uses it. */
function unused({ opened, catalog, store }: Examination): readonly Finding[] {
  if (opened === undefined) return [];
  const { templates, models } = opened.session.loaded.structure;
  const usedTemplates = new Set(templates.map(({ stage, id }) => `${stage} ${variantOf(id).base}`));
  const usedModels = new Set(models);
  for (const { stage, metadata } of new Map(store.map((each) => [each.kind, each])).values()) {
    if (metadata === undefined || metadata === 'damaged') continue;
    usedTemplates.add(`${stage} ${variantOf(wordIn(metadata, 'template_id') ?? '').base}`);
    usedModels.add(wordIn(metadata, 'llm_model_id') ?? '');
  }
  const idleTemplates = STAGES.flatMap((stage) =>
    [...catalog.templates[stage].values()]
      .filter(({ id }) => !usedTemplates.has(`${stage} ${id}`))
      .map(({ id, place }) =>
        finding('template_unused', `nothing uses ${stage} template ${id}`, { stage, place }),
      ),
  );
  const idleModels = [...catalog.models.values()]
    .filter(({ id }) => !usedModels.has(id))
    .map(({ id, place }) => finding('model_unused', `nothing uses model ${id}`, { place }));
  return [...idleTemplates, ...idleModels];
}

function brokenCombos({ catalog, problems }: Examination): readonly Finding[] {
  const told = new Set(problems.map(({ message }) => message));
  return [...catalog.combos.values()].flatMap(({ problem }) =>
    // One that a cohort uses is a problem of the inputs already.
    problem === undefined || told.has(problem.message)
      ? []
      : [
          finding(
            'combo_unknown_concept',
            problem.message,
            defined({ place: problem.place, data: problem.data }),
          ),
        ],
  );
}

function unreadDescriptions({ reader, settings, catalog, problems }: Examination): readonly Finding[] {
  const told = new Set(problems.map(({ place }) => place?.file));
  return LEVELS.flatMap((level) => {
    const folder = join(settings.dataRoot, '1_raw', 'concepts', `descriptions-${level}`);
    const read = new Set(
      [...catalog.concepts.values()]
        .filter(({ descriptions }) => descriptions[level] !== undefined)
        .map(({ id }) => `${id}.txt`),
    );
    return [...reader.files(folder, ''), ...reader.folders(folder)]
      .filter((name) => !name.startsWith('.') && !read.has(name) && !told.has(join(folder, name)))
      .map((name) =>
        finding('description_unread', `${name} describes nothing`, { place: { file: join(folder, name) } }),
      );
  });
}

function readOtherwise({ reader, settings, layout }: Examination): readonly Finding[] {
  const raw = join(settings.dataRoot, '1_raw');
  const columns: readonly (readonly [file: string, column: string])[] = [
    [join(raw, 'concepts_metadata.csv'), 'concept_id'],
    ...STAGES.map((stage) => [join(raw, `${stage}_templates.csv`), 'template_id'] as const),
    [join(raw, 'llm_models.csv'), 'id'],
    [layout.combos, 'combo_id'],
    [layout.combos, 'concept_id'],
  ];
  return columns.flatMap(([file, column]) => {
    const rows = readTable(reader, file).value?.rows ?? [];
    const cells = rows.map((row) => row.cells[column] ?? '');
    const before = oldReading(cells);
    return rows.flatMap((row, place) => {
      const [now = '', old] = [cells[place], before[place]];
      if (now === '' || now === old) return [];
      const reading = old === undefined ? 'a blank' : `"${old}"`;
      return [
        finding('id_read_otherwise', `"${now}" was read as ${reading}`, {
          place: { file, line: row.line, field: column },
          data: { now, before: old ?? null },
        }),
      ];
    });
  });
}
