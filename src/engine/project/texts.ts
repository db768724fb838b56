// Texts behind the graph, read when something has to be rendered: compiled templates, and the concepts of combos. Remembers what
// it read for as long as one plan or build lasts.
import type { Catalog } from '../../catalog/catalog.ts';
import { loadCatalog } from '../../catalog/load.ts';
import { conceptsDigest } from '../../graph/bindtables.ts';
import { problem, type Problem } from '../../problem.ts';
import type { Shelf } from '../../template/library.ts';
import { compileTemplate, type CompiledTemplate } from '../../template/template.ts';
import { defined } from '../../defined.ts';
import { diskReader } from '../../inputs/disk/diskreader.ts';
import { textDigest } from '../../inputs/disk/recordingreader.ts';
import type { GraphTemplate } from '../../graph/graph.ts';
import type { Texts } from '../../run/study.ts';
import { madeOf, missingSystem, templatesOnDisk } from '../templates/loadedtemplates.ts';
import type { Settings } from '../../config.ts';

/** Catalogs with their texts, for who has to render. */
export function readCatalog(settings: Settings): Catalog {
  return loadCatalog(diskReader(), settings).value;
}

export function textsOf(catalog: () => Catalog, settings: Settings): Texts {
  const templates = new Map<string, ReturnType<Texts['template']>>();
  const shelf = templatesOnDisk(settings);
  const concepts = new Map<string, ReturnType<Texts['concepts']>>();
  let combos: Catalog['combos'] | undefined;
  return {
    template(template) {
      const { stage, id, systemFile, system } = template;
      const key = JSON.stringify([stage, id, systemFile, system]);
      const known = templates.get(key);
      if (known !== undefined) return known;
      const read = readTemplate(template, settings, shelf);
      templates.set(key, read);
      return read;
    },
    plain({ file }) {
      const { value: text } = diskReader().text(file);
      return text === undefined ? undefined : { text, digest: textDigest(text) };
    },
    concepts(comboId) {
      const known = concepts.get(comboId);
      if (known !== undefined) return known;
      combos ??= catalog().combos;
      const contents = combos.get(comboId)?.contents ?? [];
      const read = { contents, digest: conceptsDigest(contents) };
      concepts.set(comboId, read);
      return read;
    },
  };
}

/** Undefined where the template has none. */
function readSystem(
  template: GraphTemplate,
  shelf: Shelf,
): { text: string; file: string | undefined; compiled: CompiledTemplate } | { problem: Problem } | undefined {
  const { file, systemFile, system, systemNamed } = template;
  const beside = systemFile ?? file;
  const read = systemFile === undefined ? { value: undefined, problems: [] } : diskReader().text(systemFile);
  const text = read.value ?? system;
  if (text === undefined && systemNamed === true) return { problem: missingSystem(template) };
  if (text === undefined && read.problems.length === 0) return undefined;
  const compiled = compileTemplate(text ?? '', { file: beside, shelf });
  const broken = [...read.problems, ...compiled.problems].find((each) => each.severity === 'error');
  if (broken !== undefined) return { problem: broken };
  if (text === undefined || compiled.value === undefined) return undefined;
  return { text, file: read.value === undefined ? undefined : systemFile, compiled: compiled.value };
}

function readTemplate(
  template: GraphTemplate,
  settings: Settings,
  shelf: Shelf,
): ReturnType<Texts['template']> {
  const text = diskReader().text(template.file);
  const compiled = compileTemplate(text.value ?? '', { file: template.file, shelf });
  const broken = [...text.problems, ...compiled.problems].find((each) => each.severity === 'error');
  if (broken !== undefined) return { problem: broken };
  if (text.value === undefined || compiled.value === undefined) {
    return {
      problem: problem('DD355', `${template.stage} template ${template.id} has no text`, {
        place: { file: template.file },
        reason: 'template_file_missing',
      }),
    };
  }
  const system = readSystem(template, shelf);
  if (system !== undefined && 'problem' in system) return system;
  const own = { file: template.file, text: text.value, compiled: compiled.value };
  const { identity, files } = madeOf(settings, own, system);
  return {
    digest: identity,
    files,
    compiled: compiled.value,
    ...defined({ system: system?.compiled }),
  };
}
