// Which kept answers are of which generation: each file of the response cache is read once, a few between two turns of the event loop, and
// from then on only those that came since. Keeps names, no text.
import { setImmediate as turn } from 'node:timers/promises';
import type { GenId } from '../../generation/stage.ts';
import type { Layout } from '../../store/layout.ts';
import { listResponses, readResponse } from '../../store/responses.ts';

/** Files that are read between two turns. */
const AT_A_TIME = 100;

export class PastAnswers {
  #seen = new Set<string>();
  #names = new Map<GenId, string[]>();
  #folder = '';
  #reading: Promise<void> = Promise.resolve();

  /** Names of the answers to what was asked for a generation, as they are on disk now. */
  async of(layout: Layout, genId: GenId): Promise<readonly string[]> {
    this.#reading = this.#reading.then(() => this.#read(layout));
    await this.#reading;
    return this.#names.get(genId) ?? [];
  }

  async #read(layout: Layout): Promise<void> {
    if (layout.responses !== this.#folder) [this.#seen, this.#names] = [new Set(), new Map()];
    this.#folder = layout.responses;
    let read = 0;
    for (const name of listResponses(layout)) {
      if (this.#seen.has(name)) continue;
      if (++read % AT_A_TIME === 0) await turn();
      this.#seen.add(name);
      const response = readResponse(layout, name);
      if (response === undefined || response === 'damaged' || response === 'newer') continue;
      const known = this.#names.get(response.genId);
      if (known === undefined) this.#names.set(response.genId, [name]);
      else known.push(name);
    }
  }
}
