// What scores are told apart by, as the page calls it, and the fields that narrow them. Knows no screen.
import { route } from '../frame/route.ts';
import { Choice } from './fields.tsx';
import { VARIED } from '../../../scores/book/scoretable.ts';

export const FACET_TITLES: Readonly<Record<string, string>> = {
  draft_template: 'draft template',
  draft_model: 'draft model',
  essay_template: 'essay template',
  essay_model: 'essay model',
  combo: 'combo',
  rubric: 'rubric',
  judge: 'judge',
  way: 'way',
  ...Object.fromEntries(VARIED.map((facet) => [facet, facet.replaceAll('_', ' ')])),
};

export const FACET_NAMES: readonly string[] = Object.keys(FACET_TITLES);

/** The narrowing that the address holds, as words of a document. */
export function narrowing(): Readonly<Record<string, readonly string[] | string | undefined>> {
  const { words } = route.value;
  const entries = FACET_NAMES.map((facet) => [facet, words.getAll(facet)] as const);
  return { ...Object.fromEntries(entries), cohort: words.get('cohort') ?? undefined };
}

type Choices = Readonly<Record<string, readonly string[]>> | undefined;

/** What there is to tell apart: a parameter only where an axis varies it, or the address names it. */
export function facetsIn(choices: Choices): readonly (readonly [facet: string, title: string])[] {
  const { words } = route.value;
  const named = new Set([words.get('rows'), words.get('columns')]);
  const isThere = (facet: string): boolean =>
    VARIED.every((each) => each !== facet) || choices?.[facet] !== undefined || named.has(facet);
  return FACET_NAMES.filter(isThere).map((facet) => [facet, FACET_TITLES[facet] ?? facet] as const);
}

interface NarrowInput {
  readonly choices: Choices;
  readonly cohorts: readonly string[];
  readonly facets: readonly string[];
}

const any = (title: string): readonly [string, string] => ['', `any ${title}`];

/** A field for the cohort, and one for each facet and each parameter of which there is more than one name. */
export function Narrow({ choices, cohorts, facets }: NarrowInput): preact.JSX.Element {
  const all = [...new Set([...facets, ...VARIED])];
  const shown = all.filter((facet) => (choices?.[facet]?.length ?? 0) > 1 || route.value.words.has(facet));
  return (
    <>
      {cohorts.length > 1 ? (
        <Choice label="cohort" name="cohort" otherwise="" options={[any('cohort'), ...cohorts]} />
      ) : undefined}
      {shown.map((facet) => {
        const title = FACET_TITLES[facet] ?? facet;
        const names = choices?.[facet] ?? route.value.words.getAll(facet);
        return (
          <Choice key={facet} label={title} name={facet} otherwise="" options={[any(title), ...names]} />
        );
      })}
    </>
  );
}
