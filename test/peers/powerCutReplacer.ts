/**
 * A process of its own that lays a data folder down, synced, and then does one thing with it that a person does. Run under the fault layer:
 * `node --import tsx powerCutReplacer.ts restore|accept-loss|backup|export FROM DIR FILE MARKS`.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { wallClock } from "../../src/ports/clock.ts";
import { acceptLoss, openForReading, restoreBackup } from "../../src/store/sqlite/offline.ts";
import { writeExport } from "../../src/store/transfer/exportFile.ts";

const [, , what, from, dir, file, marksPath] = process.argv;
if (!what || !from || !dir || !file || !marksPath)
  throw new Error("what, from where, where, which file, and the marks?");

const marks = openSync(marksPath, "a");
const synced = (path: string) => {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
};

mkdirSync(dir, { mode: 0o700 });
// By reading and writing: the kernel's own copying would pass the layer by.
for (const name of readdirSync(from)) {
  writeFileSync(join(dir, name), readFileSync(join(from, name)), { mode: 0o600 });
  synced(join(dir, name));
}
synced(dir);
synced(dirname(dir));
writeSync(marks, "begun\n");
const options = { clock: wallClock };
if (what === "restore") await restoreBackup(dir, file, options);
else if (what === "accept-loss") await acceptLoss(dir, options);
else {
  const reading = await openForReading(dir);
  if (what === "backup") await reading.backup(file);
  else await writeExport(file, { items: reading.exportAll(), from: "", at: 1 });
}
writeSync(marks, "done\n");
