import { writeFile, rename } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/**
 * For `node --import`: the first SIGUSR2 begins a CPU profile of the process, the second writes it into the folder that
 * LOAD_PROFILE_DIR names. Not Node's own --cpu-prof: that profiles the start too, and its end can take longer than a
 * service has to stop.
 */
const dir = process.env['LOAD_PROFILE_DIR'] ?? '.';
let session: Session | undefined;

process.on('SIGUSR2', () => void toggle());

async function toggle(): Promise<void> {
  if (session === undefined) {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return;
  }
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  session = undefined;
  const file = join(dir, `${process.pid}.cpuprofile`);
  // Whoever waits for the file must not read half of it.
  await writeFile(`${file}.part`, JSON.stringify(profile));
  await rename(`${file}.part`, file);
}
