import type { ReactNode } from "react";
import { isJson, listOf, objectsOf, textOf, type Json } from "./block-json.ts";
import { RichText } from "./rich-text.tsx";

/** The table and data_table blocks. The first row is the header. */
export function Table({ block }: { readonly block: Json }): ReactNode {
  const [head, ...rows] = listOf(block["rows"]).map(listOf);
  const columns = objectsOf(block["column_settings"]);
  const look = (column: number): { className: string } => {
    const align = textOf(columns[column]?.["align"]) ?? "left";
    return { className: `align-${align}${columns[column]?.["is_wrapped"] === true ? " wrapped" : ""}` };
  };
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={textOf(block["caption"]) ?? "table"}>
      <table>
        {textOf(block["caption"]) !== undefined && <caption>{textOf(block["caption"])}</caption>}
        <thead>
          <tr>
            {(head ?? []).map((cell, column) => (
              <th key={column} scope="col" {...look(column)}>
                <Cell cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} {...look(column)}>
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ cell }: { readonly cell: unknown }): ReactNode {
  if (!isJson(cell)) return null;
  if (cell["type"] === "rich_text") return <RichText block={cell} />;
  const text = textOf(cell["text"]);
  return text ?? (typeof cell["value"] === "number" ? String(cell["value"]) : "");
}
