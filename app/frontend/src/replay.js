// Plays a case step by step: drawing, words, detail panel and address move together. Without it each step is a link.
import htmx from 'htmx.org'
import { onKey } from './keyboard.js'
import { icon, say } from './texts.js'

class Player {
  constructor (box) {
    this.steps = JSON.parse((box.querySelector('[data-steps]') ?? document.querySelector('[data-steps]')).textContent)
    this.drawing = document.getElementById(box.dataset.diagram)
    this.panel = document.querySelector(box.dataset.panel)
    this.controls = document.querySelector('[data-player]')
    this.range = this.controls.querySelector('input[type="range"]')
    this.list = document.querySelector('[data-step-list]')
    this.at = Number(this.range.value)
    this.controls.addEventListener('click', event => this.press(event.target.closest('[data-step]')?.dataset.step))
    this.range.addEventListener('input', () => this.user(Number(this.range.value)))
    this.controls.querySelector('[data-step-speed]')?.addEventListener('change', () => this.playing && this.play())
    document.querySelector('[data-step-kind]')?.addEventListener('change', event => this.filter(event.target.value))
    this.list?.addEventListener('click', event => {
      const link = event.target.closest('[data-step-to]')
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
      event.preventDefault()
      this.user(Number(link.dataset.stepTo))
    })
    window.addEventListener('hashchange', () => this.follow())
    this.keys()
    this.follow()
  }

  keys () {
    onKey(['ArrowRight', 'j'], () => this.user(this.at + 1))
    onKey(['ArrowLeft', 'k'], () => this.user(this.at - 1))
    onKey(['Home'], () => this.user(1))
    onKey(['End'], () => this.user(this.steps.length))
    onKey([' '], () => this.press('play'))
  }

  press (what) {
    if (what === 'play') return this.playing ? this.stop() : this.play()
    if (what) this.user(this.at + (what === 'next' ? 1 : -1))
  }

  // A person who moves takes over from the player.
  user (n) {
    this.stop()
    this.show(n)
  }

  play () {
    clearInterval(this.playing)
    if (this.at === this.steps.length) this.show(1)
    const wait = Number(this.controls.querySelector('[data-step-speed]')?.value ?? 1000)
    this.playing = setInterval(() => this.at < this.steps.length ? this.show(this.at + 1) : this.stop(), wait)
    this.button('pause')
  }

  stop () {
    if (!this.playing) return
    clearInterval(this.playing)
    this.playing = null
    this.button('play')
    this.detail() // while it ran the panel would only have flickered
  }

  button (what) {
    const button = this.controls.querySelector('[data-step="play"]')
    button.replaceChildren(icon(what))
    button.setAttribute('aria-label', say(what))
  }

  follow () {
    const n = Number(location.hash.match(/^#step-(\d+)$/)?.[1])
    if (n && n !== this.at) this.user(n)
  }

  show (wish) {
    const n = Math.max(1, Math.min(this.steps.length, wish))
    if (n === this.at) return
    this.at = n
    const step = this.steps[n - 1]
    const title = say('step_of', { n, total: this.steps.length, title: step.title })
    this.drawing.dataset.marks = JSON.stringify(step.marks) // for a drawing that is still being fetched
    this.drawing.dispatchEvent(new CustomEvent('qt:marks', { detail: step.marks }))
    this.drawing.setAttribute('aria-label', title)
    this.range.value = n
    this.range.setAttribute('aria-valuetext', title)
    this.write('[data-step-place]', `${n} / ${this.steps.length}`)
    this.write('[data-step-title]', `${say('step', { n })}: ${step.title}`)
    this.write('[data-step-at]', step.at)
    this.mark(n)
    history.replaceState(history.state, '', `#step-${n}`)
    if (!this.playing) this.detail()
  }

  write (selector, text) {
    const place = document.querySelector(selector)
    if (place) place.textContent = text ?? ''
  }

  mark (n) {
    for (const link of this.list?.querySelectorAll('[data-step-to]') ?? []) {
      const there = Number(link.dataset.stepTo)
      link.classList.toggle('is-later', there > n)
      if (there !== n) { link.removeAttribute('aria-current'); continue }
      link.setAttribute('aria-current', 'step')
      const [row, frame] = [link.getBoundingClientRect(), this.list.getBoundingClientRect()]
      if (row.top < frame.top || row.bottom > frame.bottom) this.list.scrollTop += row.top - frame.top - frame.height / 3
    }
  }

  // Asked for after a short rest: who drags the slider across forty steps wants one panel, not forty.
  detail () {
    clearTimeout(this.resting)
    const url = this.steps[this.at - 1].panel_url
    if (!this.panel || !url) return
    this.resting = setTimeout(() => htmx.ajax('GET', url, { source: this.panel, target: this.panel, swap: 'innerHTML' }), 150)
  }

  filter (kind) {
    this.list?.querySelectorAll('[data-kind]').forEach(item => { item.hidden = Boolean(kind) && item.dataset.kind !== kind })
  }
}

document.querySelectorAll('[data-replay]').forEach(box => new Player(box))
