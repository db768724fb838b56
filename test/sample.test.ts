// The sample project says what its comments say it says. Needs no build and writes nothing.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { comboId } from '../src/catalog/combos.ts';
import { loadCatalog } from '../src/catalog/load.ts';
import { compileDesign } from '../src/cohort/design/design.ts';
import { loadSpec } from '../src/cohort/spec/load.ts';
import { STAGES } from '../src/generation/stage.ts';
import { diskReader } from '../src/inputs/disk/diskreader.ts';

const ROOT = resolve(import.meta.dirname, '..');
const { value: catalog, problems } = loadCatalog(diskReader(), {
  dataRoot: resolve(ROOT, 'data'),
  templatesRoot: resolve(ROOT, 'templates'),
});

describe('the sample project', () => {
  it('loads without an error or a warning', () => {
    expect(problems).toEqual([]);
    expect([...catalog.combos.values()].filter((combo) => combo.problem !== undefined)).toEqual([]);
    expect(catalog.concepts.size).toBeGreaterThanOrEqual(6);
  });

  it('has combos under the ids that their concepts make', () => {
    for (const { id, conceptIds, level, kMax } of catalog.combos.values())
      expect({ id, kMax }).toEqual({ id: comboId(conceptIds, level, kMax), kMax: conceptIds.length });
  });

  it('shows how a description that is missing falls back to another level', () => {
    const combo = [...catalog.combos.values()].find((each) => each.level === 'article');
    const found = combo?.conceptIds.map((id, at) => {
      const descriptions = catalog.concepts.get(id)?.descriptions ?? {};
      return Object.entries(descriptions).find(([, text]) => text === combo.contents[at]?.content)?.[0];
    });
    expect(found).toEqual(['paragraph', 'sentence', 'article', 'paragraph']);
  });

  it('has a text for each template that asks a model, and no text that no template names', () => {
    for (const stage of STAGES) {
      const templates = [...catalog.templates[stage].values()];
      const asking = templates.filter(({ mode }) => mode === 'llm');
      expect(asking.filter(({ file }) => !existsSync(file))).toEqual([]);
      expect(readdirSync(resolve(ROOT, 'templates', stage)).sort()).toEqual(
        asking.map(({ id }) => `${id}.txt`).sort(),
      );
    }
  });

  it('ends each rubric with the line that its parser looks for', () => {
    for (const { file, parser } of catalog.templates.evaluation.values()) {
      expect(parser).toBe('in_last_line');
      expect(readFileSync(file, 'utf8')).toMatch(/\nSCORE: n\n$/);
    }
  });

  it('shows both ways to an essay, and more than one parser', () => {
    const essays = [...catalog.templates.essay.values()].map(({ mode }) => mode);
    expect(essays.sort()).toEqual(['copy', 'llm']);
    expect(new Set([...catalog.templates.draft.values()].map(({ parser }) => parser)).size).toBeGreaterThan(
      1,
    );
  });

  it('describes as many rows and generations as its comments promise', () => {
    const spec = loadSpec(diskReader(), {
      specFile: resolve(ROOT, 'data/cohorts/first-light/spec/config.yaml'),
      projectRoot: ROOT,
    });
    const design = compileDesign(spec.value);
    expect([...spec.problems, ...design.problems]).toEqual([]);
    const { columns, rows } = design.value;
    const upTo = (names: readonly string[]): number =>
      new Set(rows.map((row) => names.map((name) => String(row[columns.indexOf(name)])).join('|'))).size;
    const draft = ['combo_id', 'draft_template', 'draft_llm'];
    expect(rows).toHaveLength(96);
    expect(upTo(draft)).toBe(8);
    expect(upTo([...draft, 'essay_template', 'essay_llm'])).toBe(12);
  });
});
