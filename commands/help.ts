import type { Piece } from "../src/domain/text.ts";
import { nearest } from "../src/domain/nearest.ts";
import type { Answer, Verb } from "./context.ts";

/** The list is handed in, because it contains this verb. */
export function helpFor(verbs: () => readonly Verb[]): Verb {
  return {
    name: "help",
    usage: "help [VERB]",
    summary: "What can be said here.",
    who: "everybody",
    orders: "nothing",
    async run(_ctx, [word]): Promise<Answer> {
      const one = verbs().find((verb) => verb.name === word?.toLowerCase());
      if (one) {
        return [
          { code: `/medic ${one.usage}` },
          `\n${one.summary}\n`,
          { bold: "Who may: " },
          `${one.who}.\n`,
          { bold: "Orders: " },
          `${one.orders}.`,
        ];
      }
      const near =
        word === undefined
          ? undefined
          : nearest(
              word,
              verbs().map((verb) => verb.name),
            );
      const unknown: Piece[] =
        word === undefined ? [] : [`There is no verb ${word}`, near ? `; did you mean ${near}?\n` : ".\n"];
      const lines = verbs().flatMap((verb): Piece[] => ["\n", { code: `/medic ${verb.usage}` }, `  ${verb.summary}`]);
      return [...unknown, { bold: "What can be said" }, ...lines, "\nEvery button on a card is also a verb here."];
    },
  };
}
