/** What may go wrong with groups. A list of its own: adding here does not shift what seeds draw from the other lists. */

export const groupFaults = [
  /** New members boot, but their user data does not take the group's Elastic IP. */
  "user-data-fails",
  /** Every notice about a lifecycle hook comes twice. */
  "hook-twice",
  /** Notices about lifecycle hooks come minutes late. */
  "hook-late",
  /** Auto Scaling answers ResourceContention to every write. */
  "scaling-contended",
] as const;
export type GroupFault = (typeof groupFaults)[number];

/** The settings behind them, open for finer ones. */
export interface GroupFaultSettings {
  userDataFails: boolean;
  hooksTwice: boolean;
  hookLateMs: number;
  /** This many writes are refused with ResourceContention. */
  contendedCalls: number;
}

/** Longer than a bot's patience for one message, shorter than most heartbeats. */
const hookLateMs = 4 * 60_000;

export function noGroupFaults(): GroupFaultSettings {
  return { userDataFails: false, hooksTwice: false, hookLateMs: 0, contendedCalls: 0 };
}

export function isGroupFault(fault: string): fault is GroupFault {
  return groupFaults.some((each) => each === fault);
}

export function setGroupFault(settings: GroupFaultSettings, fault: GroupFault, on: boolean): void {
  switch (fault) {
    case "user-data-fails":
      settings.userDataFails = on;
      return;
    case "hook-twice":
      settings.hooksTwice = on;
      return;
    case "hook-late":
      settings.hookLateMs = on ? hookLateMs : 0;
      return;
    case "scaling-contended":
      settings.contendedCalls = on ? Number.POSITIVE_INFINITY : 0;
      return;
  }
}

export function hasGroupFault(settings: GroupFaultSettings, fault: GroupFault): boolean {
  switch (fault) {
    case "user-data-fails":
      return settings.userDataFails;
    case "hook-twice":
      return settings.hooksTwice;
    case "hook-late":
      return settings.hookLateMs > 0;
    case "scaling-contended":
      return settings.contendedCalls > 0;
  }
}
