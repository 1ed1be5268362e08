// node load.mjs [--set REF=VALUE]… FILE.xml …
// Loads each XForm in ODK Web Forms' engine and prints a line of JSON: whether it loads, how long that takes,
// and how long each --set takes. Missing attachments are blank. Run `npm install` beside this file first.
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><html></html>');
globalThis.window = window;
globalThis.__dirname = import.meta.dirname;
for (const name of Object.getOwnPropertyNames(window))
  if (/^(DOM|XML|XPath|Node|Element|Document|Attr|Text|Comment|CDATA|Processing|Character|Named|HTML)/.test(name) && !(name in globalThis))
    globalThis[name] = window[name];
globalThis.document = window.document;
const { loadForm } = await import('@getodk/xforms-engine');

const sets = [], files = [];
const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (word === '--set') sets.push(words.shift().split(/=(.*)/s).slice(0, 2));
  else files.push(word);
}

function find(node, reference) {
  if (node.currentState.reference === reference) return node;
  for (const child of node.currentState.children ?? []) {
    const found = find(child, reference);
    if (found) return found;
  }
  return null;
}

function set(node, value) {
  if (node.nodeType === 'select') node.selectValues(value.split(' '));
  else if (node.nodeType === 'rank') node.setValues(value.split(' '));
  else node.setValue(value);
}

for (const file of files) {
  try {
    const text = readFileSync(file, 'utf8');
    const start = performance.now();
    const form = await loadForm(text, {
      fetchFormAttachment: async () => new Response('name,label\n', { headers: { 'content-type': 'text/csv' } }),
      missingResourceBehavior: 'BLANK',
    });
    if (form.status === 'failure') throw form.error;
    const { root } = form.createInstance();
    const result = { file, loads: true, load_ms: Math.round(performance.now() - start), set_ms: [] };
    for (const [reference, value] of sets) {
      const node = find(root, reference);
      if (!node) throw new Error(`no node ${reference}`);
      const before = performance.now();
      set(node, value);
      result.set_ms.push(Math.round((performance.now() - before) * 1000) / 1000);
    }
    console.log(JSON.stringify(result));
  } catch (error) {
    console.log(JSON.stringify({ file, loads: false, error: String(error?.message ?? error).slice(0, 200) }));
  }
}
process.exit(0);
