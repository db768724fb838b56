// A disk that lets nobody read below a folder, for tests that run as root: `node --require` it. What is asked of a path in which
// CLOSED_TO occurs is refused as the system refuses it.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const closed = process.env['CLOSED_TO'];
const isIn = (path, place) => closed && typeof path === 'string' && path.includes(place);

function refuse(syscall, path) {
  const error = new Error(`EACCES: permission denied, ${syscall} '${path}'`);
  throw Object.assign(error, { code: 'EACCES', syscall, path });
}

for (const [name, syscall] of [
  ['openSync', 'open'],
  ['readFileSync', 'open'],
  ['readdirSync', 'scandir'],
]) {
  const real = fs[name];
  fs[name] = (path, ...rest) => (isIn(path, closed) ? refuse(syscall, path) : real(path, ...rest));
}
// A closed folder itself can be looked at, and nothing in it.
const { existsSync, statSync } = fs;
fs.statSync = (path, ...rest) => (isIn(path, `${closed}/`) ? refuse('stat', path) : statSync(path, ...rest));
fs.existsSync = (path) => !isIn(path, `${closed}/`) && existsSync(path);
syncBuiltinESMExports();
