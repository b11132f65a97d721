// What every page has: htmx, shortcuts, dialogs, toasts and errors. Everything works without it, only slower.
import 'htmx.org'
import './dialogs.js'
import './files.js'
import './idle.js'
import './mended.js'
import './narrow.js'
import './native.js'
import './picker.js'
import './rows.js'
import { onAnyKey } from './keyboard.js'
import { csrf } from './server.js'
import { clockTime, dayOf, say } from './texts.js'

document.addEventListener('htmx:config:request', event => {
  event.detail.ctx.request.headers['X-CSRFToken'] = csrf()
})

// A failed fragment leaves the page as it was; the alert stands where the answer would have been.
function failed (event) {
  const target = event.detail.ctx?.target
  if (!(target instanceof Element) || target.previousElementSibling?.matches('[data-failed]')) return
  const note = document.createElement('p')
  note.className = 'qt-note'
  note.dataset.failed = ''
  note.setAttribute('role', 'alert')
  note.textContent = say('request_failed')
  target.before(note)
}
document.addEventListener('htmx:error', failed)
document.addEventListener('htmx:response:error', event => { if (event.detail.ctx.response?.raw?.status >= 500) failed(event) })
document.addEventListener('htmx:after:swap', () => document.querySelectorAll('[data-failed]').forEach(note => note.remove()))

onAnyKey('Ctrl+Enter', event => {
  const form = event.target.closest('form[data-task]') ?? (event.target.closest('form') ? null : document.querySelector('form[data-task]'))
  form?.requestSubmit()
  return Boolean(form)
})

// A second click while the first is on its way would only be refused by the server with a sentence nobody needs.
document.addEventListener('submit', event => {
  const form = event.target
  if (event.defaultPrevented || form.method !== 'post') return
  if (Date.now() - Number(form.dataset.sentAt ?? 0) < 3000) event.preventDefault()
  else form.dataset.sentAt = Date.now()
})
window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent-at]').forEach(form => delete form.dataset.sentAt))

function focusField (field) {
  const group = field.closest('.govuk-form-group, fieldset') ?? field
  field.focus({ preventScroll: true })
  const { top, bottom } = group.getBoundingClientRect()
  if (top < 0 || bottom > window.innerHeight) group.scrollIntoView({ block: 'center' })
}
const summary = document.querySelector('[data-error-summary]')
if (summary) {
  summary.addEventListener('click', event => {
    const field = event.target.hash && document.getElementById(event.target.hash.slice(1))
    if (!field) return
    event.preventDefault()
    focusField(field)
  })
  const first = document.querySelector('[aria-invalid="true"]')
  if (first) focusField(first)
  else summary.focus()
}

// Screen readers announce what changes in a live region, not what was in it when the page opened: so toasts enter once more.
for (const toast of document.querySelectorAll('[data-toasts] .qt-toast')) {
  const region = toast.parentElement
  toast.remove()
  setTimeout(() => region.append(toast), 100)
  const leave = () => toast.matches(':hover, :focus-within') ? setTimeout(leave, 2000) : toast.remove()
  setTimeout(leave, 10000)
}

window.addEventListener('beforeprint', () => {
  const now = new Date()
  document.querySelectorAll('[data-printed-at]').forEach(place => {
    place.textContent = `${clockTime(now)} ${dayOf(now)}`
  })
})
