import { eventCodeText, eventName } from '@haulwatch/domain';
import { isReject } from '../reject.ts';
import { alarmNames } from './alarm-bits.ts';
import { timeText } from './bcd-time.ts';
import type { Jt808Frame } from './decoder.ts';
import type { Header } from './header.ts';
import { hexOf, idText } from './hex.ts';
import type { Item, Json } from './item.ts';
import { messageNames } from './known-messages.ts';
import type { BrokenLocation, Location } from './location.ts';
import type { LocationFix } from './location-fix.ts';
import type { Message } from './message.ts';
import { statusNames } from './status-bits.ts';

type Fields = Readonly<Record<string, Json | undefined>>;

/** A frame in words, for people and programs that look at what terminals really say. */
export function frameJson(frame: Jt808Frame): Fields {
  const head = frame.header === undefined ? {} : headerFields(frame.header);
  switch (frame.kind) {
    case 'message':
      return {
        ...head,
        ...(frame.isLengthWrong && { lengthMismatch: true }),
        ...messageFields(frame.message),
        ...(frame.fixes.length > 0 && { fixes: frame.fixes.map(fixFields) }),
      };
    case 'part':
      return { ...head, ...(frame.isRepeated ? { repeatedPart: true } : { waitsForParts: true }) };
    case 'refused':
    case 'lost':
      return { ...head, refused: frame.refusal.reason, detail: frame.refusal.detail };
  }
}

/** What a message is called; undefined: nobody knows it. */
export function messageName(id: number): string | undefined {
  return messageNames[id];
}

function headerFields({ id, edition, phone, serial, protocolVersion, part }: Header): Fields {
  return { id: idText(id), name: messageNames[id] ?? null, edition, protocolVersion, phone, serial, part };
}

function messageFields(message: Message): Fields {
  switch (message.kind) {
    case 'location':
      return { answers: message.answers, location: locationFields(message.location) };
    case 'batch':
      return { blindZone: message.isBlindZone, locations: message.locations.map(locationFields) };
    case 'broken':
      return { location: locationFields(message) };
    case 'driver': {
      const { status, atMs, readResult, driver } = message;
      return { card: status, time: atMs === undefined ? null : timeText(atMs), readResult, driver };
    }
    case 'other':
    case 'unknown':
      return { body: hexOf(message.body) };
    case 'ack':
      return { answers: message.answers, answeredId: idText(message.answeredId), result: message.result };
    case 'registration':
    case 'authentication': {
      const { kind: _kind, ...fields } = message;
      return fields;
    }
  }
}

function locationFields(location: Location | BrokenLocation): Fields {
  if ('reason' in location) {
    const { reason, detail, alarmFlags, statusFlags } = location;
    return { refused: reason, detail, alarmFlags, statusFlags };
  }
  const { edition, alarmFlags, statusFlags, lonDeg, latDeg, altitudeM, speedKph, headingDeg, fixedAtMs } = location;
  return {
    time: timeText(fixedAtMs),
    lonDeg,
    latDeg,
    altitudeM,
    speedKph: speedKph ?? null,
    headingDeg,
    alarmFlags,
    alarms: alarmNames(alarmFlags, edition, []),
    statusFlags,
    status: statusNames(statusFlags, edition),
    items: location.items.map(itemFields),
  };
}

function itemFields(item: Item): Fields {
  const id = item.id.toString(16).padStart(2, '0');
  if (item.kind === 'vendor') return { id, name: 'vendor', hex: hexOf(item.bytes) };
  if (item.kind === 'raw') return { id, unread: item.problem, hex: hexOf(item.bytes) };
  const events = item.events?.map(({ code, level, state }) => {
    return { code: eventCodeText(code), name: eventName(code), level, state };
  });
  return { id, name: item.name, value: item.value, events };
}

function fixFields({ parsed }: LocationFix): Fields {
  if (isReject(parsed)) return { refused: parsed.reason, detail: parsed.detail };
  return { ...parsed, terminalEvents: parsed.terminalEvents?.map((event) => ({ ...event })) };
}
