// Answers between this data root and a team's remote cache: sent, brought, compared. Asks no model, and removes nothing.
import type { Settings } from '../../config.ts';
import { Beside, forEach } from '../../remote/atatime.ts';
import { AT_A_TIME, type Kept, type Remote } from '../../remote/remote.ts';
import type { Question } from '../../run/question.ts';
import type { Layout } from '../../store/layout.ts';
import {
  addressOf,
  entryOf,
  findAnswer,
  keepEntry,
  keptAnswer,
  listAddresses,
  openPack,
  type ResponsePack,
  type StoredResponse,
} from '../../store/responses.ts';
import { labelsIn, serversIn } from '../project/labels.ts';

/** A data root and the remote cache that it shares with others. */
export interface Shared {
  readonly settings: Pick<Settings, 'providers'>;
  readonly layout: Layout;
  readonly remote: Remote;
  readonly signal: AbortSignal;
  /** Hears how far it is. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A question, and the generation that asks it. */
export type Wanted = Pick<Question, 'asked' | 'address'> & { readonly task: Pick<Question['task'], 'genId'> };

/** An answer by its address and the generation that it was made for. */
export interface AnswerName {
  readonly address: string;
  readonly genId: string;
}

export interface Pushed {
  readonly sent: number;
  /** Lay there already. */
  readonly there: number;
  readonly left: readonly AnswerName[];
  /** Answers of a provider of which only a label is known: another machine could not tell what it means. */
  readonly unnamed: number;
}

export interface Pulled {
  readonly brought: number;
  /** Were here already. */
  readonly here: number;
  /** Looked for, and not there. */
  readonly missing: number;
  /** What lies there can not be used, or the remote did not say. */
  readonly left: number;
}

export interface Compared {
  /** Questions by where their answers lie. */
  readonly both: number;
  readonly onlyHere: number;
  readonly onlyThere: number;
  readonly nowhere: number;
  /** Where the remote could not tell. */
  readonly untold: number;
}

/** Sends the answers that the remote lacks: to these questions, or all that are here. */
export async function pushAnswers(shared: Shared, questions: readonly Wanted[] | undefined): Promise<Pushed> {
  const { layout, remote, signal } = shared;
  const serverOf = serversIn(shared);
  const labelsOf = labelsIn(shared);
  const all =
    questions?.map((question) => () => keptAnswer({ layout, labelsOf }, question)) ??
    listAddresses(layout).map((address) => () => findAnswer(layout, address));
  const counts = { sent: 0, there: 0, unnamed: 0 };
  const left: AnswerName[] = [];
  await eachOf(shared, all, async (find) => {
    const kept = find()?.response;
    if (kept === undefined) return;
    const server = serverOf(kept.asked['provider'] ?? '');
    if (server === undefined) return void counts.unnamed++;
    const response = { ...kept, asked: { ...kept.asked, provider: server } };
    const address = addressOf(response.asked);
    const came = await sendOne(remote, response, signal);
    if (came === 'not_kept') left.push({ address, genId: response.genId });
    else counts[came === 'kept' ? 'sent' : 'there']++;
  });
  return { ...counts, left };
}

/** What takes the place of an older answer does so only where an older one lies there: somebody else may have asked anew since. */
async function sendOne(remote: Remote, response: StoredResponse, signal: AbortSignal): Promise<Kept> {
  const address = addressOf(response.asked);
  if (response.replaces !== true)
    return (await remote.has(address, signal)) === true ? 'there' : remote.keep(response, 'keep', signal);
  const found = remote.reads ? await remote.find(address, signal) : undefined;
  if (found?.kind === 'answer' && found.response.at >= response.at) return 'there';
  return remote.keep(response, found?.kind === 'missing' ? 'keep' : 'replace', signal);
}

/** Brings the answers to these questions that are not here yet, each as safe on the disk as a paid one when it is counted. */
export async function pullAnswers(shared: Shared, questions: readonly Wanted[]): Promise<Pulled> {
  const { layout, remote, signal } = shared;
  const labelsOf = labelsIn(shared);
  const counts = { brought: 0, here: 0, missing: 0 };
  const among = new Set(listAddresses(layout));
  const wanted = questions.filter((each) => keptAnswer({ layout, labelsOf, among }, each) === undefined);
  counts.here = questions.length - wanted.length;
  const kept = wanted.length < WORTH_A_PACK ? filesIn(layout) : openPack(layout, among);
  const keeping = new Beside(KEPT_AT_A_TIME);
  try {
    await eachOf(shared, wanted, async ({ address, task }) => {
      const found = await remote.find(address, signal);
      if (found.kind === 'missing') counts.missing++;
      if (found.kind !== 'answer') return;
      const response = asBrought(found.response, task.genId);
      await keeping.begin(async () => {
        await kept.keep(address, response);
        counts.brought++;
      });
    });
    await keeping.end();
  } finally {
    await kept.close();
  }
  return { ...counts, left: wanted.length - counts.brought - counts.missing };
}

/** So many answers are kept together in one file: as files of their own they would take longer to write than to bring. */
const WORTH_A_PACK = 400;
/** So many may be on their way to the disk: one that is slow at times holds up nobody who brings more. */
const KEPT_AT_A_TIME = 1024;

function filesIn(layout: Layout): ResponsePack {
  return {
    keep: (address, response) => keepEntry(layout, entryOf(response, address)),
    close: async () => {},
  };
}

/** Where the answers to these questions lie. */
export async function compareAnswers(shared: Shared, questions: readonly Wanted[]): Promise<Compared> {
  const { layout, remote, signal } = shared;
  const labelsOf = labelsIn(shared);
  const counts = { both: 0, onlyHere: 0, onlyThere: 0, nowhere: 0, untold: 0 };
  const among = new Set(listAddresses(layout));
  await eachOf(shared, questions, async (question) => {
    const here = keptAnswer({ layout, labelsOf, among }, question) !== undefined;
    const there = await remote.has(question.address, signal);
    if (there === undefined) counts.untold++;
    else if (here) counts[there ? 'both' : 'onlyHere']++;
    else counts[there ? 'onlyThere' : 'nowhere']++;
  });
  return counts;
}

/** Milliseconds that a plan looks for answers of the team. */
const WHILE_PLANNING = 5000;

export interface LookedFor {
  readonly there: ReadonlySet<string>;
  /** Questions of which the remote did not say it: in that time, or at all. */
  readonly untold: number;
}

/** Which of these questions, by address, have an answer there; what is not known within some seconds is left. */
export async function lookForAnswers(
  remote: Remote,
  addresses: ReadonlySet<string>,
  within = WHILE_PLANNING,
): Promise<LookedFor> {
  const there = new Set<string>();
  let told = 0;
  const signal = AbortSignal.timeout(within);
  await forEach(addresses, AT_A_TIME, signal, async (address) => {
    const has = await remote.has(address, signal);
    if (has !== undefined) told++;
    if (has === true) there.add(address);
  });
  return { there, untold: addresses.size - told };
}

/** How somebody else's answer is kept: whom it was made for there has no meaning here. */
export function asBrought(response: StoredResponse, genId: string): StoredResponse {
  return { ...response, genId, origin: 'remote' };
}

/** Some are ready to be asked for when others come back. */
async function eachOf<T>(
  { signal, onProgress }: Shared,
  all: readonly T[],
  work: (each: T) => Promise<void>,
): Promise<void> {
  let done = 0;
  await forEach(all, AT_A_TIME * 2, signal, async (each) => {
    await work(each);
    done++;
    onProgress?.(done, all.length);
  });
}
