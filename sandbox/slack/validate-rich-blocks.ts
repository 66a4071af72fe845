import type { Findings } from "./block-findings.ts";
import { blockLimits as limits } from "./block-limits.ts";
import { contentLength } from "./content-length.ts";
import { isJson, listOf, objectOf, objectsOf, textOf } from "./json.ts";
import type { Json } from "./model.ts";

/** Checks of the blocks that carry structure of their own: rich text, tables, charts, task cards. */

const richParts = new Set(["rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"]);
const taskStatuses = new Set(["pending", "in_progress", "complete", "error"]);

export function checkRichText(findings: Findings, block: Json, at: string): void {
  if (!Array.isArray(block["elements"])) return findings.add(at, "missing required field: elements");
  listOf(block["elements"]).forEach((part, index) => {
    const type = isJson(part) ? textOf(part["type"]) : undefined;
    if (type === undefined || !richParts.has(type)) {
      findings.add(`${at}/elements/${index}/type`, `unsupported type: ${type ?? "none"}`);
    }
  });
}

export function checkTable(findings: Findings, block: Json, at: string): void {
  const rows = listOf(block["rows"]);
  findings.least(`${at}/rows`, rows.length, 1);
  findings.most(`${at}/rows`, rows.length, limits.tableRows);
  rows.forEach((row, index) => {
    if (!Array.isArray(row)) return findings.add(`${at}/rows/${index}`, "must be an array");
    findings.most(`${at}/rows/${index}`, row.length, limits.tableCells);
    listOf(row).forEach((cell, column) => checkCell(findings, cell, `${at}/rows/${index}/${column}`));
  });
  if (contentLength(rows) > limits.tableTextTotal) {
    findings.add(`${at}/rows`, `table text must be less than ${limits.tableTextTotal + 1} characters`);
  }
  findings.most(`${at}/column_settings`, listOf(block["column_settings"]).length, limits.tableCells);
}

function checkCell(findings: Findings, cell: unknown, at: string): void {
  const type = isJson(cell) ? textOf(cell["type"]) : undefined;
  if (!isJson(cell) || type === undefined || !["raw_text", "raw_number", "rich_text"].includes(type)) {
    return findings.add(`${at}/type`, `unsupported type: ${type ?? "none"}`);
  }
  if (type === "rich_text") checkRichText(findings, cell, at);
  if (type === "raw_text") findings.required(`${at}/text`, cell["text"], limits.tableTextTotal);
  if (type === "raw_number" && typeof cell["value"] !== "number") findings.add(`${at}/value`, "must be a number");
}

export function checkDataTable(findings: Findings, block: Json, at: string): void {
  findings.required(`${at}/caption`, block["caption"], limits.sectionText);
  const rows = listOf(block["rows"]);
  findings.least(`${at}/rows`, rows.length, 2);
  findings.most(`${at}/rows`, rows.length, limits.dataTableRows);
  rows.forEach((row, index) => {
    findings.most(`${at}/rows/${index}`, listOf(row).length, limits.dataTableColumns);
    listOf(row).forEach((cell, column) => {
      checkCell(findings, cell, `${at}/rows/${index}/${column}`);
      if (index === 0 && isJson(cell) && cell["type"] === "rich_text") {
        findings.add(`${at}/rows/0/${column}`, "rich_text is not allowed in the header row");
      }
    });
  });
}

export function checkTaskCard(findings: Findings, task: Json, at: string): void {
  findings.required(`${at}/task_id`, task["task_id"], limits.idLength);
  findings.required(`${at}/title`, task["title"], limits.sectionText);
  const status = textOf(task["status"]);
  if (status === undefined || !taskStatuses.has(status)) {
    findings.add(`${at}/status`, `must be one of: ${[...taskStatuses].join(", ")}`);
  }
  for (const part of ["details", "output"]) {
    if (task[part] === undefined) continue;
    const rich = objectOf(task[part]);
    if (rich === undefined || rich["type"] !== "rich_text") findings.add(`${at}/${part}`, "must be a rich_text block");
    else checkRichText(findings, rich, `${at}/${part}`);
  }
}

export function checkChart(findings: Findings, block: Json, at: string): void {
  findings.longest(`${at}/title`, block["title"], limits.chartTitle);
  const chart = objectOf(block["chart"]);
  if (chart === undefined) return findings.add(at, "missing required field: chart");
  const type = textOf(chart["type"]) ?? "none";
  if (type === "pie") return checkPie(findings, chart, at);
  if (!["line", "bar", "area"].includes(type)) return findings.add(`${at}/chart/type`, `unsupported type: ${type}`);
  const axis = objectOf(chart["axis_config"]) ?? {};
  const categories = listOf(axis["categories"]);
  findings.least(`${at}/chart/axis_config/categories`, categories.length, 1);
  findings.most(`${at}/chart/axis_config/categories`, categories.length, limits.chartCategories);
  categories.forEach((category, index) =>
    findings.required(`${at}/chart/axis_config/categories/${index}`, category, limits.chartLabel),
  );
  const series = objectsOf(chart["series"]);
  findings.least(`${at}/chart/series`, series.length, 1);
  findings.most(`${at}/chart/series`, series.length, limits.chartSeries);
  series.forEach((each, index) => {
    const pointer = `${at}/chart/series/${index}`;
    findings.required(`${pointer}/name`, each["name"], limits.chartLabel);
    checkPoints(findings, objectsOf(each["data"]), { pointer: `${pointer}/data`, categories });
  });
}

function checkPoints(
  findings: Findings,
  points: readonly Json[],
  axis: { readonly pointer: string; readonly categories: readonly unknown[] },
): void {
  if (points.length !== axis.categories.length) {
    return findings.add(axis.pointer, `must have one value for each of the ${axis.categories.length} categories`);
  }
  points.forEach((point, index) => {
    if (typeof point["value"] !== "number") findings.add(`${axis.pointer}/${index}/value`, "must be a number");
    if (!axis.categories.includes(point["label"])) {
      findings.add(`${axis.pointer}/${index}/label`, "must be one of the categories");
    }
  });
}

function checkPie(findings: Findings, chart: Json, at: string): void {
  const segments = objectsOf(chart["segments"]);
  findings.least(`${at}/chart/segments`, segments.length, 1);
  findings.most(`${at}/chart/segments`, segments.length, limits.chartSeries);
}
