// Finds elements of the page by what they must be: a page that lacks one is a fault that says so.

/**
 * @template {Element} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export const find = (root, selector, kind) => {
  const element = root.querySelector(selector);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${kind.name} "${selector}"`);
};

/**
 * A canvas to draw on.
 *
 * @param {HTMLCanvasElement} canvas
 */
export const drawing = (canvas) => {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser does not draw on a canvas');
  return context;
};
