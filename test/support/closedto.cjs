// A disk that lets nobody read below a folder, for tests that run as root: `node --require` it. What is asked of a path in which
// CLOSED_TO occurs is refused as the system refuses it.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const closed = process.env['CLOSED_TO'];
for (const name of ['openSync', 'readFileSync', 'readdirSync']) {
  const real = fs[name];
  fs[name] = (path, ...rest) => {
    if (closed && typeof path === 'string' && path.includes(closed))
      throw Object.assign(new Error(`EACCES: permission denied, ${name} '${path}'`), {
        code: 'EACCES',
        path,
      });
    return real(path, ...rest);
  };
}
const { statSync } = fs;
fs.statSync = (path, ...rest) => {
  // A closed folder itself can be looked at, and nothing in it.
  if (closed && typeof path === 'string' && path.includes(`${closed}/`))
    throw Object.assign(new Error(`EACCES: permission denied, stat '${path}'`), { code: 'EACCES', path });
  return statSync(path, ...rest);
};
syncBuiltinESMExports();
