/** The environment lacks something or a server does not start. The message says what to do; printed without a stack. */
export class ServerError extends Error {
  override name = 'ServerError';
}

/** A program is missing here and cannot be fetched: no fault of the server, and another source may do (tests skip). */
export class UnavailableError extends ServerError {
  override name = 'UnavailableError';
}
