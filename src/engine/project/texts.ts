// Texts behind the graph, read when something has to be rendered: compiled templates, and the concepts of combos. Remembers what
// it read for as long as one plan or build lasts.
import type { Catalog } from '../../catalog/catalog.ts';
import { conceptsDigest } from '../../graph/bindtables.ts';
import { problem } from '../../problem.ts';
import { compileTemplate } from '../../template/template.ts';
import { diskReader } from '../../inputs/disk/diskreader.ts';
import type { GraphTemplate } from '../../graph/graph.ts';
import type { Texts } from '../../run/study.ts';
import { identityOf, templatesOnDisk } from './loadedtemplates.ts';
import type { Settings } from '../../config.ts';

export function textsOf(catalog: () => Catalog, settings: Settings): Texts {
  const templates = new Map<string, ReturnType<Texts['template']>>();
  const concepts = new Map<string, ReturnType<Texts['concepts']>>();
  let combos: Catalog['combos'] | undefined;
  return {
    template(template) {
      const known = templates.get(template.file);
      if (known !== undefined) return known;
      const read = readTemplate(template, settings);
      templates.set(template.file, read);
      return read;
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

function readTemplate(template: GraphTemplate, settings: Settings): ReturnType<Texts['template']> {
  const text = diskReader().text(template.file);
  const compiled = compileTemplate(text.value ?? '', {
    file: template.file,
    load: templatesOnDisk(settings),
  });
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
  return { digest: identityOf(text.value, compiled.value), compiled: compiled.value };
}
