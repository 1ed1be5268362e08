// Times ODK Web Forms' engine, headless, on one form: loading, then answers in turn.
//   node web_forms.mjs FORM.xml [REFERENCE VALUE OTHER-VALUE [TIMES]]
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

// The engine expects a browser's globals.
const { window } = new JSDOM('<!DOCTYPE html><html><body></body></html>');
globalThis.window = window;
globalThis.document = window.document;
globalThis.__dirname = process.cwd();
for (const name of Object.getOwnPropertyNames(window)) {
  if (/^[A-Z]/.test(name) && globalThis[name] === undefined) globalThis[name] = window[name];
}
const { loadForm } = await import('@getodk/xforms-engine');

const [file, reference, value, other, times = '11'] = process.argv.slice(2);
const xml = readFileSync(file, 'utf8');

function find(node) {
  if (node.currentState?.reference === reference) return node;
  for (const child of node.currentState?.children ?? []) {
    const found = find(child);
    if (found) return found;
  }
  return null;
}

function give(node, text) {
  if (node.nodeType === 'select') node.selectValue(text);
  else node.setValue(node.valueType === 'int' ? BigInt(text) : text);
}

const result = { engine: 'web-forms', form: file };
let start = performance.now();
const form = await loadForm(xml, { fetchFormAttachment: async () => new Response('', { status: 404 }) });
const { root } = form.createInstance();
result.load_ms = performance.now() - start;
if (reference) {
  const node = find(root);
  const all = [];
  for (let i = 0; i < Number(times); ++i) {
    start = performance.now();
    give(node, i % 2 ? other : value);
    all.push(performance.now() - start);
  }
  all.sort((a, b) => a - b);
  result.answer_ms = all[all.length >> 1];
}
result.peak_mb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify(result));
process.exit(0);
