import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * A small shell that reads `+ SIGNAL pid` and `- SIGNAL pid` and, when the pipe from us closes, however we end, sends
 * each remembered process its signal. It has a session of its own, so what is sent to our group spares it.
 */
const script = `
held=' '
while read -r op signal pid; do
  case "$op$held" in
    +*) held="$held$signal:$pid " ;;
    -*" $signal:$pid "*) held="\${held%% $signal:$pid *} \${held#* $signal:$pid }" ;;
  esac
done
for one in $held; do kill -"\${one%:*}" "\${one#*:}"; done
`;

let pipe: Socket | undefined;

/** How a held server is ended when we are gone: at once. JVMs take QUIT for a request to print their threads. */
export type LastSignal = 'KILL' | 'QUIT';

/** The process will not outlive this one, even when this one is killed with -9. */
export function holdOnLeash(pid: number, signal: LastSignal): void {
  pipe ??= startShell();
  pipe.write(`+ ${signal} ${pid}\n`);
}

/** The process has ended: its pid may be somebody else's soon. */
export function letOffLeash(pid: number, signal: LastSignal): void {
  pipe?.write(`- ${signal} ${pid}\n`);
}

function startShell(): Socket {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  const stdin = shell.stdin as unknown as Socket; // A pipe to a child is one, whatever the types say.
  stdin.unref();
  return stdin;
}
