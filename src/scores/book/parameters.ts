// Parameters as facets of their own: what templates are called in a spec with such axes, taken apart into the template and each parameter.
import { type Parameter, USUAL, variantId, variantOf } from '../../catalog/variants.ts';
import type { Stage } from '../../generation/stage.ts';
import { type CHOSEN, type Facet, VARIED, type ScoreTable, type Varied } from './scoretable.ts';

type Chosen = (typeof CHOSEN)[number];

/** Names and places in them, a facet that every evaluation has. */
export interface ChosenColumns {
  readonly names: Readonly<Record<Chosen, readonly string[]>>;
  readonly codes: Readonly<Record<Chosen, ArrayLike<number>>>;
}

type Columns = Pick<ScoreTable, 'names' | 'codes'>;
type TemplateFacet = 'draft_template' | 'essay_template' | 'rubric';

const TEMPLATES: Readonly<Record<Stage, TemplateFacet>> = {
  draft: 'draft_template',
  essay: 'essay_template',
  evaluation: 'rubric',
};

/** The stage and the parameter that such a facet is about. */
export function partsOf(facet: Varied): readonly [stage: Stage, parameter: Parameter] {
  const at = facet.indexOf('_');
  return [facet.slice(0, at) as Stage, facet.slice(at + 1) as Parameter];
}

/** The same with a column for each parameter, and templates by the names that they have without any. */
export function withParameters({ names, codes }: ChosenColumns, size: number): Columns {
  const [none, usual] = [new Uint8Array(size), [USUAL]];
  const allNames: Partial<Record<Facet, readonly string[]>> = { ...names };
  const allCodes: Partial<Record<Facet, ArrayLike<number>>> = { ...codes };
  for (const facet of VARIED) {
    const [stage, parameter] = partsOf(facet);
    const templates = names[TEMPLATES[stage]];
    const isVaried = templates.some((id) => variantOf(id).values[parameter] !== undefined);
    const valueOf = (id: string): string => variantOf(id).values[parameter] ?? USUAL;
    const column = isVaried
      ? renamed(templates, codes[TEMPLATES[stage]], valueOf)
      : { names: usual, codes: none };
    allNames[facet] = column.names;
    allCodes[facet] = column.codes;
  }
  for (const facet of Object.values(TEMPLATES)) {
    if (names[facet].every((id) => variantOf(id).base === id)) continue;
    const column = renamed(names[facet], codes[facet], (id) => variantOf(id).base);
    allNames[facet] = column.names;
    allCodes[facet] = column.codes;
  }
  return { names: allNames as Columns['names'], codes: allCodes as Columns['codes'] };
}

/** A column whose names are what a function makes of them, each of those once. */
function renamed(
  names: readonly string[],
  codes: ArrayLike<number>,
  nameOf: (name: string) => string,
): { readonly names: readonly string[]; readonly codes: Uint32Array } {
  const known = new Map<string, number>();
  const next = names.map((name) => {
    const other = nameOf(name);
    const code = known.get(other) ?? known.size;
    known.set(other, code);
    return code;
  });
  return { names: [...known.keys()], codes: Uint32Array.from(codes, (code) => next[code] ?? 0) };
}

/** Whether templates of a stage are called otherwise than in their own column: by parameters too. */
export function isVaried({ names }: ScoreTable, stage: Stage): boolean {
  return VARIED.some((facet) => partsOf(facet)[0] === stage && names[facet].some((name) => name !== USUAL));
}

/** What a stage's template is called at a place, with its parameters. */
export function templateAt({ names, codes }: ScoreTable, stage: Stage, place: number): string {
  const nameOf = (facet: Facet): string => names[facet][codes[facet][place] ?? 0] ?? '';
  const values = VARIED.flatMap((facet) => {
    const [of, parameter] = partsOf(facet);
    const value = of === stage ? nameOf(facet) : USUAL;
    return value === USUAL ? [] : [[parameter, value] as const];
  });
  return variantId(nameOf(TEMPLATES[stage]), Object.fromEntries(values));
}
