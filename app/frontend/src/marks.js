// From the marks a page gives to classes and badges on the drawing.
//   {"past": {"Receive": "2 lần"}, "now": {}, "late": {}, "hold": {}, "findings": {"Ask": [{"severity": "error"}]},
//    "added": ["Check"], "changed": [], "removed": [], "slow": {"Review": [3, "3,6 ngày"]}}
// A kind may also be a plain list of ids: then there is no badge.
import { icon, say } from './texts.js'

const STATES = [['past', 'check'], ['now', 'dot'], ['late', 'triangle'], ['hold', 'pause']]
const CHANGES = [['added', 'plus'], ['changed', 'pencil'], ['removed', 'minus']]
const entries = (marks, kind) => Array.isArray(marks[kind]) ? marks[kind].map(id => [id, '']) : Object.entries(marks[kind] ?? {})

// [id, class without "is-"], the last of a step wins: what is in work now may also have been passed before.
export function kinds (marks) {
  const found = new Map()
  for (const [kind] of [...STATES, ...CHANGES]) entries(marks, kind).forEach(([id]) => found.set(id, kind))
  for (const [id, [level]] of entries(marks, 'slow')) found.set(id, `slow-${level}`)
  return [...found]
}

function badge (kind, glyph, text) {
  const mark = document.createElement('span')
  mark.className = `qt-mark qt-mark--${kind}`
  if (glyph) mark.append(icon(glyph))
  mark.append(text)
  return mark
}

// Small shapes (events, gateways) have their badge above them; boxes on the upper left edge, never on the name. A badge much
// wider than its shape is centred over it, so that it neither leaves a phone's frame nor reaches the next shape. The name of a
// small shape may stand above it: then the badge goes below, to the left of what may flow out there.
function edge (element, text) {
  const overhang = text.length * 6.5 + 34 - element.width
  const small = element.width < 60
  const name = small ? element.label ?? element.labels?.[0] : undefined
  const left = overhang > 24 ? -Math.round(overhang / 2) : -12
  return name && name.y + name.height <= element.y + 4 ? { bottom: -4, left: Math.round(element.width / 2 - 0.8 * (text.length * 6 + 22)) } : { top: small ? -24 : -16, left }
}
// Of a line the badge stands on its middle, counted from the corner of the box around its corners; a name that is there pushes it down.
const LINE_BADGE = { width: 34, height: 20 }
function middle ({ waypoints, labels, label = labels?.[0] }) {
  const spans = waypoints.slice(1).map((point, i) => ({ from: waypoints[i], to: point, long: Math.hypot(point.x - waypoints[i].x, point.y - waypoints[i].y) }))
  let left = spans.reduce((sum, span) => sum + span.long, 0) / 2
  const span = spans.find(one => (left -= one.long) <= 0) ?? spans.at(-1)
  const part = span.long ? 1 + left / span.long : 0
  const at = axis => span.from[axis] + (span.to[axis] - span.from[axis]) * part
  const low = axis => Math.min(...waypoints.map(point => point[axis]))
  const [x, y] = [at('x') - LINE_BADGE.width / 2, at('y') - LINE_BADGE.height / 2]
  const meets = label && x < label.x + label.width && label.x < x + LINE_BADGE.width && y < label.y + label.height && label.y < y + LINE_BADGE.height
  return { left: Math.round(x - low('x')), top: Math.round((meets ? label.y + label.height + 2 : y) - low('y')) }
}
const right = element => ({ top: -16, left: Math.max(40, element.width - 60) })

export function badges (marks) {
  const found = []
  const last = new Map(kinds(marks))
  const add = (id, kind, glyph, text, position = edge) => found.push({ id, html: badge(kind, glyph, text), position: element => position(element, text) })
  for (const [kind, glyph] of STATES) {
    for (const [id, text] of entries(marks, kind)) if (text && last.get(id) === kind) add(id, kind, glyph, text)
  }
  for (const [kind, glyph] of CHANGES) {
    for (const [id, text] of entries(marks, kind)) add(id, kind, glyph, text)
  }
  for (const [id, [level, text]] of entries(marks, 'slow')) if (text) add(id, level > 2 ? 'late' : 'changed', 'clock', text)
  for (const [id, findings] of entries(marks, 'findings')) {
    const errors = findings.filter(finding => finding.severity === 'error').length
    const kind = errors ? 'error' : 'warn'
    const count = errors || findings.length
    const text = say((errors ? 'error' : 'warning') + (count === 1 ? '' : 's'), { n: count })
    const shape = last.has(id) ? right : edge
    add(id, kind, errors ? 'triangle' : 'info', text, (element, words) => element.waypoints ? middle(element) : shape(element, words))
    found.at(-1).short = badge(kind, errors ? 'triangle' : 'info', String(count)) // between two shapes there is no room for words
    found.at(-1).short.title = text
    for (const html of [found.at(-1).html, found.at(-1).short]) html.dataset.of = id // a click leads to the row of the list that says what was found
  }
  return found
}
