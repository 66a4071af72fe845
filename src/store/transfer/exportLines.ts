/**
 * A store as a file of JSON lines, the way from one store to another: a head (format, counts, time), one line an item, and an end
 * with how many there were and the digest over all of them, so that a file that was cut or changed is noticed before anything is
 * written. The head has a fixed length, because the counts are known last.
 *
 *     {"kind":"ec2-medic-export","format":1,"finished":true,"at":1790000000000,"from":"…","cases":1,"records":2,"leases":1,"running":false}
 *     {"kind":"case","service":"shop-web","rev":7,"body":"{…}"}
 *     {"kind":"record","collection":"timeline/shop-web","id":"000001","rev":1,"body":"{…}"}
 *     {"kind":"lease","name":"sender","fence":12}
 *     {"kind":"end","items":4,"sha256":"…"}
 */
import { z } from "zod";
import { MedicError } from "../../domain/errors.ts";
import type { ServiceName } from "../../domain/words.ts";
import { assertStorable } from "../../ports/storableItem.ts";
import type { ExportItem } from "../../ports/store.ts";

export const exportFormat = 1;
/** Bytes of the head with its line end; what it does not need is spaces. */
export const headBytes = 512;
/** A body of 300 KB in which each letter needs six, and its keys. */
export const lineBytesMax = 2 * 1024 * 1024;

const count = z.number().int().min(0);
const head = z.object({
  kind: z.literal("ec2-medic-export"),
  format: z.number().int(),
  finished: z.boolean(),
  at: z.number(),
  from: z.string(),
  cases: count,
  records: count,
  leases: count,
  /** A bot ran on the source: what that bot wrote later is not in the file. */
  running: z.boolean().optional(),
});
const item = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("case"),
    service: z
      .string()
      .min(1)
      .transform((name) => name as ServiceName),
    rev: z.number().int().min(1),
    body: z.string(),
  }),
  z.object({
    kind: z.literal("record"),
    collection: z.string(),
    id: z.string(),
    rev: z.number().int().min(1),
    body: z.string(),
  }),
  z.object({ kind: z.literal("lease"), name: z.string().min(1), fence: count }),
]);
const end = z.object({ kind: z.literal("end"), items: count, sha256: z.string() });

export type ExportHead = z.infer<typeof head>;
export type ExportEnd = z.infer<typeof end>;

/** Throws a RangeError when the description of the source does not fit; nothing else is of variable length. */
export function headLine(values: Omit<ExportHead, "kind" | "format">): Buffer {
  const text = JSON.stringify({ kind: "ec2-medic-export", format: exportFormat, ...values });
  const line = Buffer.alloc(headBytes, " ");
  line[headBytes - 1] = 0x0a;
  if (Buffer.byteLength(text) >= headBytes) throw new RangeError("the head of an export is too long");
  line.write(text);
  return line;
}

/** Names its keys in one order, whatever the store's own is: the same item is the same line. */
export function itemLine(exported: ExportItem): string {
  return `${JSON.stringify(item.parse(exported))}\n`;
}

export const endLine = (values: Omit<ExportEnd, "kind">): string => `${JSON.stringify({ kind: "end", ...values })}\n`;

/** `case "shop-web"`, `record "000001" of "timeline/shop-web"`, `lease "sender"`: unique among all items. */
export function nameOfItem(exported: ExportItem): string {
  // Quoted as in JSON: a quote inside a name must not end it, or two items would have one name.
  if (exported.kind === "case") return `case ${JSON.stringify(exported.service)}`;
  return exported.kind === "record"
    ? `record ${JSON.stringify(exported.id)} of ${JSON.stringify(exported.collection)}`
    : `lease ${JSON.stringify(exported.name)}`;
}

export type ExportLine =
  { readonly kind: "item"; readonly item: ExportItem } | { readonly kind: "end"; readonly end: ExportEnd };

export function readHead(text: string): ExportHead {
  const found = jsonOf(text);
  const parsed = head.safeParse(found);
  if (!parsed.success)
    throw unreadable("its first line is not the head of an export made by `medic store export`", {
      next: "Nothing was written. Name the file that an export made; what `medic store backup` made is put in place with `medic store restore`.",
    });
  if (parsed.data.format > exportFormat)
    throw new MedicError(
      "export-newer",
      `the file has format ${parsed.data.format}, this program knows ${exportFormat}`,
      {
        retry: "never",
        next: "Import it with the version that wrote it, or a newer one.",
      },
    );
  if (!parsed.data.finished) throw unreadable("the export that wrote it did not come to its end");
  return parsed.data;
}

/** `at` is the number of the line, for the message. Throws MedicError `export-unreadable`. */
export function readLine(text: string, at: number): ExportLine {
  const found = jsonOf(text);
  const ended = end.safeParse(found);
  if (ended.success) return { kind: "end", end: ended.data };
  const parsed = item.safeParse(found);
  if (!parsed.success) throw unreadable(`line ${at} is no item of a store`);
  try {
    assertStorable(parsed.data);
  } catch (error) {
    throw unreadable(
      `line ${at}, ${nameOfItem(parsed.data)}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  return { kind: "item", item: parsed.data };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Unreadable {
  readonly next?: string;
  readonly cause?: unknown;
}

export function unreadable(why: string, { next, cause }: Unreadable = {}): MedicError {
  return new MedicError("export-unreadable", `the file cannot be imported: ${why}`, {
    retry: "never",
    next: next ?? "Nothing was written. Make the export again, or copy the file again.",
    cause,
  });
}
