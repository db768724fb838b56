// The version of daydream, as package.json says it, and which code of it this is. Knows nothing else.
import packageJson from '../package.json' with { type: 'json' };

export const TOOL_VERSION: string = packageJson.version;

/** A digest of all source that the bundle was made from, which is put in there; undefined where a program runs from its source. */
declare const DAYDREAM_CODE: string | undefined;

/** What a cache says that it was made by: a clone that is pulled and bundled again has other code and the same version. */
export const PROGRAM = `${TOOL_VERSION} ${typeof DAYDREAM_CODE === 'string' ? DAYDREAM_CODE : 'from source'}`;
