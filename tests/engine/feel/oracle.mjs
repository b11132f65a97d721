// Evaluates the FEEL expressions that come as a JSON list on standard input with feelin and writes
// what each came to as a JSON list: [kind, value], or ["error", message].
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';

const [packages] = process.argv.slice(2);
const found = createRequire(`${packages}/`).resolve('@bpmn-io/feelin');
const { evaluate, unaryTest } = await import(pathToFileURL(found));

const isTemporal = (value) => Boolean(value.isLuxonDateTime || value.isLuxonDuration);

function plain(value) {
  if (value === null || value === undefined) return ['null', null];
  if (typeof value === 'number') return Number.isFinite(value) ? ['number', value] : ['null', null];
  if (typeof value === 'boolean') return ['boolean', value];
  if (typeof value === 'string') return ['string', value];
  if (typeof value === 'function' || value.fn) return ['function', null];
  if (Array.isArray(value)) return ['list', value.map(plain)];
  if (isTemporal(value)) return ['moment', evaluate('string(value)', { value }).value];
  if ('start included' in value) {
    const ends = [plain(value.start), plain(value.end)];
    return ['range', [...ends, value['start included'], value['end included']]];
  }
  return ['context', Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))];
}

function answer({ expression, context, unary }) {
  try {
    const result = unary ? unaryTest(expression, context) : evaluate(expression, context);
    return plain(result.value);
  } catch (problem) {
    return ['error', problem.message];
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(answer)));
