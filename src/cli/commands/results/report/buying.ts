// daydream report --separate --write: a cohort of one of the ways to tell two levels apart. Makes no file itself.
import { localTime } from '../../../../catalog/combos.ts';
import { unusableId } from '../../../../catalog/ids.ts';
import { makeBought } from '../../../../engine/cohorts/buy.ts';
import { readProjectCatalog } from '../../../../engine/cohorts/membershipfiles.ts';
import { locate } from '../../../../engine/project/load.ts';
import { termOf } from '../../../../graph/selectors.ts';
import { problem, ProblemError } from '../../../../problem.ts';
import { LEVEL_KEYS, levelName } from '../../../../scores/levels/dimensions.ts';
import { isScored, type ScoreRow } from '../../../../scores/rows.ts';
import type { Remedy, SeparatedPair } from '../../../../scores/separation/pairs.ts';
import { type Ware, WARES } from '../../../../scores/separation/purchase.ts';
import { lockRoot } from '../../../../store/lock.ts';
import { plural, usd as dollars } from '../../../../text/amounts.ts';
import { shellWord } from '../../../../text/quotes.ts';
import type { Invocation } from '../../../call/command.ts';
import { shortPath } from '../../../words/place.ts';

interface Bought {
  /** For the JSON document. */
  readonly made: Readonly<Record<string, unknown>>;
  /** For people, a line each. */
  readonly words: readonly string[];
}

export async function buyCohort(
  call: Invocation,
  name: string,
  pair: SeparatedPair,
  rows: readonly ScoreRow[],
): Promise<Bought> {
  const why = unusableId(name);
  if (why !== undefined)
    throw new ProblemError([problem('DD102', `no cohort can be called ${name}: ${why}`)]);
  const { ware, more, needed, usd } = chosen(pair, call.options.choice('more', WARES));
  const { dimension, a, b, wanted } = pair;
  const loading = await call.load();
  const now = call.clock.now();
  const release = lockRoot((await locate(loading)).layout, {
    command: call.commandLine,
    since: new Date(now).toISOString(),
  });
  try {
    const { evaluations, missing, written, registered } = makeBought(
      await readProjectCatalog(loading),
      name,
      {
        purpose: `To tell ${a} from ${b}, were they ${Number(wanted.toFixed(3))} apart: ${plural(more, WORDS[ware])} more.`,
        rows: rows
          .filter(isScored)
          .filter((row) => [a, b].includes(levelName(dimension, LEVEL_KEYS[dimension](row)))),
        ware,
        more,
        needed,
        createdAt: localTime(now),
      },
    );
    const price = usd === undefined ? 'a price that is not known' : `about ${dollars(usd)}`;
    const next = `daydream plan ${shellWord(termOf('cohort', name))}`;
    return {
      made: { cohort: name, unit: ware, more, usd: usd ?? null, evaluations, missing, registered, written },
      words: [
        ...written.map((path) => shortPath(path, call.directory)),
        ...(registered.length === 0 ? [] : [`${plural(registered.length, 'combo')} registered`]),
        `${name}: ${plural(more, WORDS[ware])} more, for ${price}; ${plural(evaluations, 'evaluation')}, ${missing} of them missing`,
        `next: \`${next}\`, which says the price of every call`,
      ],
    };
  } finally {
    release();
  }
}

const WORDS: Readonly<Record<Ware, string>> = {
  combo: 'combo',
  draft: 'draft replicate',
  essay: 'essay replicate',
  judge: 'judge',
  replicate: 'evaluation replicate',
};

interface Choice {
  readonly ware: Ware;
  readonly more: number;
  readonly needed: number;
  readonly usd: number | undefined;
}

/** The cheapest that would do, or the one that is named. */
function chosen({ a, b, remedies }: SeparatedPair, ware: Ware | undefined): Choice {
  const found = remedies.flatMap((each) => choiceIn(each) ?? []);
  const one = found.find((each) => ware === undefined || each.ware === ware);
  if (one !== undefined && one.more > 0) return one;
  const what = ware === undefined ? 'nothing that can be bought' : `no number more of ${ware}`;
  throw new ProblemError([
    problem(
      'DD102',
      one === undefined
        ? `${what} would tell ${a} from ${b}`
        : `there is enough already to tell ${a} from ${b}, were they that far apart`,
      {
        cure: 'Without `--write` the same command prints what would do; `--difference` and `--more` choose something else.',
      },
    ),
  ]);
}

/** Undefined where no number would do; essays of a combo and evaluations of an essay are no design of their own. */
function choiceIn({ unit, each, now, moreA, usd }: Remedy): Choice | undefined {
  const ware = WARES.find((known) => known === unit);
  if (ware === undefined || now === undefined || each === undefined || moreA === undefined) return undefined;
  return { ware, more: moreA, needed: each, usd };
}
