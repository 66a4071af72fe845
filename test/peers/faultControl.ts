/** The page through which the disk of a program under faultLayer.c is filled and freed. The order of the numbers is the one in the C file. */
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";

const numbers = [
  "spaceFrom",
  "spaceCalls",
  "syncFrom",
  "syncCalls",
  "partial",
  "refused",
  "skipSync",
  "loseSync",
] as const;
export type ControlNumber = (typeof numbers)[number];

/** The page that a program under the layer has mapped: what is set here holds for its next call. */
export interface Control {
  set(values: Partial<Record<ControlNumber, number>>): void;
  get(name: ControlNumber): number;
  close(): void;
}

const bytesOfNumber = 8;

export function createControl(path: string): Control {
  writeFileSync(path, Buffer.alloc(numbers.length * bytesOfNumber));
  return openControl(path);
}

export function openControl(path: string): Control {
  const file = openSync(path, "r+");
  const room = Buffer.alloc(bytesOfNumber);
  const at = (name: ControlNumber) => numbers.indexOf(name) * bytesOfNumber;
  return {
    set: (values) => {
      for (const name of numbers) {
        const value = values[name];
        if (value === undefined) continue;
        room.writeBigUInt64LE(BigInt(value));
        writeSync(file, room, 0, bytesOfNumber, at(name));
      }
    },
    get: (name) => {
      readSync(file, room, 0, bytesOfNumber, at(name));
      return Number(room.readBigUInt64LE());
    },
    close: () => closeSync(file),
  };
}
