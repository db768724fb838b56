// The process that touches a shared folder, so that a drive that does not answer holds up nobody but it. It is told what to do and says
// what came of it, and is killed when nobody needs it any more. Knows no answer.
import { runErrand, type Brought, type Errand } from './folderwork.ts';

export interface Told {
  readonly number: number;
  readonly folder: string;
  readonly errand: Errand;
}

export interface Said {
  readonly number: number;
  readonly brought: Brought;
}

process.on('message', ({ number, folder, errand }: Told) => {
  void runErrand(folder, errand).then((brought) => process.send?.({ number, brought } satisfies Said));
});
// A thread that waits for the drive would hold up an orderly end.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
