// Drawings of processes with the marks of README §6: what is passed, in work, late, waiting, found or changed.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'
import { onKey } from './keyboard.js'
import { badges, kinds } from './marks.js'
import { say } from './texts.js'

const LARGEST = 1.2 // larger than drawn only a little: letters of 12 px become 14
const READABLE = 0.7 // letters of 12 px become 8
const TALLEST = 2400 // px of a frame: some three windows to move through
const WIDE = 240 // a sub-process drawn open: to frame it whole would make its steps unreadable
const WATERMARK = 40 // px kept free below: the licence of bpmn.io wants its mark in plain sight
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const onPaper = box => box.style.width !== ''
const narrow = () => window.matchMedia('screen and (max-width: 760px)').matches
const drawings = new Map()

const around = steps => ({ left: Math.min(...steps.map(step => step.x)) - 24, top: Math.min(...steps.map(step => step.y)) - 30, right: Math.max(...steps.map(step => step.x + step.width)) + 24, bottom: Math.max(...steps.map(step => step.y + step.height)) + 30 })
const middle = step => [step.x + step.width / 2, step.y + step.height / 2]
// The place of the step that lies farthest from the first, which is what the frame is about.
function farthest ([first, ...others]) {
  const away = others.map(step => Math.hypot(...middle(step).map((at, axis) => at - middle(first)[axis])))
  return 1 + away.indexOf(Math.max(...away))
}

class Drawing {
  constructor (box) {
    this.box = box
    this.marks = JSON.parse(box.dataset.marks || '{}')
    this.tinted = []
    this.marked = []
    box.addEventListener('qt:marks', event => {
      this.show(event.detail)
      if (narrow() && this.viewer && this.imported === this.viewer) this.fit() // the step in work has moved out of a phone's frame
    })
    box.addEventListener('keydown', event => this.key(event))
    new ResizeObserver(() => this.resized()).observe(box)
  }

  async draw () {
    this.xml ??= this.box.dataset.bpmn ?? await (await fetch(this.box.dataset.bpmnUrl, { credentials: 'same-origin' })).text()
    this.viewer?.destroy()
    const font = { fontFamily: css('--qt-font'), fontSize: 12, lineHeight: 1.25 }
    const viewer = new NavigatedViewer({
      container: this.box,
      zoomScroll: { enabled: false }, // the wheel belongs to the page; zooming has buttons and keys
      bpmnRenderer: { defaultStrokeColor: css('--qt-d-stroke'), defaultFillColor: css('--qt-d-fill'), defaultLabelColor: css('--qt-ink') },
      textRenderer: { defaultStyle: font, externalStyle: font }
    })
    this.viewer = viewer
    const { warnings } = await viewer.importXML(this.xml)
    if (this.viewer !== viewer) return // the colours changed meanwhile and a newer drawing is on its way
    this.imported = viewer
    warnings.forEach(warning => console.error(warning.message))
    this.tinted = []
    this.marked = []
    this.box.querySelector('svg')?.setAttribute('aria-label', this.box.getAttribute('aria-label') ?? '')
    this.show(this.marks)
    this.fit()
    this.box.dispatchEvent(new CustomEvent('qt:drawn', { bubbles: true }))
  }

  get isSmall () { return this.box.classList.contains('qt-diagram--mini') || (narrow() && !onPaper(this.box) && !('whole' in this.box.dataset)) }
  get isReady () { return Boolean(this.viewer) && this.imported === this.viewer }

  // Windows grow, phones turn, side lists open: a new width is a new fit. The height is ours and no reason.
  resized () {
    const width = this.box.clientWidth
    if (!width || width === this.width || !this.isReady) return
    this.fit()
  }

  get (name) { return this.viewer.get(name) }

  show (marks) {
    this.marks = marks
    if (!this.isReady) return
    const [canvas, overlays, registry] = ['canvas', 'overlays', 'elementRegistry'].map(name => this.get(name))
    this.marked.forEach(([id, kind]) => canvas.removeMarker(id, 'is-' + kind))
    this.marked = kinds(marks).filter(([id]) => registry.get(id))
    this.marked.forEach(([id, kind]) => canvas.addMarker(id, 'is-' + kind))
    overlays.clear()
    for (const { id, html, short, position } of badges(marks)) {
      const element = registry.get(id)
      const shown = element?.waypoints ? short : html // a line bears a badge of what is found alone
      if (element && shown) overlays.add(id, { position: position(element), html: shown, scale: { min: 0.8, max: 1 } })
    }
    this.tint(marks)
  }

  // Arrow heads are shared definitions, so a line is coloured through its model and drawn again, not by a class.
  tint ({ flows = [], added = [], removed = [], changed = [] }) {
    const paint = (id, colour) => {
      const [registry, factory] = [this.get('elementRegistry'), this.get('graphicsFactory')]
      const line = registry.get(id)
      if (!line?.waypoints) return false
      line.di.set('bioc:stroke', colour)
      factory.update('connection', line, registry.getGraphics(line))
      registry.getGraphics(line).querySelectorAll('.djs-visual > path').forEach(path => { path.style.strokeWidth = colour ? '3px' : '' })
      return true
    }
    this.tinted.forEach(id => paint(id, undefined))
    const wishes = [[flows, '--qt-d-path'], [added, '--qt-good'], [removed, '--qt-bad'], [Array.isArray(changed) ? changed : Object.keys(changed), '--qt-warn']]
    this.tinted = wishes.flatMap(([ids, colour]) => ids.filter(id => paint(id, css(colour))))
  }

  // The steps to look at on a phone or in a small frame: those in work with what leads to them and follows.
  focus (given = this.box.dataset.focus?.split(' ')) {
    const registry = this.get('elementRegistry')
    const passed = Object.keys(this.marks.past ?? {})
    const ids = given ?? [...[this.marks.step ?? []].flat(), ...['now', 'late', 'hold'].flatMap(kind => Object.keys(this.marks[kind] ?? {}))]
    if (!ids.length && passed.length === 1) ids.push(...passed) // the page of a task that is done
    // A line is where its ends are; the whole process is nowhere.
    const steps = ids.map(id => registry.get(id)).flatMap(found => found?.waypoints ? [found.source, found.target] : [found])
      .filter(found => Number.isFinite(found?.x))
    if (given) return steps
    if (!steps.length) steps.push(...this.beginning(registry))
    if (!steps.length) return steps
    const near = [steps[0], ...(steps[0].incoming ?? []).map(flow => flow.source), ...(steps[0].outgoing ?? []).map(flow => flow.target)]
    const close = near.filter(step => step.width < WIDE && Math.abs(step.x - steps[0].x) < 320 && Math.abs(step.y - steps[0].y) < 220)
    return [...new Set([...steps.slice(0, 1), ...close])]
  }

  // Where one begins to read when nothing is in work: the first start event that does not lead into a sub-process drawn open.
  beginning (registry) {
    const starts = registry.filter(element => element.type === 'bpmn:StartEvent').sort((a, b) => a.x - b.x)
    return [starts.find(start => (start.outgoing ?? []).every(flow => flow.target.width < WIDE)) ?? starts[0]].filter(Boolean)
  }

  // One element is shown to whoever comes from a list; false if it is not drawn.
  spot (id) {
    if (!this.viewer || this.imported !== this.viewer) return false
    const [canvas, registry] = ['canvas', 'elementRegistry'].map(name => this.get(name))
    if (!registry.get(id)) return false
    if (registry.get(this.spotted)) canvas.removeMarker(this.spotted, 'is-spot')
    this.spotted = id
    canvas.addMarker(id, 'is-spot')
    if (narrow()) this.fit([id])
    this.box.tabIndex = -1
    this.box.focus({ preventScroll: true })
    this.box.scrollIntoView({ block: 'center' })
    return true
  }

  // As high as the drawing is when it fills the width: a low one leaves no empty ground, and a tall one is
  // read by moving the page, for a drawing squeezed into the window's height has letters that nobody can read.
  frame () {
    const small = this.isSmall
    const canvas = this.get('canvas')
    const { inner, outer } = canvas.viewbox()
    const scale = Math.min((outer.width - 32) / inner.width, LARGEST)
    this.box.style.height = small || !outer.width ? '' : `${Math.round(Math.min(TALLEST, Math.max(240, inner.height * scale + 32 + WATERMARK)))}px`
    canvas.resized()
  }

  fit (chosen) {
    this.frame()
    this.width = this.box.clientWidth
    const canvas = this.get('canvas')
    const { inner, outer } = canvas.viewbox()
    if (!outer.width || !outer.height) return // not on screen: drawn again by whoever shows it
    const steps = this.isSmall && !this.whole ? this.focus(chosen) : []
    const margin = steps.length ? 0 : 16
    const frame = () => {
      const area = steps.length ? around(steps) : { left: inner.x, top: inner.y, right: inner.x + inner.width, bottom: inner.y + inner.height }
      const scale = Math.min((outer.width - 2 * margin) / (area.right - area.left), (outer.height - WATERMARK - margin) / (area.bottom - area.top), LARGEST)
      return { area, scale }
    }
    let { area, scale } = frame()
    while (scale < READABLE && steps.length > 1) { // rather one neighbour less than names that nobody can read
      steps.splice(farthest(steps), 1);
      ({ area, scale } = frame())
    }
    const x = (area.left + area.right) / 2 - outer.width / scale / 2
    const y = steps.length ? (area.top + area.bottom) / 2 - (outer.height - WATERMARK) / scale / 2 : area.top - 16 / scale
    canvas.viewbox({ x, y, width: outer.width / scale, height: outer.height / scale })
  }

  // Who stands in the drawing moves over it with the arrows.
  key (event) {
    const way = ARROWS[event.key]
    if (!way || event.ctrlKey || event.metaKey || event.altKey || !this.isReady) return
    event.preventDefault()
    this.zoom(way)
  }

  zoom (way) {
    if (!this.isReady) return
    if (way === 'fit') return this.fit()
    if (way === 'whole') {
      this.whole = !this.whole
      document.querySelectorAll(`[data-zoom="whole"][data-for="${this.box.id}"]`).forEach(button => button.setAttribute('aria-pressed', String(this.whole)))
      return this.fit()
    }
    const canvas = this.get('canvas')
    if (WAYS[way]) return canvas.scroll({ dx: WAYS[way][0] * this.box.clientWidth / 3, dy: WAYS[way][1] * this.box.clientHeight / 3 })
    canvas.zoom(Math.max(0.2, Math.min(4, canvas.zoom() * (way === 'in' ? 1.25 : 0.8))), 'auto')
  }
}

// What moves is the paper: to look further right it goes left.
const WAYS = { left: [1, 0], right: [-1, 0], up: [0, 1], down: [0, -1] }
const ARROWS = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' }

async function start (box) {
  const drawing = new Drawing(box)
  drawings.set(box.id, drawing)
  try {
    await drawing.draw()
  } catch (error) {
    console.error(error)
    const note = document.createElement('p')
    note.className = 'qt-diagram__failed qt-quiet'
    note.textContent = say('drawing_failed')
    box.replaceChildren(note)
  }
}

document.addEventListener('click', event => {
  const button = event.target.closest('[data-zoom]')
  if (button) drawings.get(button.dataset.for)?.zoom(button.dataset.zoom)
  const link = event.target.closest('[data-spot]')
  if (link && drawings.get(link.hash.slice(1))?.spot(link.dataset.spot)) event.preventDefault()
  const badge = event.target.closest('[data-of]')
  if (badge) document.querySelector(`tr[data-element="${CSS.escape(badge.dataset.of)}"]`)?.focus()
})
const main = () => [...drawings.values()].find(drawing => !drawing.box.classList.contains('qt-diagram--mini'))
const keyed = way => () => main() ? main().zoom(way) : false
onKey(['+', '='], keyed('in'))
onKey(['-', '−'], keyed('out'))
onKey(['0'], keyed('fit'))

const redraw = () => drawings.forEach(drawing => drawing.viewer && drawing.draw())
document.addEventListener('qt:look', redraw)
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
// Paper is A4 upright with 165 mm between the margins; the drawing is fitted whole, whatever the screen showed.
const paper = width => () => drawings.forEach(drawing => {
  if (!drawing.isReady) return
  drawing.box.style.width = width
  drawing.fit()
})
window.addEventListener('beforeprint', paper('620px'))
window.addEventListener('afterprint', paper(''))

// The labels are measured when they are drawn: with the stand-in font the words would not fit their boxes.
await document.fonts.load('12px "Be Vietnam Pro"', 'Quy trình').catch(() => [])
const all = () => Promise.all([...document.querySelectorAll('.qt-diagram:is([data-bpmn-url], [data-bpmn])')].filter(box => drawings.get(box.id)?.box !== box).map(start))
document.addEventListener('htmx:after:swap', all)
await all()
document.documentElement.dataset.drawn = 'yes'
