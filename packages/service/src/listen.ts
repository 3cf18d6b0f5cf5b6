import type { FastifyInstance } from 'fastify';

/** A server could not take its port. The message says which setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'listen-failed';
}

/** Where to listen; `setting` is what people call the port: an environment variable or an option. */
export type ListenOptions = { readonly host: string; readonly port: number; readonly setting: string };

/** Opens the port and returns the server's address. @throws ListenError with what to do. */
export async function listen(app: Pick<FastifyInstance, 'listen'>, options: ListenOptions): Promise<string> {
  const { host, port, setting } = options;
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ListenError(`${reasonOf(code, host, port)}: set ${setting} to another port (0 picks a free one)`, {
      cause: error,
    });
  }
}

function reasonOf(code: string | undefined, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another program`;
    case 'EACCES':
      return `no permission to listen on port ${port} of ${host}`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}`;
    default:
      return `cannot listen on port ${port} of ${host} (${code ?? 'unknown reason'})`;
  }
}
