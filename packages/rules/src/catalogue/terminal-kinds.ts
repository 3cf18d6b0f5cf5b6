import {
  eventCode,
  eventCodeText,
  eventLevel,
  eventName,
  eventState,
  isNotice,
  peripherals,
  type CatalogueRuleId,
} from '@haulwatch/domain';
import { alarmFlag } from '../alarm-flags.ts';
import type { KindRule } from '../rule.ts';

/** 标志状态: the event is over. */
const ends = 2;

/** Alarms that one peripheral of the terminal raised (T/JSATL 12-2017, and T/GDRTA 002-2020 with longer items): one for each type. */
function peripheral<R extends CatalogueRuleId>(id: R, number: number): KindRule<R> {
  return {
    id,
    eachKind({ events, eventCount }, holds) {
      for (let i = 0; i < eventCount; i += 1) {
        const code = eventCode(events[i]!);
        if (code >>> 8 === number && eventState(events[i]!) !== ends && !isNotice(code))
          holds(code, eventLevel(events[i]!));
      }
    },
    nameOf: (code) => ({ id: eventCodeText(code), name: eventName(code) }),
    tell: ({ name }) => `the terminal reports ${name}`,
  };
}

/** `adas` 高级驾驶辅助报警, item 0x64. */
export const adas = peripheral('adas', peripherals.adas);
/** `dsm` 驾驶员状态监测报警, item 0x65. */
export const dsm = peripheral('dsm', peripherals.dsm);
/** `tpms` 胎压监测报警, item 0x66. */
export const tpms = peripheral('tpms', peripherals.tpms);
/** `bsd` 盲区监测报警, item 0x67. */
export const bsd = peripheral('bsd', peripherals.bsd);
/** `terminal-manner` 激烈驾驶, item 0x70. */
export const terminalManner = peripheral('terminal-manner', peripherals.manner);

const faults: readonly (readonly [flag: number, id: string, name: string])[] = [
  [alarmFlag.gnssFault, 'gnss-fault', 'GNSS module fault GNSS模块故障'],
  [alarmFlag.gnssAntennaOpen, 'gnss-antenna-open', 'GNSS antenna cut GNSS天线未接或被剪断'],
  [alarmFlag.gnssAntennaShort, 'gnss-antenna-short', 'GNSS antenna short GNSS天线短路'],
  [alarmFlag.powerLow, 'power-low', 'main power low 主电源欠压'],
  [alarmFlag.displayFault, 'display-fault', 'display fault 显示器故障'],
  [alarmFlag.ttsFault, 'tts-fault', 'voice fault TTS模块故障'],
  [alarmFlag.cameraFault, 'camera-fault', 'camera fault 摄像头故障'],
  [alarmFlag.icCardFault, 'ic-card-fault', 'card reader fault IC卡模块故障'],
  [alarmFlag.vssFault, 'vss-fault', 'speed sensor fault 车辆VSS故障'],
];
const faultNames = faults.map(([, id, name]) => ({ id, name }));

/** `terminal-fault` 终端故障: one alarm for each kind. JT/T 808-2019 alarm flags 4-7, 9-12, 24. */
export const terminalFault: KindRule<'terminal-fault'> = {
  id: 'terminal-fault',
  eachKind({ alarmFlags }, holds) {
    for (let i = 0; i < faults.length; i += 1) if ((alarmFlags & faults[i]![0]) !== 0) holds(i, 0);
  },
  nameOf: (kind) => faultNames[kind]!,
  tell: ({ name }) => `the terminal reports ${name}`,
};
