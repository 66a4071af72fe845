import { minutes, seconds, type Scenario } from "./scenario.ts";

export const restartFailsNextRung: Scenario = {
  name: "restart-fails-next-rung",
  about:
    "shop-web's disk is full: the restart does not help, the next rung does not either; a person is needed, with the reason",
  acts: [
    {
      mail: true,
      play: async (stage) => {
        stage.break("disk-full", "shop-web");
        await stage.until("shop-web has a card", () => stage.card("shop-web") !== undefined, minutes(6));
        await stage.wait(seconds(30));
        await stage.press("mira", "shop-web", "Approve now");
        await stage.until(
          "the next rung is proposed",
          () => stage.phaseOf("shop-web") === "proposing" && (stage.caseOf("shop-web")?.proposalCount ?? 0) > 1,
          minutes(45),
        );
        await stage.wait(minutes(1));
        const first = stage.counts("shop-web");
        stage.expect("the restart rebooted once, stopped once, started once", tuple(first) === "1 1 1");
        await stage.press("noor", "shop-web", "Approve now");
        await stage.until("a person is needed", () => stage.phaseOf("shop-web") === "needs-person", minutes(45));
        await stage.wait(minutes(1));
        stage.expect("one more stop and start, no more reboot", tuple(stage.counts("shop-web")) === "1 2 2");
        stage.expect("the card says that a person is needed", /person/i.test(stage.card("shop-web")?.text ?? ""));
        await stage.wait(minutes(70));
        stage.expect("nothing loops after the last rung", tuple(stage.counts("shop-web")) === "1 2 2");
      },
    },
  ],
};

function tuple(counts: { readonly reboots: number; readonly stops: number; readonly starts: number }): string {
  return `${counts.reboots} ${counts.stops} ${counts.starts}`;
}
