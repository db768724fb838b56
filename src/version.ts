// The version of daydream, as package.json says it. Knows nothing else.
import packageJson from '../package.json' with { type: 'json' };

export const TOOL_VERSION: string = packageJson.version;
