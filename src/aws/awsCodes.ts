/**
 * Which of our errors each code of AWS is. The names come from the services' own lists (EC2 error codes, the models of the other
 * services, common errors of query services); data only, so that it can be read beside those lists.
 */

export type Kind =
  | "throttled"
  | "busy"
  | "changed-meanwhile"
  | "no-capacity"
  | "not-permitted"
  | "no-credentials"
  | "quota-reached"
  | "wrong-state"
  | "exists-already"
  | "not-found"
  | "invalid-request"
  | "unreachable";

const codes: Readonly<Record<Kind, readonly string[]>> = {
  throttled: [
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "Throttled",
    "ThrottledException",
    "EC2ThrottledException",
    "TooManyRequestsException",
    "RequestThrottled",
    "RequestThrottledException",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "SnapshotCreationPerVolumeRateExceeded",
  ],
  // Somebody's work on the same thing is under way, and it ends by itself.
  busy: [
    "ScalingActivityInProgress",
    "ScalingActivityInProgressFault",
    "ResourceContention",
    "ResourceContentionFault",
    "ConcurrentTagAccess",
    // Twenty copies of snapshots at once to one region.
    "ResourceLimitExceeded",
    "ConcurrentSnapshotLimitExceeded",
    "PendingSnapshotLimitExceeded",
  ],
  "changed-meanwhile": ["HealthCheckVersionMismatch"],
  "no-capacity": [
    "InsufficientInstanceCapacity",
    "InsufficientCapacity",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "InsufficientVolumeCapacity",
    // No room in that subnet: another candidate has its own.
    "InsufficientFreeAddressesInSubnet",
  ],
  "not-permitted": [
    "UnauthorizedOperation",
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "OptInRequired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "InvalidSignature",
    "RegionDisabledException",
  ],
  // The token of a role is renewed by itself, and the instance's metadata may be slow: both are worth asking again.
  "no-credentials": [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "CredentialsProviderError",
    "TokenProviderError",
  ],
  "quota-reached": [
    "VcpuLimitExceeded",
    "InstanceLimitExceeded",
    "MaxSpotInstanceCountExceeded",
    "SnapshotLimitExceeded",
    "VolumeLimitExceeded",
    "AttachmentLimitExceeded",
    "AddressLimitExceeded",
    "TagLimitExceeded",
    "TooManyTargets",
    "TooManyTargetsException",
    "TooManyRegistrationsForTargetId",
    "TooManyRegistrationsForTargetIdException",
    "LimitExceeded",
    "LimitExceededFault",
    "ServiceLimitExceededException",
  ],
  "wrong-state": [
    "IncorrectInstanceState",
    "IncorrectState",
    "IncorrectSpotRequestState",
    "OperationNotPermitted",
    "Unsupported",
    "UnsupportedOperation",
    "UnsupportedHostConfiguration",
    "Resource.AlreadyAssociated",
    "InvalidIPAddress.InUse",
    "VolumeInUse",
    "InvalidVolume.ZoneMismatch",
    "InvalidSnapshot.InUse",
    "IdempotentInstanceTerminated",
    // AssociateAddress to an instance that is pending still, or that has several interfaces.
    "InvalidInstanceID",
    "InvalidTarget",
    "InvalidTargetException",
    "InstanceRefreshInProgress",
    "InstanceRefreshInProgressFault",
    "ResourceInUse",
    "ResourceInUseFault",
    // SSM's word for an instance that does not run, or that has no agent that answers.
    "InvalidInstanceId",
    "UnsupportedPlatformType",
    // ARC: a safety rule forbids it.
    "ConflictException",
  ],
  "exists-already": ["InvalidAMIName.Duplicate"],
  "not-found": [
    "ResourceNotFound",
    "ResourceNotFoundException",
    "NotFound",
    "NotFoundException",
    "ParameterNotFound",
    "TargetGroupNotFound",
    "TargetGroupNotFoundException",
    "LoadBalancerNotFound",
    "LoadBalancerNotFoundException",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchHostedZone",
    "NoSuchChange",
    "NoSuchHealthCheck",
    "InvocationDoesNotExist",
    "ActiveInstanceRefreshNotFound",
    "ActiveInstanceRefreshNotFoundFault",
    "InvalidAMIID.Unavailable",
  ],
  "invalid-request": [
    "IdempotentParameterMismatch",
    "InvalidChangeBatch",
    "InvalidInput",
    "ValidationException",
    "InvalidDocument",
    "InvalidDocumentVersion",
    "InvalidParameters",
    "MalformedPolicyDocument",
    "MalformedPolicyDocumentException",
    "PackedPolicyTooLarge",
    "PackedPolicyTooLargeException",
  ],
  unreachable: [
    "TimeoutError",
    "AbortError",
    "RequestTimeout",
    "RequestTimeoutException",
    "NetworkingError",
    "ECONNREFUSED",
    "ECONNRESET",
    "ECONNABORTED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EPIPE",
    "ETIMEDOUT",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "ServerInternal",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
    "EndpointTemporarilyUnavailableException",
  ],
};

const kinds = new Map(Object.entries(codes).flatMap(([kind, names]) => names.map((name) => [name, kind as Kind])));

/** Auto Scaling has one code for everything that it refuses: only its sentence tells what it means. */
const sentences: readonly (readonly [RegExp, Kind])[] = [
  [/No active Lifecycle Action found|not found|does not exist/i, "not-found"],
  [
    /above max value|below min value|must be between|not in (an? )?\S+ state|is (not in|already in)|can ?not be/i,
    "wrong-state",
  ],
];

/** undefined: no list knows it. */
export function kindOf(code: string, sentence: string): Kind | undefined {
  if (code === "ValidationError") return sentences.find(([pattern]) => pattern.test(sentence))?.[1];
  return kinds.get(code) ?? (/\.(NotFound|Malformed)$/.test(code) ? "not-found" : undefined);
}
