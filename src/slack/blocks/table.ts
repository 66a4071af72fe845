/** Tables of digest and status: Slack's own, or lines of text where it is refused. */
import type { SectionBlock, TableBlock } from "@slack/types";
import type { CardModel } from "../../domain/cardModel.ts";
import type { Piece } from "../../domain/text.ts";
import { blockLimits as limits, cut } from "./limits.ts";
import { section } from "./parts.ts";

type Table = NonNullable<CardModel["table"]>;

/** Rows that fit Slack's table limits; what does not is counted in a last row. */
function fitting({ head, rows }: Table, chars: number): string[][] {
  const wanted = [head, ...rows].slice(0, limits.tableRows - 1);
  const taken: string[][] = [];
  let used = 0;
  for (const row of wanted) {
    const cells = row.slice(0, limits.tableCells).map((cell) => cut(cell === "" ? "-" : cell, 300));
    used += cells.join("").length;
    if (used > chars) break;
    taken.push(cells);
  }
  const left = rows.length + 1 - taken.length;
  if (left > 0) taken.push(head.map((_, column) => (column === 0 ? `and ${left} more` : "-")));
  return taken;
}

export function tableBlock(id: string, table: Table): TableBlock {
  return {
    type: "table",
    block_id: id,
    rows: fitting(table, limits.tableChars / 2).map((row) => row.map((text) => ({ type: "raw_text" as const, text }))),
  };
}

/** One line a row, first cell bold: reads well on a phone, where a monospaced table would break. */
export function tableLines(id: string, table: Table): SectionBlock {
  const [, ...rows] = fitting(table, limits.sectionText / 2);
  const text = rows.flatMap((row, index): Piece[] => {
    const [first = "", ...rest] = row;
    const cells = rest
      .map((cell, column) => `${table.head[column + 1] ?? ""}: ${cell}`)
      .filter((c) => !c.endsWith(": -"));
    return [...(index > 0 ? ["\n"] : []), { bold: first }, cells.length > 0 ? ` · ${cells.join(" · ")}` : ""];
  });
  return section(id, text.length > 0 ? text : ["nothing"]);
}
