// Opens each file that comes as JSON {path: text} on standard input as the editors of bpmn.io do, and writes what
// they would save: {path: {text, warnings}}. The first argument is the folder that has the packages.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [packages] = process.argv.slice(2)
const require = createRequire(`${packages}/`)
const load = async name => import(pathToFileURL(require.resolve(name)))

// form-js draws into a page, but reads and writes without one: whatever it asks of the page may be anything.
const anything = new Proxy(function () {}, {
  get: (target, key) => key === Symbol.toPrimitive ? () => '' : key === 'prototype' ? target.prototype : anything,
  apply: () => anything,
  construct: () => anything
})
globalThis.window = globalThis
for (const name of ['document', 'navigator', 'KeyboardEvent', 'Event', 'Element', 'HTMLElement', 'Node', 'NodeList',
  'HTMLCollection', 'DOMParser', 'MutationObserver']) globalThis[name] ??= anything

const { BpmnModdle } = await load('bpmn-moddle')
const { DmnModdle } = await load('dmn-moddle')
const { Form, schemaVersion } = require('@bpmn-io/form-js-viewer')
const modeler = require('modeler-moddle/resources/modeler.json')
const bpmn = new BpmnModdle({ camunda: require('camunda-bpmn-moddle/resources/camunda.json'), modeler })
const dmn = new DmnModdle({
  camunda: require('camunda-dmn-moddle/resources/camunda.json'),
  modeler: require('modeler-moddle/resources/dmn-modeler.json')
})

const xml = async (moddle, text, type) => {
  const { rootElement, warnings } = await moddle.fromXML(text, type)
  const { xml } = await moddle.toXML(rootElement, { format: true })
  return { text: xml, warnings: warnings.map(warning => warning.message) }
}

// As the form editor saves: what it has made of the components, each in a row, with the editor's name and version.
const form = async text => {
  const viewer = new Form()
  const { warnings } = await viewer.importSchema(JSON.parse(text))
  const rows = new Map()
  for (const { rows: given } of viewer.get('formLayouter')._rows) {
    for (const { id, components } of given) for (const component of components) rows.set(component, id)
  }
  const saved = JSON.parse(JSON.stringify(viewer._getState().schema, (name, value) => name.startsWith('_') ? undefined : value))
  const place = component => {
    if (rows.has(component.id)) component.layout = { columns: null, ...component.layout, row: rows.get(component.id) }
    component.components?.forEach(place)
  }
  saved.components.forEach(place)
  const whole = { ...saved, schemaVersion, exporter: { name: 'form-js', version: '2.0.0' } }
  return { text: JSON.stringify(whole, null, 2), warnings: warnings.map(String) }
}

const answers = {}
for (const [path, text] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  try {
    if (path.endsWith('.bpmn')) answers[path] = await xml(bpmn, text, 'bpmn:Definitions')
    else if (path.endsWith('.dmn')) answers[path] = await xml(dmn, text, 'dmn:Definitions')
    else answers[path] = await form(text)
  } catch (problem) {
    answers[path] = { text: '', warnings: [String(problem)] }
  }
}
process.stdout.write(JSON.stringify(answers))
