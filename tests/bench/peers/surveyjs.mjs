// Times SurveyJS on one form: loading, then answers in turn.
//   node surveyjs.mjs FORM.surveyjs.json [NAME VALUE OTHER-VALUE [TIMES]]     NAME: question, or panel[index].question
import { readFileSync } from 'node:fs';
import { Model, settings } from 'survey-core';

settings.panel.maxPanelCount = 2000;  // 100 by default

const [file, name, value, other, times = '11'] = process.argv.slice(2);
const json = JSON.parse(readFileSync(file, 'utf8'));

const result = { engine: 'surveyjs', form: file };
let start = performance.now();
const survey = new Model(json);
void survey.visiblePages.length;
result.load_ms = performance.now() - start;
if (name) {
  const inner = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(name);
  const question = inner
    ? survey.getQuestionByName(inner[1]).panels[Number(inner[2])].getQuestionByName(inner[3])
    : survey.getQuestionByName(name);
  const all = [];
  for (let i = 0; i < Number(times); ++i) {
    const text = i % 2 ? other : value;
    start = performance.now();
    question.value = /^\d+$/.test(text) ? Number(text) : text;
    all.push(performance.now() - start);
  }
  all.sort((a, b) => a - b);
  result.answer_ms = all[all.length >> 1];
}
result.peak_mb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify(result));
process.exit(0);
