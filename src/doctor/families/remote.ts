// Findings about a team's remote cache: tries to read it, and to write it where builds would. Nothing is asked where there is none.
import { openRemote } from '../../engine/project/teamremote.ts';
import { ProblemError } from '../../problem.ts';
import type { Remote } from '../../remote/remote.ts';
import type { Examination } from '../examination.ts';
import { finding, type Finding } from '../findings.ts';

export async function remoteFindings(
  examination: Pick<Examination, 'settings' | 'environment' | 'problems' | 'now'>,
): Promise<readonly Finding[]> {
  const { settings, environment, problems, now } = examination;
  // What the config says wrongly is found as such.
  if (problems.some(({ code }) => code === 'DD198')) return [];
  try {
    const remote = await openRemote(settings, { environment, now: () => now });
    return remote === undefined ? [] : await probed(remote);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ code, message }) => finding('remote_unusable', message, { data: { code } }));
  }
}

async function probed(remote: Remote): Promise<readonly Finding[]> {
  const { name } = remote.standing;
  const told = { data: { remote: name } };
  try {
    const { off, reading, writing } = await remote.probe(new AbortController().signal);
    return [
      ...(off === undefined ? [] : [finding('remote_unusable', `${name} is off: ${off}`, told)]),
      ...(reading === undefined ? [] : [finding('remote_unreadable', `${name}: ${reading}`, told)]),
      ...(writing === undefined ? [] : [finding('remote_unwritable', `${name}: ${writing}`, told)]),
    ];
  } finally {
    await remote.close();
  }
}
