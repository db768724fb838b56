// A data root that is moved away while calls are under way: whoever has something to write waits for it for a moment. Writes nothing.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that it is waited for, and between two looks. */
const PATIENCE = 3000;
const LOOK = 100;

/**
 * Resolves at once while the folder is there, else as soon as it is back, so that nothing is made in its place; after three seconds
 * whatever was paid for is to be written where it was.
 */
export async function untilThere(dataRoot: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE && !existsSync(dataRoot); waited += LOOK) await sleep(LOOK);
}
