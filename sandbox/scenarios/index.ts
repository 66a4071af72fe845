import { clearsByItself } from "./clears-by-itself.ts";
import { held } from "./held.ts";
import { restartApproved } from "./restart-approved.ts";
import { restartFailsNextRung } from "./restart-fails-next-rung.ts";
import { restartNobodyAnswers } from "./restart-nobody-answers.ts";
import type { Scenario } from "./scenario.ts";
import { siteDownNoAlarm } from "./site-down-no-alarm.ts";
import { slackDown } from "./slack-down.ts";
import { strangerClicks } from "./stranger-clicks.ts";

/** The list that `--list` prints. A new scenario is one file and one line here. */
export const scenarios: readonly Scenario[] = [
  restartApproved,
  restartNobodyAnswers,
  held,
  clearsByItself,
  restartFailsNextRung,
  strangerClicks,
  slackDown,
  siteDownNoAlarm,
];
