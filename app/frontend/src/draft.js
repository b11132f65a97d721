// Saves what is typed as a draft on the server; what cannot be saved stays on this machine and comes back with the page.
import { hold } from './picker.js'
import { post } from './server.js'
import { clockTime, icon, say } from './texts.js'

const DAY = 864e5
const prefix = 'qt-draft:' + (document.body.dataset.account ?? '') + ':'

const store = {
  read (key) { try { return JSON.parse(localStorage.getItem(key)) } catch { return null } },
  write (key, copy) { try { localStorage.setItem(key, JSON.stringify(copy)) } catch { /* full or off: the server keeps trying */ } },
  drop (key) { try { localStorage.removeItem(key) } catch { /* as above */ } }
}

// Names and values as the form would send them, without files and without the token.
const pairs = form => [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && name !== 'csrf_token')

function putBack (form, copy) {
  const values = Map.groupBy ? Map.groupBy(copy, ([name]) => name) : copy.reduce((map, pair) => map.set(pair[0], [...(map.get(pair[0]) ?? []), pair]), new Map())
  // What was chosen in a search stands nowhere else.
  for (const picker of form.querySelectorAll('[data-picker]')) for (const [, value] of values.get(picker.dataset.picker) ?? []) if (value) hold(picker, value)
  for (const field of form.elements) {
    if (!field.name || field.name === 'csrf_token' || ['file', 'submit', 'button', 'hidden'].includes(field.type)) continue
    const given = (values.get(field.name) ?? []).map(([, value]) => value)
    if (['checkbox', 'radio'].includes(field.type)) field.checked = given.includes(field.value)
    else if (field instanceof HTMLSelectElement && field.multiple) [...field.options].forEach(option => { option.selected = given.includes(option.value) })
    else if (given.length) field.value = given.length > 1 ? (values.get(field.name).shift()[1]) : given[0]
  }
}

class Draft {
  constructor (form) {
    this.form = form
    this.key = prefix + form.dataset.draftUrl
    this.sent = JSON.stringify(pairs(form))
    this.status = document.querySelector(`[data-draft-status="${form.id}"]`) ?? form.querySelector('[data-draft-status]') ?? document.querySelector('[data-draft-status]')
    form.addEventListener('input', () => this.soon(800))
    form.addEventListener('change', () => this.soon(800))
    form.addEventListener('qt:draft', () => this.soon(0))
    form.addEventListener('submit', () => this.stop())
    window.addEventListener('online', () => this.waiting && this.soon(0))
    document.addEventListener('visibilitychange', () => { if (document.hidden && this.timer) this.save(true) })
    this.restore()
  }

  tell (key, values, failed = false) {
    if (!this.status) return
    this.status.replaceChildren(icon(failed ? 'triangle' : 'check'), say(key, values))
    this.status.classList.toggle('qt-saved--failed', failed)
  }

  soon (wait) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save(), wait)
  }

  stop () {
    clearTimeout(this.timer)
    this.timer = null
    this.left = true
    // The copy is dropped by the next page that shows no such form: then the server has taken what was sent.
    try { sessionStorage.setItem('qt-sent', this.key) } catch { /* the copy ages out after a week */ }
  }

  // leaving: the page is being hidden, perhaps for ever; the browser then only lets a beacon-like request through.
  async save (leaving = false) {
    this.timer = null
    const now = pairs(this.form)
    const text = JSON.stringify(now)
    if (this.left || (text === this.sent && !this.waiting)) return
    if (this.saving) { this.again = true; return }
    this.saving = true
    try {
      if (leaving) store.write(this.key, { at: Date.now(), pairs: now })
      const answer = await post(this.form.dataset.draftUrl, new URLSearchParams(now))
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status))
      const { saved_at: at } = await answer.json().catch(() => ({}))
      this.sent = text
      this.waiting = false
      store.drop(this.key)
      this.tell('draft_saved', { time: clockTime(at ? new Date(at) : new Date()) })
    } catch {
      // Offline, locked session or a server that restarts: any of them heals, so keep and try again.
      store.write(this.key, { at: Date.now(), pairs: now })
      this.waiting = true
      this.tell('draft_failed', {}, true)
      if (!this.left) this.soon(15000)
    } finally {
      this.saving = false
      if (this.again) { this.again = false; this.soon(800) }
    }
  }

  restore () {
    const copy = store.read(this.key)
    const savedAt = Date.parse(this.form.dataset.draftSavedAt || '') || 0
    if (!copy?.pairs || copy.at <= savedAt || Date.now() - copy.at > 7 * DAY) return store.drop(this.key)
    if (this.form.querySelector('[aria-invalid="true"]')) return // the server has just given back what was sent, which is newer
    putBack(this.form, copy.pairs)
    this.waiting = true
    this.tell('draft_restored')
    this.soon(800)
  }
}

const forms = [...document.querySelectorAll('form[data-draft-url]')]
try {
  const sent = sessionStorage.getItem('qt-sent')
  if (sent && !forms.some(form => prefix + form.dataset.draftUrl === sent)) store.drop(sent)
  sessionStorage.removeItem('qt-sent')
} catch { /* storage is off: there is no copy either */ }
forms.forEach(form => new Draft(form))
