import type { CardModel } from "../src/domain/cardModel.ts";
import { utc } from "../src/domain/text.ts";
import type { Verb } from "./context.ts";
import { capitalized } from "./outcome.ts";
import { serviceNamed } from "./serviceArgument.ts";

const entriesMax = 30;

export const incident: Verb = {
  name: "incident",
  usage: "incident SERVICE",
  summary: "The timeline of its incident: what came in, who decided what, what was done.",
  who: "everybody",
  orders: "nothing",
  async run(ctx, [word]) {
    const service = await serviceNamed(ctx, incident, word);
    const [current, filed] = await Promise.all([ctx.cases.load(service), ctx.entries(service, entriesMax)]);
    const all = new Map([...filed, ...(current?.entries ?? [])].map((entry) => [entry.n, entry]));
    const id =
      current?.incident?.id ?? [...all.values()].sort((a, b) => b.n - a.n).find((entry) => entry.incident)?.incident;
    const entries = [...all.values()]
      .filter((entry) => id === undefined || entry.incident === id)
      .sort((a, b) => a.n - b.n);
    if (entries.length === 0) return [{ bold: service }, ": no incident is known."];
    const card: CardModel = {
      key: `incident/${id ?? service}`,
      version: 1,
      tone: current?.incident ? "bad" : "quiet",
      title: `${service}: ${id ?? "timeline"}`,
      summary: [current?.incident ? `It is ${current.phase.kind}.` : "It is over."],
      facts: [],
      notes: [["Times are UTC. Oldest first."]],
      buttons: [],
      menu: [],
      table: {
        head: ["When", "What"],
        rows: entries.slice(-entriesMax).map((entry) => [utc(entry.at, true), capitalized(entry.reason)]),
      },
    };
    return card;
  },
};
