/**
 * An alarm that a terminal raised itself and reported beside a position: T/JSATL 12-2017 (苏标) items 0x64-0x67, 0x70, and
 * their Guangdong successors of other lengths.
 */
export type TerminalEvent = {
  /** Peripheral and type as the standard writes them together: 0x6401 is forward collision, 0x6502 a phone call. */
  readonly code: number;
  /** 1 or 2, 2 the more serious (一级, 二级报警); 0: the peripheral has no levels. */
  readonly level: 0 | 1 | 2;
  /** 标志状态: 0 not a lasting one, 1 begins, 2 ends. */
  readonly state: 0 | 1 | 2;
};

/** The peripherals of T/JSATL 12: the upper byte of a code. */
export const peripherals = { adas: 0x64, dsm: 0x65, tpms: 0x66, bsd: 0x67, manner: 0x70 } as const;

/** An event in one number, as batches carry it. */
export function packEvent({ code, level, state }: TerminalEvent): number {
  return code * 16 + level * 4 + state;
}

export function eventCode(packed: number): number {
  return packed >>> 4;
}

export function eventLevel(packed: number): number {
  return (packed >>> 2) & 3;
}

export function eventState(packed: number): number {
  return packed & 3;
}

/** What the codes mean. A type that is not here is the vendor's own and keeps its number for a name. */
const namesOfCodes: Readonly<Record<number, string>> = {
  0x6401: 'forward collision 前向碰撞',
  0x6402: 'lane departure 车道偏离',
  0x6403: 'headway too close 车距过近',
  0x6404: 'pedestrian collision 行人碰撞',
  0x6405: 'frequent lane change 频繁变道',
  0x6406: 'road sign exceeded 道路标识超限',
  0x6407: 'obstacle 障碍物',
  0x6412: 'solid line crossed 实线变道',
  0x6413: 'pedestrian in the aisle 车厢过道行人',
  0x6501: 'fatigue 疲劳驾驶',
  0x6502: 'phone 接打电话',
  0x6503: 'smoking 抽烟',
  0x6504: 'distraction 分神驾驶',
  0x6505: 'driver abnormal 驾驶员异常',
  0x6506: 'camera covered 探头遮挡',
  0x6508: 'overtime driving 超时驾驶',
  0x650a: 'no seat belt 未系安全带',
  0x650b: 'infrared-blocking sunglasses 红外阻断墨镜',
  0x650c: 'hands off the wheel 双脱把',
  0x650d: 'playing with the phone 玩手机',
  0x6602: 'pressure too high 胎压过高',
  0x6603: 'pressure too low 胎压过低',
  0x6604: 'temperature too high 胎温过高',
  0x6605: 'sensor fault 传感器异常',
  0x6606: 'imbalance 胎压不平衡',
  0x6607: 'slow leak 慢漏气',
  0x6608: 'battery low 电池电量低',
  0x6701: 'rear approach 后方接近',
  0x6702: 'left rear approach 左侧后方接近',
  0x6703: 'right rear approach 右侧后方接近',
  0x7001: 'harsh acceleration 急加速',
  0x7002: 'harsh braking 急减速',
  0x7003: 'sharp turn 急转弯',
  0x7004: 'idling 怠速',
  0x7005: 'abnormal stall 异常熄火',
  0x7006: 'neutral coasting 空挡滑行',
  0x7007: 'engine over-revved 发动机超转',
};

/** Events that report no danger: a recognised sign, a snapshot, another driver. */
const notices: ReadonlySet<number> = new Set([0x6410, 0x6411, 0x6510, 0x6511, 0x6601]);

export function isNotice(code: number): boolean {
  return notices.has(code);
}

/** '6401', as evidence files name it too. */
export function eventCodeText(code: number): string {
  return code.toString(16).padStart(4, '0');
}

export function eventName(code: number): string {
  return namesOfCodes[code] ?? `vendor's own ${eventCodeText(code)}`;
}
