export { decodeAlarmStep, encodeAlarmStep } from './alarm-json.ts';
export { decodeVehicle, encodeVehicle } from './fleet-json.ts';
export { crc32c } from './crc32c.ts';
export {
  encodeFixJson,
  fixToRow,
  isSalvaged,
  parseFix,
  parseFixText,
  salvageToRow,
  type FixReject,
  type Salvage,
  type Salvaged,
} from './fix-json.ts';
export { encodeFrame, FrameEncoder, type FrameFix, type FrameRow } from './frame-encoder.ts';
export { frameFlag, frameRowsMax, headerAt, headerSize, rowAt, rowSize } from './frame-layout.ts';
export { readFrameRows, type FrameRows } from './frame-rows.ts';
export { decodeFrame, frameVehicleNumber, splitFrame, type DecodedFrame, type RecordSource } from './frame.ts';
export { Jt808Decoder, type Jt808Frame } from './jt808/decoder.ts';
export { frameJson, messageName } from './jt808/frame-json.ts';
export { bytesOfHex, idText } from './jt808/hex.ts';
export { rejectOf } from './jt808/refusal.ts';
export { homePartition, murmur2 } from './murmur2.ts';
export { isReject } from './reject.ts';
export { decodeRecord, recordBytesMax, rowsPerRecordMax, type DecodedFix, type TelemetryRecord } from './telemetry.ts';
export { parseTraccarPosition, parseTraccarText, type NotAPosition } from './traccar.ts';
