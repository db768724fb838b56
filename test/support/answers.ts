// Answers to keep and to look for, and a remote to do it with. Knows no project.
import { openRemoteAt } from '../../src/remote/open.ts';
import { placeOf } from '../../src/remote/place.ts';
import type { Remote, RemoteMode } from '../../src/remote/remote.ts';
import { addressOf, type StoredResponse } from '../../src/store/responses.ts';

/** An answer to a question of that number. */
export function answerTo(number: number, text = `Answer ${number}.\nSCORE: 7.0`): StoredResponse {
  const asked = {
    provider: 'https://models.example/v1',
    model: 'example/one',
    temperature: '0.7',
    prompt: `What is ${number}? Ünïcode “quoted”.`,
  };
  const rawMetadata = {
    usage: { prompt_tokens: 7, completion_tokens: 9, cost: 0.25 },
    finish_reason: 'stop',
  };
  const [genId, at] = [`d_answer${number}`, '2026-11-20T08:00:00.000Z'];
  return { version: 1, asked, kind: 'answer', text, rawMetadata, genId, at };
}

export const addressFor = (number: number): string => addressOf(answerTo(number).asked);

export interface Reaching {
  readonly mode?: RemoteMode;
  readonly passphrase?: string;
  readonly connectMs?: number;
  readonly requestMs?: number;
}

const open: Remote[] = [];

/** The remote of an address; `closeRemotes` ends it. */
export function remoteAt(
  { url, env }: { readonly url: string; readonly env: Readonly<Record<string, string>> },
  { mode = 'both', passphrase, connectMs = 2000, requestMs = 10_000 }: Reaching = {},
): Remote {
  const place = placeOf(url, { environment: env, root: '/', where: { field: 'DAYDREAM_REMOTE' } });
  const remote = openRemoteAt({
    place,
    mode,
    passphrase,
    connectMs,
    requestMs,
    environment: env,
    now: () => Date.now(),
  });
  open.push(remote);
  return remote;
}

export async function closeRemotes(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()));
}
