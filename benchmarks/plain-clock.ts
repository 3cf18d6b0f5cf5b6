type LocalMinute = { readonly day: number; readonly minute: number };

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Local day and minute of one time zone; Intl is asked once for each minute. */
export class PlainClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, LocalMinute>();

  constructor(timeZone: string) {
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit' } as const;
    this.#format = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts });
  }

  /** 1 Monday to 7 Sunday, and minutes since midnight. */
  at(atMs: number): LocalMinute {
    const minute = Math.floor(atMs / 60_000);
    let local = this.#known.get(minute);
    if (local === undefined) this.#known.set(minute, (local = this.#ask(atMs)));
    return local;
  }

  #ask(atMs: number): LocalMinute {
    const parts = this.#format.formatToParts(atMs);
    const part = (type: string): string => parts.find((one) => one.type === type)!.value;
    return { day: days.indexOf(part('weekday')) + 1, minute: Number(part('hour')) * 60 + Number(part('minute')) };
  }
}
