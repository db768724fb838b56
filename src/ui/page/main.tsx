// The page's beginning: trades the token of the address for a cookie, then shows the screen that the address names.
import { render } from 'preact';
import { followAddress } from './frame/route.ts';
import { followChanges } from './frame/live.ts';
import { post, problemsIn } from './frame/source.ts';
import { Problems } from './parts/problems.tsx';
import { Shell } from './frame/shell.tsx';

const token = /^#t=([\w-]+)$/.exec(location.hash)?.[1];
const root = document.getElementById('app') ?? document.body;
root.replaceChildren();

async function begin(): Promise<void> {
  if (token !== undefined) {
    // The token leaves the address before anything else happens, so that no bookmark holds it.
    history.replaceState(null, '', '#/matrix');
    await post('session', { token });
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
  followChanges();
  render(<Shell />, root);
}

followAddress();
begin().catch((error: unknown) => render(<Problems problems={problemsIn(error)} />, root));
