// A module loader that compiles TypeScript, and counts in the product's own sources which branches are
// taken. Runs in the loader's thread; what it has learned travels in the compiled modules themselves.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const counted = /\/(packages\/[a-z]+|edge-agent|fog-rsu|cloud|cli)\/src\/|\/targets\/planted\.ts$/;
/** Tests' own code would only draw the search away from the product's. */
const passedOver = /\/(testing|simulation|node_modules)\//;

let branches = 0;

export async function load(url, context, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
  const text = await readFile(fileURLToPath(url), "utf8");
  const isCounted = counted.test(url) && !passedOver.test(url);
  const literals = new Set();
  const { outputText } = ts.transpileModule(text, {
    fileName: fileURLToPath(url),
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
    transformers: isCounted ? { before: [countBranches(literals)] } : {},
  });
  const head = isCounted
    ? `const $hits = globalThis.voltfogFuzz.begin(${branches}, ${JSON.stringify([...literals])}); `
    : "";
  return { format: "module", shortCircuit: true, source: head + outputText };
}

/** Puts a count at the start of every function, branch, loop, case and right side of a logical operator. */
function countBranches(literals) {
  return (context) => {
    const counters = countersFor(context.factory);
    const visit = (node) => {
      note(node, literals);
      const inner = ts.visitEachChild(node, visit, context);
      if (isFunctionBody(inner)) return counters[ts.SyntaxKind.Block](inner);
      if (ts.isBlock(inner) || (ts.isBinaryExpression(inner) && !isLogical(inner))) return inner;
      return counters[inner.kind]?.(inner) ?? inner;
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

/** How a node of each kind is counted. */
function countersFor(f) {
  const hit = () =>
    f.createPostfixIncrement(
      f.createElementAccessExpression(f.createIdentifier("$hits"), branches++),
    );
  const counting = (expression) =>
    f.createParenthesizedExpression(f.createComma(hit(), expression));
  const started = (statements) => [f.createExpressionStatement(hit()), ...statements];
  const block = (statement) =>
    ts.isBlock(statement)
      ? f.updateBlock(statement, started(statement.statements))
      : f.createBlock(started([statement]), true);
  const kind = ts.SyntaxKind;
  return {
    [kind.Block]: block,
    [kind.IfStatement]: (n) =>
      f.updateIfStatement(
        ...[n, n.expression, block(n.thenStatement), block(n.elseStatement ?? f.createBlock([]))],
      ),
    [kind.ConditionalExpression]: (n) =>
      f.updateConditionalExpression(
        ...[n, n.condition, n.questionToken, counting(n.whenTrue)],
        ...[n.colonToken, counting(n.whenFalse)],
      ),
    [kind.BinaryExpression]: (n) =>
      f.updateBinaryExpression(n, n.left, n.operatorToken, counting(n.right)),
    [kind.ForStatement]: (n) =>
      f.updateForStatement(n, n.initializer, n.condition, n.incrementor, block(n.statement)),
    [kind.ForOfStatement]: (n) =>
      f.updateForOfStatement(n, n.awaitModifier, n.initializer, n.expression, block(n.statement)),
    [kind.WhileStatement]: (n) => f.updateWhileStatement(n, n.expression, block(n.statement)),
    [kind.CaseClause]: (n) => f.updateCaseClause(n, n.expression, started(n.statements)),
    [kind.DefaultClause]: (n) => f.updateDefaultClause(n, started(n.statements)),
    [kind.CatchClause]: (n) => f.updateCatchClause(n, n.variableDeclaration, block(n.block)),
    [kind.ArrowFunction]: (n) =>
      f.updateArrowFunction(
        ...[n, n.modifiers, n.typeParameters, n.parameters, n.type, n.equalsGreaterThanToken],
        ts.isBlock(n.body) ? n.body : counting(n.body),
      ),
  };
}

/** Remembers what the sources hold in quotes or as numbers. */
function note(node, literals) {
  if (ts.isNumericLiteral(node)) literals.add(Number(node.text));
  if (ts.isStringLiteral(node) && !isSpecifier(node)) literals.add(node.text);
}

function isLogical(node) {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken } = ts.SyntaxKind;
  return [AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken].includes(
    node.operatorToken.kind,
  );
}

/** Every block that is the body of a function, seen from the block; updated nodes have lost their parent. */
function isFunctionBody(node) {
  const { parent } = ts.getOriginalNode(node);
  return ts.isBlock(node) && parent !== undefined && ts.isFunctionLike(parent);
}

function isSpecifier(node) {
  return (
    node.parent !== undefined &&
    (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent))
  );
}
