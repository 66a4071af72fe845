/**
 * The routing port over the clusters of ARC (SDK v3): a data plane in five regions, made to answer while one or two of them are
 * lost. So every endpoint is asked until one answers, each for its share of the time; which one answered last is asked first.
 */
import {
  GetRoutingControlStateCommand,
  UpdateRoutingControlStatesCommand,
  type Route53RecoveryClusterClient,
} from "@aws-sdk/client-route53-recovery-cluster";
import { MedicError, Unreachable } from "../domain/errors.ts";
import type { Endpoints, Routing } from "../ports/dns.ts";
import { asked } from "./translate.ts";

export type Cluster = Pick<Route53RecoveryClusterClient, "send">;
type Endpoint = Endpoints[number];
/** `among`: how many endpoints share the time of one call. */
export type ClusterAt = (endpoint: Endpoint, among: number) => Cluster;

export function arcRouting(clusterAt: ClusterAt): Routing {
  let answeredLast: string | undefined;
  const first = async <T>(what: string, endpoints: Endpoints, call: (cluster: Cluster) => Promise<T>): Promise<T> => {
    const inOrder = [...endpoints].sort((a, b) => Number(b.url === answeredLast) - Number(a.url === answeredLast));
    let silent: unknown;
    for (const endpoint of inOrder) {
      try {
        const answer = await asked(`${what} at ${endpoint.region}`, () => call(clusterAt(endpoint, inOrder.length)));
        answeredLast = endpoint.url;
        return answer;
      } catch (error) {
        // A "no" is the cluster's, wherever it was said; only silence and overload are one endpoint's own.
        if (!(error instanceof MedicError) || error.retry === "never") throw error;
        silent = error;
      }
    }
    throw new Unreachable(`${what}: none of ${inOrder.length} endpoints of the cluster`, silent);
  };
  return {
    state: async (endpoints, controlArn) => {
      const what = `GetRoutingControlState ${controlArn}`;
      const input = { RoutingControlArn: controlArn };
      const answer = await first(what, endpoints, (cluster) => cluster.send(new GetRoutingControlStateCommand(input)));
      return answer.RoutingControlState === "On" ? "On" : "Off";
    },
    set: async (endpoints, states) => {
      const what = `UpdateRoutingControlStates ${states.map(({ controlArn }) => controlArn).join(", ")}`;
      // Safety rules are never overridden: who wants that does it by hand.
      const input = {
        UpdateRoutingControlStateEntries: states.map(({ controlArn, state }) => ({
          RoutingControlArn: controlArn,
          RoutingControlState: state,
        })),
      };
      await first(what, endpoints, (cluster) => cluster.send(new UpdateRoutingControlStatesCommand(input)));
    },
  };
}
