// Loaded into a program before it starts: tells at its end how often it read each file of the name in READS_OF.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { basename } = require('node:path');

const reads = [];
let inside = false;
for (const name of ['readFileSync', 'openSync']) {
  const read = fs[name];
  fs[name] = function (path, ...rest) {
    // Reading a file by its path opens it in some cases.
    const outer = inside;
    if (!outer && typeof path === 'string' && basename(path) === process.env.READS_OF) reads.push(path);
    inside = true;
    try {
      return read.call(this, path, ...rest);
    } finally {
      inside = outer;
    }
  };
}
syncBuiltinESMExports();
process.on('exit', () => process.stderr.write(`read: ${JSON.stringify(reads)}\n`));
