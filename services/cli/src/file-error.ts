import { CliError } from './cli-error.ts';

const said: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'part of the path is not a folder',
};

/** Says in one line why a file could not be read or written. Other errors are handed back as they are. */
export function fileError(doing: 'read' | 'write', path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const reason = error.code === 'ENOENT' && doing === 'write' ? 'there is no such folder' : said[String(error.code)];
  return reason === undefined ? error : new CliError(`cannot ${doing} ${path}: ${reason}`, { cause: error });
}
