import { LogError } from '@haulwatch/ports';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html); the extended ones carry them in the low byte. */
const sqlite = {
  perm: 3,
  busy: 5,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
} as const;

/** What the operating system or SQLite met in `dir`, told as what a person can do about it. */
export function toStorageError(error: unknown, dir: string): LogError {
  if (error instanceof LogError) return error;
  const { code, errcode } = error as { code?: string; errcode?: number };
  const told = (message: string, retriable: boolean): LogError =>
    new LogError('storage', message, { retriable, cause: error });

  if (code === 'ENOSPC' || code === 'EDQUOT' || primary(errcode) === sqlite.full) {
    return told(`No room left for the log in ${dir}: free some disk space, or give another folder.`, true);
  }
  if (
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'EROFS' ||
    primary(errcode) === sqlite.readonly ||
    primary(errcode) === sqlite.perm
  ) {
    return told(`No permission to write the log in ${dir}: allow it, or give another folder.`, false);
  }
  if (code === 'ENOTDIR' || code === 'EEXIST' || primary(errcode) === sqlite.cantopen) {
    return told(`The log's folder ${dir} cannot be made or opened: give another folder.`, false);
  }
  if (primary(errcode) === sqlite.corrupt || primary(errcode) === sqlite.notadb) {
    return told(`The log in ${dir} is damaged, or is no log: move it away, or start with an empty folder.`, false);
  }
  if (primary(errcode) === sqlite.ioerr)
    return told(`The disk under ${dir} fails to read or write: look at the system's log.`, true);
  const reason = error instanceof Error ? error.message : String(error);
  return new LogError('failed', `The log in ${dir} could not do it: ${reason}`, {
    retriable: false,
    cause: error,
  });
}

export function isBusy(error: unknown): boolean {
  return primary((error as { errcode?: number }).errcode) === sqlite.busy;
}

function primary(errcode: number | undefined): number | undefined {
  return errcode === undefined ? undefined : errcode & 0xff;
}
