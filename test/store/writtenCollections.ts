/** Which collections a source file writes or reads: from its syntax, so that a new one cannot be overlooked. */
import ts from "typescript";

export interface NamedCollection {
  readonly file: string;
  /** First part: `run` of `run/${service}`. */
  readonly head: string;
}

export interface CollectionScan {
  readonly found: readonly NamedCollection[];
  /** Places where a collection is named by something that this cannot follow. */
  readonly unknown: readonly string[];
}

/** `sources`: text by file name. Constants and functions are followed by their names across all of them. */
export function collectionsIn(sources: ReadonlyMap<string, string>): CollectionScan {
  const files = [...sources].map(([name, text]) => ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  const constants = new Map<string, ts.Expression>();
  for (const file of files) visit(file, (node) => remember(node, file.fileName, constants));
  const found: NamedCollection[] = [];
  const unknown: string[] = [];
  for (const file of files)
    visit(file, (node) => {
      const named = collectionNamedBy(node);
      if (!named) return;
      const head = headOf(named, file.fileName, constants);
      if (head === "passed on") return;
      if (head === undefined) unknown.push(`${file.fileName}: ${node.getText().slice(0, 80)}`);
      else found.push({ file: file.fileName, head });
    });
  return { found, unknown };
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** `const x = …` and `function x() { return …; }`, by file and, where exported, for every file. */
function remember(node: ts.Node, file: string, constants: Map<string, ts.Expression>): void {
  const keep = (name: string, value: ts.Expression | undefined, isExported: boolean) => {
    if (!value) return;
    constants.set(`${file} ${name}`, value);
    if (isExported) constants.set(name, value);
  };
  if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name))
    keep(node.name.text, node.initializer, node.parent.parent.getText().startsWith("export"));
  if (ts.isFunctionDeclaration(node) && node.name) {
    const [only] = node.body?.statements ?? [];
    if (only && ts.isReturnStatement(only)) keep(node.name.text, only.expression, node.getText().startsWith("export"));
  }
}

/** `{ collection: … }`, `{ collection, id }` and the first argument of `records.list(…)`. */
function collectionNamedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isPropertyAssignment(node) && node.name.getText() === "collection") return node.initializer;
  if (ts.isShorthandPropertyAssignment(node) && node.name.text === "collection") return node.name;
  if (ts.isCallExpression(node) && /\brecords\.list$/.test(node.expression.getText())) return node.arguments[0];
  return undefined;
}

function headOf(
  expression: ts.Expression,
  file: string,
  constants: ReadonlyMap<string, ts.Expression>,
): string | undefined {
  if (ts.isStringLiteral(expression) || ts.isNoSubstitutionTemplateLiteral(expression))
    return expression.text.split("/")[0];
  if (ts.isTemplateExpression(expression))
    return expression.head.text.includes("/") ? expression.head.text.split("/")[0] : undefined;
  const name = ts.isCallExpression(expression) ? expression.expression.getText() : expression.getText();
  const known = constants.get(`${file} ${name}`) ?? constants.get(name);
  if (known) return headOf(known, file, constants);
  // A parameter: whoever passes it names it. What is imported from where this does not look is not followed.
  return ts.isIdentifier(expression) && !isImported(expression) ? "passed on" : undefined;
}

function isImported(name: ts.Identifier): boolean {
  return name
    .getSourceFile()
    .statements.filter(ts.isImportDeclaration)
    .some(({ importClause }) => importClause?.getText().match(new RegExp(`\\b${name.text}\\b`)));
}
