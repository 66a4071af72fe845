// `npm run sandbox`: builds what is needed and runs it in this process, so that signals reach it. A scenario needs no page.
const headless = process.argv.includes("--headless") || process.argv.includes("--list");
if (headless) process.argv.push("--bot-only");
await import("./build.js");
process.argv = [
  ...process.argv.slice(0, 2),
  "sandbox",
  ...process.argv.slice(2).filter((word) => word !== "--bot-only"),
];
await import("../bin/ec2-medic.js");
