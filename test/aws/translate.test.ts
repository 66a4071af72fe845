import { describe, expect, it } from "vitest";
import { asked, awsCode, translate } from "../../src/aws/translate.ts";
import type { MedicError } from "../../src/domain/errors.ts";
import {
  NoCapacity,
  NotFound,
  NotPermitted,
  Throttled,
  UnknownFailure,
  Unreachable,
  WrongState,
} from "../../src/domain/errors.ts";
import { awsError } from "./scripted.ts";

const table: readonly (readonly [new (...args: never[]) => MedicError, readonly string[]])[] = [
  [
    Throttled,
    ["RequestLimitExceeded", "Throttling", "ThrottlingException", "Throttled", "EC2ThrottledException", "SlowDown"],
  ],
  [Throttled, ["PriorRequestNotComplete", "SnapshotCreationPerVolumeRateExceeded"]],
  [NoCapacity, ["InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientReservedInstanceCapacity"]],
  [NoCapacity, ["InsufficientFreeAddressesInSubnet", "InsufficientVolumeCapacity"]],
  [NotPermitted, ["UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthFailure", "OptInRequired"]],
  [NotPermitted, ["InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"]],
  [WrongState, ["IncorrectInstanceState", "IncorrectState", "OperationNotPermitted", "Unsupported"]],
  [WrongState, ["Resource.AlreadyAssociated", "VolumeInUse", "InvalidVolume.ZoneMismatch", "InvalidSnapshot.InUse"]],
  [WrongState, ["InstanceRefreshInProgress", "IdempotentInstanceTerminated", "InvalidTarget", "ConflictException"]],
  [
    NotFound,
    ["InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", "InvalidAllocationID.NotFound", "ParameterNotFound"],
  ],
  [NotFound, ["QueueDoesNotExist", "TargetGroupNotFoundException", "ResourceNotFoundException"]],
  [NotFound, ["NoSuchHostedZone", "NoSuchHealthCheck", "NoSuchChange", "InvocationDoesNotExist"]],
  [NotFound, ["InvalidAssociationID.NotFound", "ActiveInstanceRefreshNotFoundFault", "InvalidAMIID.Unavailable"]],
  [Unreachable, ["TimeoutError", "AbortError", "InternalError", "ServiceUnavailable", "Unavailable"]],
  [UnknownFailure, ["InvalidParameterCombination", "ValidationError", "SomethingBrandNew"]],
];

describe("errors of AWS in the program's own words", () => {
  for (const [kind, names] of table) {
    it(`${names.join(", ")} become ${kind.name} and keep their cause`, () => {
      for (const name of names) {
        const error = awsError(name);
        const ours = translate("StopInstances i-1", error);
        expect(ours).toBeInstanceOf(kind);
        expect(ours.cause).toBe(error);
        expect(ours.message).toContain("StopInstances i-1");
      }
    });
  }

  it("no capacity is told as such although EC2 sends it as a server error", () => {
    expect(translate("StartInstances i-1", awsError("InsufficientInstanceCapacity", 500))).toBeInstanceOf(NoCapacity);
  });

  it("a server error with an unknown name is worth asking again, a client error is not", () => {
    expect(translate("x", awsError("Oops", 503))).toBeInstanceOf(Unreachable);
    expect(translate("x", awsError("Oops", 400))).toBeInstanceOf(UnknownFailure);
    expect(translate("x", awsError("Oops", 429))).toBeInstanceOf(Throttled);
  });

  it("a balancer's page instead of an answer counts by its status", () => {
    const error = Object.assign(new SyntaxError("Unexpected token '<'"), { $response: { statusCode: 502 } });
    expect(translate("x", error)).toBeInstanceOf(Unreachable);
    expect(translate("x", new SyntaxError("Unexpected token '<'"))).toBeInstanceOf(UnknownFailure);
  });

  it("broken connections are silence, also when Node tried several addresses at once", () => {
    for (const code of ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH"]) {
      expect(translate("x", Object.assign(new Error("connect"), { code }))).toBeInstanceOf(Unreachable);
      expect(translate("x", Object.assign(new AggregateError([], ""), { code }))).toBeInstanceOf(Unreachable);
    }
  });

  it("missing and expired credentials are asked again, a quota is not, and neither climbs a ladder", () => {
    for (const name of ["CredentialsProviderError", "ExpiredToken", "RequestExpired"])
      expect(translate("x", awsError(name))).toMatchObject({ code: "no-credentials", retry: "later" });
    for (const name of ["VcpuLimitExceeded", "InstanceLimitExceeded"])
      expect(translate("x", awsError(name))).toMatchObject({ code: "quota-reached", retry: "never" });
  });

  it("what has no class of its own has a code that says what to do next", () => {
    const codes = {
      busy: ["ScalingActivityInProgress", "ResourceContention", "ConcurrentTagAccess", "ResourceLimitExceeded"],
      "changed-meanwhile": ["HealthCheckVersionMismatch"],
      "exists-already": ["InvalidAMIName.Duplicate"],
      "invalid-request": ["IdempotentParameterMismatch", "InvalidChangeBatch", "PackedPolicyTooLarge"],
      "quota-reached": ["SnapshotLimitExceeded", "TooManyTargets", "ServiceLimitExceededException"],
    };
    const later = new Set(["busy", "changed-meanwhile"]);
    for (const [code, names] of Object.entries(codes))
      for (const name of names)
        expect(translate("x", awsError(name)), name).toMatchObject({
          code,
          retry: later.has(code) ? "later" : "never",
        });
  });

  it("Auto Scaling's one code for everything is told apart by its sentence", () => {
    const said = (sentence: string) => translate("x", awsError("ValidationError", 400, sentence));
    expect(said("No active Lifecycle Action found with instance ID i-1")).toBeInstanceOf(NotFound);
    expect(said("AutoScalingGroup name not found - shop")).toBeInstanceOf(NotFound);
    expect(said("New SetDesiredCapacity value 9 is above max value 3 for the AutoScalingGroup.")).toBeInstanceOf(
      WrongState,
    );
    expect(said("The instance i-1 is not in InService or Standby.")).toBeInstanceOf(WrongState);
    expect(said("1 validation error detected: something")).toBeInstanceOf(UnknownFailure);
  });

  it("what is ours already passes as it is, and what is no error at all stays unknown", async () => {
    const ours = new NotFound("i-1");
    expect(translate("x", ours)).toBe(ours);
    for (const thrown of ["text", undefined, null, 7]) expect(translate("x", thrown)).toBeInstanceOf(UnknownFailure);
    await expect(asked("x", () => Promise.reject(awsError("Throttling")))).rejects.toBeInstanceOf(Throttled);
    await expect(asked("x", () => Promise.resolve(3))).resolves.toBe(3);
  });

  it("the service's own code is trusted before the class name of the SDK", () => {
    expect(awsCode(Object.assign(new Error(""), { name: "EC2ServiceException", Code: "IncorrectState" }))).toBe(
      "IncorrectState",
    );
    expect(awsCode(new Error("plain"))).toBe("");
  });
});
