/** For `node --import`: the process ends with whoever started it, also when that one is killed. */
process.on('disconnect', () => process.exit(1));
// It is no reason to stay: a service that has closed all that it opened ends by itself.
process.channel?.unref();
