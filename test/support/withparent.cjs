// Preloaded into a program that a test starts: it ends when the test's process is gone, however that came about. The threads of the
// program load this too, and have no channel.
if (process.channel) {
  process.once('disconnect', () => process.exit());
  process.channel.unref();
}
