/** The rules that a machine keeps, each a judgement of one node of a syntax tree. */
import ts from "typescript";
import type { Judge } from "./sources.ts";

const isProperty = (node: ts.Node, of: string, name: string): boolean =>
  ts.isPropertyAccessExpression(node) && node.expression.getText() === of && node.name.text === name;

export interface Ban {
  readonly name: string;
  readonly instead: string;
  /** Files that may, because they are the one place. */
  readonly allowed: readonly RegExp[];
  readonly judge: Judge;
}

const says = (holds: boolean, what: string): string | undefined => (holds ? what : undefined);

export const bans: readonly Ban[] = [
  {
    name: "the wall clock",
    instead: "take `now`, or the clock port",
    allowed: [/^src\/ports\/clock\.ts$/],
    judge: (node) =>
      says(isProperty(node, "Date", "now"), "reads Date.now") ??
      says(isProperty(node, "performance", "now"), "reads performance.now") ??
      says(
        ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments?.length ?? 0) === 0,
        "reads new Date()",
      ),
  },
  {
    name: "real waiting",
    instead: "use the clock port's sleep",
    // The virtual clock lets what is in flight come to rest before it moves, the embedded store collects writes: turns, never time.
    allowed: [/^src\/ports\/clock\.ts$/, /^src\/memory\/virtualClock\.ts$/, /^src\/store\/sqlite\/turn\.ts$/],
    judge: (node) =>
      says(
        ts.isCallExpression(node) &&
          /^(globalThis\.)?(setTimeout|setInterval|setImmediate)$/.test(node.expression.getText()),
        "waits by itself",
      ),
  },
  {
    name: "chance",
    instead: "use the ids port, or derive it",
    allowed: [/^src\/ports\/ids\.ts$/],
    judge: (node) =>
      says(isProperty(node, "Math", "random"), "draws Math.random") ??
      says(ts.isIdentifier(node) && /^(randomUUID|randomBytes|randomInt)$/.test(node.text), "draws chance from crypto"),
  },
  {
    name: "the environment",
    instead: "take it as an argument; src/config/env.ts reads it once",
    allowed: [/^src\/config\/env\.ts$/],
    judge: (node) => says(isProperty(node, "process", "env"), "reads process.env"),
  },
  {
    name: "clients of AWS and Slack",
    instead: "take the client as an argument; one file for each side makes them",
    allowed: [
      /^src\/main\w*\.ts$/,
      /^src\/aws\/clients\.ts$/,
      /^src\/store\/dynamoClient\.ts$/,
      /^src\/slack\/bolt\w*\.ts$/,
    ],
    judge: (node) =>
      says(ts.isNewExpression(node) && /^\w+Client$/.test(node.expression.getText()), "makes a client of its own"),
  },
  {
    name: "default exports",
    instead: "export by name: the file's name is its main export",
    // Declarations of foreign packages say how those export.
    allowed: [/\.d\.ts$/],
    judge: (node) => says(ts.isExportAssignment(node) || hasDefault(node), "exports a default"),
  },
  {
    name: "enums and parameter properties",
    instead: "use a const list or plain fields",
    allowed: [],
    judge: (node) =>
      says(ts.isEnumDeclaration(node), "declares an enum") ??
      says(ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent), "has a parameter property"),
  },
  {
    name: "long lists of parameters",
    // Three by habit; four because `decide(current, event, facts, now)` is the shape of the whole core.
    instead: "after three positional parameters, at the very most four, comes an object",
    // A judged step is `decide`'s own four with what came of them.
    allowed: [/^src\/domain\/invariants\.ts$/],
    judge: (node) =>
      says(
        ts.isFunctionLike(node) && !ts.isTypeNode(node) && node.parameters.length > 4,
        "takes more than four parameters",
      ),
  },
  {
    name: "imports without their extension",
    instead: "write the file as it is called: ./case.ts",
    allowed: [],
    judge: (node) =>
      says(
        ts.isImportDeclaration(node) &&
          ts.isStringLiteral(node.moduleSpecifier) &&
          /^\.\.?\//.test(node.moduleSpecifier.text) &&
          !/\.(ts|tsx|json|css)$/.test(node.moduleSpecifier.text),
        "imports without .ts",
      ),
  },
];

function hasDefault(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

/** Lines of code, without blank ones and comments: what the limit of a function is about. */
export function codeLines(text: string): number {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, "");
  return withoutBlocks.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}
