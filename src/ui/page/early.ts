// The first words to the server, said while the rest of the page is on its way: the token of the address is traded for a cookie, and what
// is shown first is asked for. Imports nothing, so that nothing keeps it waiting.

const token = /^#t=([\w-]+)$/.exec(location.hash)?.[1];
// The token leaves the address before anything else happens, so that no bookmark holds it.
if (token !== undefined) history.replaceState(null, '', '#/matrix');

/** What every screen shows, and what the matrix asks for where nobody says otherwise. */
const FIRST = ['/api/about', '/api/status'];
const MATRIX = '/api/matrix?rows=draft_template&columns=draft_model&from=0&most=100';

/** The answer to the token; undefined where the address has none. */
export const session: Promise<Response> | undefined =
  token === undefined
    ? undefined
    : fetch('/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-daydream': '1' },
        body: JSON.stringify({ token }),
      });

const isMatrix = ['', '#', '#/', '#/matrix'].includes(location.hash);
const asked = new Map(
  [...FIRST, ...(isMatrix ? [MATRIX] : [])].map((address) => [address, answerTo(address)]),
);

async function answerTo(address: string): Promise<Response | undefined> {
  try {
    await session;
    return await fetch(address);
  } catch {
    return undefined;
  }
}

/** Resolves when all of that was answered, well or not. */
export const answered: Promise<unknown> = Promise.all(asked.values());

/** What was asked for already, once; an answer that did not come is undefined. */
export function early(address: string): Promise<Response | undefined> | undefined {
  const answer = asked.get(address);
  asked.delete(address);
  return answer;
}
