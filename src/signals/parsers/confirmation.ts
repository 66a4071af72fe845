/**
 * SNS asks whether the subscription is wanted, or says that it was ended.
 *
 *   {"Type":"SubscriptionConfirmation","MessageId":"165545c9-…","Token":"2336412f37…","TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic",
 *    "Message":"You have chosen to subscribe …","SubscribeURL":"https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&…","Timestamp":"…"}
 *
 * Trap: an UnsubscribeConfirmation carries a SubscribeURL too, which subscribes again. No URL of a message is ever fetched.
 */
import { commonOf } from "../common.ts";
import type { Confirmation } from "../parsed.ts";
import type { Carried } from "../unwrap.ts";

export function parseConfirmation(
  type: "subscription" | "unsubscribe",
  token: string | null,
  carried: Carried,
): Confirmation {
  return { cls: `${type}_confirmation`, token, ...commonOf({ carried }) };
}
