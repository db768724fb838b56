// Loaded into a program before it starts: tells at its end how often it read each file of the name in READS_OF.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { basename } = require('node:path');

const reads = [];
const { readFileSync } = fs;
fs.readFileSync = function (path, ...rest) {
  if (typeof path === 'string' && basename(path) === process.env.READS_OF) reads.push(path);
  return readFileSync.call(this, path, ...rest);
};
syncBuiltinESMExports();
process.on('exit', () => process.stderr.write(`read: ${JSON.stringify(reads)}\n`));
