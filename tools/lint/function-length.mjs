// A lint rule: no function of more than so many lines of code. Blank lines and comments don't count, and neither do
// describe() callbacks, which only group tests: their lines are not those of the function around them either.

/** @typedef {import('eslint').Rule.Node} Node */
/** @typedef {Extract<Node, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }>} FunctionNode */
/** @typedef {Extract<Node, { type: 'CallExpression' }>['callee']} Callee */

const GROUPS = new Set(['describe', 'suite']);

/**
 * The name at the root of `describe`, `describe.skipIf(…)`, `describe.each(…)`.
 *
 * @param {Callee} callee
 * @returns {string | undefined}
 */
const rootName = (callee) => {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type === 'MemberExpression') return rootName(callee.object);
  if (callee.type === 'CallExpression') return rootName(callee.callee);
  return undefined;
};

const isGroup = (/** @type {FunctionNode} */ { parent }) =>
  parent.type === 'CallExpression' && GROUPS.has(rootName(parent.callee) ?? '');

/** @type {import('eslint').Rule.RuleModule} */
export const functionLength = {
  meta: {
    type: 'suggestion',
    schema: [{ type: 'integer', minimum: 1 }],
    messages: { tooLong: 'Function of {{lines}} lines of code: at most {{most}}' },
  },
  create: (context) => {
    /** @type {readonly unknown[]} */
    const options = context.options;
    const most = Number(options[0]);
    const { sourceCode } = context;
    /** Lines with code; made at the first function. */
    /** @type {Set<number> | undefined} */
    let codeLines;
    const linesOfCode = () =>
      new Set(
        sourceCode.ast.tokens.flatMap(({ loc }) =>
          Array.from({ length: loc.end.line - loc.start.line + 1 }, (_, at) => loc.start.line + at),
        ),
      );
    /** Lines of groups inside each of the functions that are open, from the outermost on. */
    /** @type {number[]} */
    const groupLines = [];
    const enter = () => {
      groupLines.push(0);
    };
    const leave = (/** @type {FunctionNode} */ node) => {
      codeLines ??= linesOfCode();
      const { start, end } = sourceCode.getLoc(node);
      let all = 0;
      for (let line = start.line; line <= end.line; line++) if (codeLines.has(line)) all += 1;
      const inGroups = groupLines.pop() ?? 0;
      const isOfTests = isGroup(node);
      const outer = groupLines.length - 1;
      if (outer >= 0) groupLines[outer] = (groupLines[outer] ?? 0) + (isOfTests ? all : inGroups);
      const lines = all - inGroups;
      if (isOfTests || lines <= most) return;
      context.report({
        node,
        messageId: 'tooLong',
        data: { lines: String(lines), most: String(most) },
      });
    };
    return {
      FunctionDeclaration: enter,
      FunctionExpression: enter,
      ArrowFunctionExpression: enter,
      'FunctionDeclaration:exit': leave,
      'FunctionExpression:exit': leave,
      'ArrowFunctionExpression:exit': leave,
    };
  },
};
