import { vendorMappingDefault, type VendorMapping, type VendorProfile } from '@haulwatch/domain';
import { isReject } from '../reject.ts';
import { driverIdOf, type DriverCard } from './driver-card.ts';
import { framesIn, type FoundFrame } from './framing.ts';
import { phoneId, type Edition, type Header } from './header.ts';
import { fixOfBroken, fixOfLocation, type LocationContext, type LocationFix } from './location-fix.ts';
import type { BrokenLocation, Location } from './location.ts';
import { hasPosition, readMessage, type Message } from './message.ts';
import { Parts, type LostMessage } from './parts.ts';
import { refusal, type Refusal } from './refusal.ts';
import type { Registration } from './registration.ts';
import { itemsReadBy, profilesOf } from './vendor-readings.ts';

/** What became of a frame. */
export type Jt808Frame =
  | {
      readonly kind: 'message';
      readonly header: Header;
      readonly message: Message;
      /** One for each location, in their order. */
      readonly fixes: readonly LocationFix[];
      /** The frame has another length than its header tells. */
      readonly isLengthWrong: boolean;
    }
  /** A part of a message, the rest of which has not come yet, or a part that came before. */
  | { readonly kind: 'part'; readonly header: Header; readonly isRepeated: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly header?: Header }
  /** No frame: a message of which some parts came and the others never did. */
  | ({ readonly kind: 'lost' } & LostMessage);

/** What a receiver knows of a frame beside its bytes. */
export type ReceivedFrame = {
  /** Absent: the terminal's number without leading zeros. */
  readonly vehicleId?: string | undefined;
  readonly receivedAtMs?: number | undefined;
};

/** Terminals remembered: a control room's own, and more. Beyond it the one that has been silent longest is forgotten. */
const terminalsMax = 300_000;

type Terminal = {
  registration?: Registration;
  /** Who put a card in, and from when on. Undefined: nobody. */
  driver?: { readonly id: string; readonly sinceMs: number };
  profiles: readonly VendorProfile[];
  /** Ids of the items that the profiles read. */
  vendorItems: ReadonlySet<number>;
};

/**
 * Decodes frames of JT/T 808-2011, -2013 and -2019. It remembers of each terminal what frames do not say themselves: its
 * driver's card, the maker and model of its registration, the parts of messages that have not all come.
 */
export class Jt808Decoder {
  readonly #mapping: VendorMapping;
  readonly #parts = new Parts();
  /** By the terminal's number, the most recently heard last. */
  readonly #terminals = new Map<string, Terminal>();

  constructor(mapping: VendorMapping = vendorMappingDefault) {
    this.#mapping = mapping;
  }

  /** All frames in some bytes: a line of a recording, a datagram. There is at least one. */
  decode(bytes: Uint8Array, received: ReceivedFrame = {}): Jt808Frame[] {
    return framesIn(bytes).flatMap((found) => this.#decodeFrame(found, received));
  }

  /** Nothing more will come: what still waits for parts. */
  end(): Jt808Frame[] {
    return this.#parts.end().map((lost) => ({ kind: 'lost', ...lost }));
  }

  #decodeFrame(found: FoundFrame, received: ReceivedFrame): Jt808Frame[] {
    const { header, body } = found;
    const broken: Refusal | undefined = 'reason' in found ? found : undefined;
    if (header === undefined || body === undefined) return [refused(broken!, header)];
    // A checksum that holds vouches for the bytes. Where only the header's length is wrong, a location is whole if its
    // fixed part is there and its time is one; a body of any other kind says nothing about where it ends.
    const isReport = hasPosition(header.id) && header.id !== 0x0704;
    if (broken !== undefined && (!isReport || header.part !== undefined)) return [refused(broken, header)];
    if (header.encryption !== 0) {
      return [refused(refusal('encrypted', `encryption ${header.encryption}: the key is the terminal's`), header)];
    }
    if (header.part === undefined) return [this.#decodeBody(header, body, received, broken)];
    // Other messages that come in parts are photos and recordings.
    if (!hasPosition(header.id)) return [{ ...noFixes, header, message: { kind: 'other', body } }];
    return this.#decodePart(header, body, received);
  }

  #decodePart(header: Header, body: Uint8Array, received: ReceivedFrame): Jt808Frame[] {
    const answer = this.#parts.take(header, body, received.receivedAtMs);
    const lost = answer.lost.map((one): Jt808Frame => ({ kind: 'lost', ...one }));
    switch (answer.kind) {
      case 'refused':
        return [...lost, refused(answer.refusal, header)];
      case 'whole':
        return [...lost, this.#decodeBody(header, answer.body, received, undefined)];
      case 'waiting':
      case 'repeated':
        return [...lost, { kind: 'part', header, isRepeated: answer.kind === 'repeated' }];
    }
  }

  #decodeBody(header: Header, body: Uint8Array, received: ReceivedFrame, wrongLength: Refusal | undefined): Jt808Frame {
    const terminal = this.#terminal(header.phone);
    const message = readMessage(header, body, editionOf(header, terminal), terminal.vendorItems);
    if ('reason' in message) {
      if (wrongLength !== undefined) return refused(wrongLength, header);
      const fixes = message.alarmFlags === undefined ? [] : this.#fixesOf([message], header, received, false);
      const isSalvaged = fixes.some(({ parsed }) => 'salvage' in parsed);
      return isSalvaged
        ? { ...noFixes, header, message: { kind: 'broken', ...message }, fixes }
        : refused(message, header);
    }
    if (message.kind === 'driver') this.#changeDriver(terminal, message);
    if (message.kind === 'registration') this.#register(terminal, header.phone, message);
    const fixes = this.#fixesOf(
      locationsIn(message),
      header,
      received,
      message.kind === 'batch' && message.isBlindZone,
    );
    const [first] = fixes;
    if (wrongLength !== undefined && (first === undefined || isReject(first.parsed)))
      return refused(wrongLength, header);
    return { kind: 'message', header, message, fixes, isLengthWrong: wrongLength !== undefined };
  }

  #fixesOf(
    locations: readonly (Location | BrokenLocation)[],
    { phone }: Header,
    { vehicleId = phoneId(phone), receivedAtMs }: ReceivedFrame,
    isBlindZone: boolean,
  ): LocationFix[] {
    const { profiles, driver } = this.#terminal(phone);
    const context: LocationContext = { vehicleId, receivedAtMs, isBlindZone, profiles };
    return locations.map((location) => {
      if ('reason' in location) return fixOfBroken(location, context);
      // What was driven before the card was put in, and is told later, somebody else drove.
      const isHis = driver !== undefined && location.fixedAtMs >= driver.sinceMs;
      return fixOfLocation(location, isHis ? { ...context, driverId: driver.id } : context);
    });
  }

  #terminal(phone: string): Terminal {
    const known = this.#terminals.get(phone);
    const terminal: Terminal = known ?? this.#mapped(phone, undefined);
    this.#terminals.delete(phone);
    this.#terminals.set(phone, terminal);
    const [silent] = this.#terminals.keys();
    if (this.#terminals.size > terminalsMax) this.#terminals.delete(silent!);
    return terminal;
  }

  #register(terminal: Terminal, phone: string, registration: Registration): void {
    terminal.registration = registration;
    Object.assign(terminal, this.#mapped(phone, registration));
  }

  #mapped(phone: string, registration: Registration | undefined): Pick<Terminal, 'profiles' | 'vendorItems'> {
    const profiles = profilesOf(this.#mapping, phoneId(phone), registration);
    return { profiles, vendorItems: itemsReadBy(profiles) };
  }

  /** A card that cannot be read says that another driver may sit there: nobody is named then. */
  #changeDriver(terminal: Terminal, { status, atMs = 0, driver }: DriverCard): void {
    const id = status === 'in' && driver !== undefined ? driverIdOf(driver) : undefined;
    if (id === undefined) delete terminal.driver;
    else terminal.driver = { id, sinceMs: atMs };
  }
}

const noFixes = { kind: 'message', fixes: [], isLengthWrong: false } as const;

function refused(because: Refusal, header: Header | undefined): Jt808Frame {
  const { reason, detail } = because;
  return { kind: 'refused', refusal: { reason, detail }, ...(header && { header }) };
}

/** Headers do not tell 2011 from 2013; the registration's layout does. */
function editionOf({ edition }: Header, { registration }: Terminal): Edition {
  return edition === 2013 && registration?.edition === 2011 ? 2011 : edition;
}

function locationsIn(message: Message): readonly (Location | BrokenLocation)[] {
  if (message.kind === 'location') return [message.location];
  return message.kind === 'batch' ? message.locations : [];
}
