/** A service for lifecycle.test.ts: what it does is its first argument. It prints what happens, one word a line. */
import { createLogger, runService } from './index.ts';

const say = (word: string): void => void process.stdout.write(`${word}\n`);
const behaviour = process.argv[2];

await runService(createLogger('test', 'silent'), async ({ signal, stack }) => {
  stack.defer(() => say('closed-first'));
  stack.defer(() => say('closed-last'));
  // Keeps the process alive as a socket would, until it is torn down.
  const socket = setInterval(() => {}, 1_000);
  stack.defer(() => clearInterval(socket));
  switch (behaviour) {
    case 'hangs':
      stack.defer(() => new Promise(() => {}));
      break;
    case 'forgets-a-socket':
      setInterval(() => {}, 1_000);
      return { until: Promise.resolve() };
    case 'finishes':
      return { until: Promise.resolve() };
    case 'dies':
      return { until: Promise.reject(new Error('a bug')) };
    case 'throws-later':
      setTimeout(() => {
        throw new Error('a bug in a callback');
      }, 1);
      break;
    case 'cannot-start':
      throw Object.assign(new Error('no broker at localhost:9092: start one', { cause: new Error('refused') }), {
        code: 'unreachable',
      });
    case 'waits-in-start':
      say('up');
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      break;
    default:
    // It runs until it is told to stop.
  }
  say('up');
  return {};
});
