/** Links into the AWS console, made from names alone: no call, no wait. */

/** China and GovCloud have consoles of their own. */
function consoleHost(region: string): string {
  if (region.startsWith("cn-")) return `${region}.console.amazonaws.cn`;
  if (region.startsWith("us-gov-")) return `${region}.console.amazonaws-us-gov.com`;
  return `${region}.console.aws.amazon.com`;
}

export function instanceLink(region: string, instanceId: string): string {
  return `https://${consoleHost(region)}/ec2/home?region=${region}#InstanceDetails:instanceId=${instanceId}`;
}

export function groupLink(region: string, asgName: string): string {
  return `https://${consoleHost(region)}/ec2/home?region=${region}#AutoScalingGroupDetails:id=${encodeURIComponent(asgName)}`;
}

export function alarmLink(region: string, alarmName: string): string {
  return `https://${consoleHost(region)}/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(alarmName)}`;
}
