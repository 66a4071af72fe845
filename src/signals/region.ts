/**
 * Finds the region of a message. CloudWatch writes a display name into `Region`, in three styles and with names that changed
 * over the years: "EU (London)", "EU - Ireland", "US-East-2". The ARN is always better; the table is the last resort.
 */
import { arnOf } from "./arn.ts";

const REGION_CODE = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/;

/** code · areas it was or is called by · places. Every area goes with every place; a place alone counts when it is unique. */
const DISPLAY_NAMES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["us-east-1", ["US East", "US", "US Standard"], ["N. Virginia", "Northern Virginia", "Virginia"]],
  ["us-east-2", ["US East", "US"], ["Ohio"]],
  ["us-west-1", ["US West", "US"], ["N. California", "Northern California", "California"]],
  ["us-west-2", ["US West", "US"], ["Oregon"]],
  ["af-south-1", ["Africa"], ["Cape Town"]],
  ["ap-east-1", ["Asia Pacific"], ["Hong Kong", "Hong Kong SAR"]],
  ["ap-east-2", ["Asia Pacific"], ["Taipei"]],
  ["ap-northeast-1", ["Asia Pacific"], ["Tokyo"]],
  ["ap-northeast-2", ["Asia Pacific"], ["Seoul"]],
  ["ap-northeast-3", ["Asia Pacific"], ["Osaka", "Osaka-Local"]],
  ["ap-south-1", ["Asia Pacific"], ["Mumbai"]],
  ["ap-south-2", ["Asia Pacific"], ["Hyderabad"]],
  ["ap-southeast-1", ["Asia Pacific"], ["Singapore"]],
  ["ap-southeast-2", ["Asia Pacific"], ["Sydney"]],
  ["ap-southeast-3", ["Asia Pacific"], ["Jakarta"]],
  ["ap-southeast-4", ["Asia Pacific"], ["Melbourne"]],
  ["ap-southeast-5", ["Asia Pacific"], ["Malaysia", "Kuala Lumpur"]],
  ["ap-southeast-6", ["Asia Pacific"], ["New Zealand", "Auckland"]],
  ["ap-southeast-7", ["Asia Pacific"], ["Thailand", "Bangkok"]],
  ["ca-central-1", ["Canada"], ["Central", "Montreal"]],
  ["ca-west-1", ["Canada West", "Canada"], ["Calgary"]],
  ["cn-north-1", ["China", "Mainland China", "China North"], ["Beijing"]],
  ["cn-northwest-1", ["China", "Mainland China", "China Northwest"], ["Ningxia"]],
  ["eu-central-1", ["Europe", "EU"], ["Frankfurt"]],
  ["eu-central-2", ["Europe", "EU"], ["Zurich"]],
  ["eu-north-1", ["Europe", "EU"], ["Stockholm"]],
  ["eu-south-1", ["Europe", "EU"], ["Milan"]],
  ["eu-south-2", ["Europe", "EU"], ["Spain"]],
  ["eu-west-1", ["Europe", "EU"], ["Ireland"]],
  ["eu-west-2", ["Europe", "EU"], ["London"]],
  ["eu-west-3", ["Europe", "EU"], ["Paris"]],
  ["eusc-de-east-1", ["AWS European Sovereign Cloud", "European Sovereign Cloud"], ["Germany"]],
  ["il-central-1", ["Israel"], ["Tel Aviv"]],
  ["me-central-1", ["Middle East"], ["UAE"]],
  ["me-south-1", ["Middle East"], ["Bahrain"]],
  ["me-west-1", ["Middle East"], ["Saudi Arabia"]],
  ["mx-central-1", ["Mexico"], ["Central"]],
  ["sa-east-1", ["South America"], ["Sao Paulo"]],
  ["sa-west-1", ["South America"], ["Chile"]],
  ["us-gov-east-1", ["AWS GovCloud", "GovCloud", "US GovCloud"], ["US-East", "East"]],
  ["us-gov-west-1", ["AWS GovCloud", "GovCloud", "US GovCloud"], ["US-West", "West", "US"]],
  ["us-iso-east-1", ["US ISO"], ["East"]],
  ["us-iso-west-1", ["US ISO"], ["West"]],
  ["us-isob-east-1", ["US ISOB"], ["East", "East (Ohio)"]],
  ["us-isob-west-1", ["US ISOB"], ["West"]],
  ["us-isof-east-1", ["US ISOF"], ["East"]],
  ["us-isof-south-1", ["US ISOF"], ["South"]],
  ["eu-isoe-west-1", ["EU ISOE"], ["West"]],
];

const byDisplayName = new Map<string, string>();
const codesOfPlace = new Map<string, Set<string>>();
for (const [code, areas, places] of DISPLAY_NAMES) {
  for (const place of places) {
    const codes = codesOfPlace.get(letters(place)) ?? new Set<string>();
    codesOfPlace.set(letters(place), codes.add(code));
    for (const area of areas) byDisplayName.set(letters(`${area} ${place}`), code);
  }
}

export function isRegionCode(text: string | null): text is string {
  return text !== null && text.length <= 32 && REGION_CODE.test(text);
}

export function regionOfArn(arn: string | null): string | null {
  const region = arnOf(arn)?.region ?? null;
  return isRegionCode(region) ? region : null;
}

/** The region behind `Message.Region`: a code in any case and spacing, else a display name; null when nobody can know. */
export function regionOfDisplayName(name: string | null): string | null {
  if (name === null || name.length > 100) return null;
  const code = name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");
  if (isRegionCode(code)) return code;
  const key = letters(name);
  const codes = codesOfPlace.get(key);
  return byDisplayName.get(key) ?? (codes?.size === 1 ? ([...codes][0] ?? null) : null);
}

/** Only letters and digits, lower case, without accents: what the three styles have in common. */
function letters(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}
