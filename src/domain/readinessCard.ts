/** Readiness as people read it: on a phone, the worst first, each with what mends it. */
import type { CardModel } from "./cardModel.ts";
import { recoveryName } from "./recoveryWords.ts";
import { lights, worstLight, type Light, type ReadinessLine, type ServiceReadiness } from "./readiness.ts";
import type { Piece, Text } from "./text.ts";
import { recoveries, type ServiceName } from "./words.ts";

const marks: Readonly<Record<Light, string>> = { red: "🔴", amber: "🟡", green: "🟢" };
/** Lines that a person reads; the rest is counted. */
const linesMax = 12;

const byLight = (a: { light: Light }, b: { light: Light }): number => lights.indexOf(a.light) - lights.indexOf(b.light);

export function aboutWords(about: string): string {
  const recovery = recoveries.find((each) => each === about);
  return recovery ? recoveryName(recovery) : about;
}

function lineText({ about, light, reason, remedy }: ReadinessLine): Text {
  return [`${marks[light]} `, { bold: aboutWords(about) }, `: ${reason}`, ...(remedy ? [`. ${remedy}`] : [])];
}

const newsHead: Readonly<Record<Light, (named: string) => Pick<CardModel, "tone" | "title">>> = {
  red: (named) => ({ tone: "person", title: `${named}: not everything could be brought back now` }),
  amber: (named) => ({ tone: "quiet", title: `${named}: ready, with doubts` }),
  green: (named) => ({ tone: "good", title: `${named}: ready again` }),
};

/** What changed since it was last looked at, for one channel; told once. */
export function readinessNews(
  key: string,
  news: readonly { readonly service: ServiceName; readonly lines: readonly ReadinessLine[] }[],
): CardModel {
  const light = worstLight(news.flatMap((each) => each.lines));
  const services = [...new Set(news.map((each) => each.service))];
  const named = services.length === 1 ? services[0] : `${services.length} services`;
  return {
    key,
    version: 1,
    ...newsHead[light](String(named)),
    summary: [
      "Nothing is down. This is what a recovery would meet now; ",
      { code: "/medic ready" },
      " shows all of it.",
    ],
    facts: news.slice(0, linesMax).map(({ service, lines }) => ({
      label: service,
      value: [...lines]
        .sort(byLight)
        .slice(0, linesMax)
        .flatMap((line, i): Piece[] => [...(i > 0 ? ["\n"] : []), ...lineText(line)]),
    })),
    notes: [],
    buttons: [],
    menu: [],
  };
}

/** One service: every line. Several: a line each, the worst first. */
export function readinessCard(reports: readonly ServiceReadiness[], now: number): CardModel {
  const [only] = reports;
  const base = { key: "readiness", version: 1, buttons: [], menu: [] };
  if (only === undefined)
    return {
      ...base,
      tone: "quiet",
      title: "Readiness is not known yet",
      summary: ["Nothing was looked at so far; it is looked at soon after the start and every half hour."],
      facts: [],
      notes: [],
    };
  if (reports.length === 1) return oneService(base, only, now);
  const sorted = [...reports].sort((a, b) => byLight(a, b) || (a.service < b.service ? -1 : 1));
  const count = (light: Light) => reports.filter((report) => report.light === light).length;
  const shown = sorted.slice(0, linesMax);
  return {
    ...base,
    tone: count("red") > 0 ? "person" : "quiet",
    title: `Readiness: ${count("red")} red, ${count("amber")} amber, ${count("green")} green`,
    summary: shown.flatMap((report, i): Piece[] => [
      ...(i > 0 ? ["\n"] : []),
      `${marks[report.light]} `,
      { bold: report.service },
      worstOf(report),
    ]),
    facts: [],
    notes: [
      ...(sorted.length > shown.length ? [[`and ${sorted.length - shown.length} more`]] : []),
      [{ code: "/medic ready SERVICE" }, " shows one with what mends it"],
    ],
  };
}

function worstOf({ lines, light }: ServiceReadiness): string {
  if (light === "green") return "";
  const bad = [...lines].filter((each) => each.light !== "green").sort(byLight);
  const [first] = bad;
  if (first === undefined) return "";
  return `: ${aboutWords(first.about)}: ${first.reason}${bad.length > 1 ? ` (and ${bad.length - 1} more)` : ""}`;
}

function oneService(
  base: Pick<CardModel, "key" | "version" | "buttons" | "menu">,
  { service, light, lines, readAt }: ServiceReadiness,
  now: number,
): CardModel {
  const sorted = [...lines].sort(byLight);
  const words: Readonly<Record<Light, string>> = {
    red: "something could not run now",
    amber: "ready, with doubts",
    green: "ready",
  };
  return {
    ...base,
    key: `readiness/${service}`,
    tone: light === "red" ? "person" : light === "amber" ? "quiet" : "good",
    title: `${service}: ${words[light]}`,
    summary: sorted.slice(0, linesMax).flatMap((each, i): Piece[] => [...(i > 0 ? ["\n"] : []), ...lineText(each)]),
    facts: [],
    notes: [["Read ", { time: readAt, style: now - readAt > 12 * 3_600_000 ? "date-time" : "time" }]],
  };
}
