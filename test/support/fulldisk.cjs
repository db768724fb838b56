// Preloaded into a program: the file that standard output is has room for so many bytes. The last write that fits is cut, as the
// system does it, and only the next one is refused.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

let room = Number(process.env.ROOM);
const write = fs.writeSync;
fs.writeSync = (fd, buffer, offset = 0, ...rest) => {
  if (fd !== 1) return write(fd, buffer, offset, ...rest);
  if (room === 0)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const length = Math.min(room, buffer.length - offset);
  room -= length;
  return write(fd, buffer, offset, length);
};
syncBuiltinESMExports();
