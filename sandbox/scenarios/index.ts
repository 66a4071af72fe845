import { asgAddress } from "./asg-address.ts";
import { asgEbsHooks } from "./asg-ebs-hooks.ts";
import { drill } from "./drill.ts";
import { failBack } from "./fail-back.ts";
import { failoverDns } from "./failover-dns.ts";
import { failoverStandby } from "./failover-standby.ts";
import { noCapacity } from "./no-capacity.ts";
import { noSnapshot } from "./no-snapshot.ts";
import { originalReturns } from "./original-returns.ts";
import { replaceUnhealthy } from "./replace-unhealthy.ts";
import { reprovisionDr } from "./reprovision-dr.ts";
import { reprovisionHere } from "./reprovision-here.ts";
import { scaleOut } from "./scale-out.ts";
import { terminatedEvent } from "./terminated-event.ts";
import { threeFailures } from "./three-failures.ts";
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
  failoverStandby,
  failoverDns,
  failBack,
  scaleOut,
  replaceUnhealthy,
  asgAddress,
  asgEbsHooks,
  reprovisionHere,
  reprovisionDr,
  threeFailures,
  originalReturns,
  noSnapshot,
  noCapacity,
  terminatedEvent,
  drill,
];
