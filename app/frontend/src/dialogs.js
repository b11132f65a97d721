// Dialogs, menus and the account's display. Without scripts a dialog opens as the target of its link, a menu is a <details>.
import { onKey } from './keyboard.js'
import { post } from './server.js'

const open = id => {
  const dialog = document.getElementById(id)
  if (dialog && !dialog.open) dialog.showModal()
  return Boolean(dialog)
}

document.addEventListener('click', event => {
  const opener = event.target.closest('[data-dialog]')
  if (opener && open(opener.dataset.dialog || opener.hash?.slice(1))) event.preventDefault()
  const closer = event.target.closest('[data-dialog-close]')
  if (closer) {
    event.preventDefault()
    closer.closest('dialog').close()
    if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  }
  for (const menu of document.querySelectorAll('details[data-menu][open]')) {
    if (!menu.contains(event.target) || opener) menu.open = false
  }
  const toggle = event.target.closest('[data-toggle-side]')
  if (toggle) {
    event.preventDefault()
    const shown = document.getElementById('nav').classList.toggle('is-open')
    toggle.setAttribute('aria-expanded', String(shown))
  }
})
for (const toggle of document.querySelectorAll('[data-toggle-side]')) {
  toggle.setAttribute('role', 'button')
  toggle.setAttribute('aria-expanded', 'false')
  toggle.setAttribute('aria-controls', 'nav')
}
document.addEventListener('keydown', event => {
  const menu = event.key === 'Escape' && document.querySelector('details[data-menu][open]')
  if (!menu) return
  menu.open = false
  menu.querySelector('summary').focus()
  event.preventDefault()
}, true)
onKey(['?'], () => open('keys'))
onKey(['/'], () => {
  const find = document.querySelector('[data-find]')
  find?.focus()
  return Boolean(find)
})

// What belongs to the person and not to the screen is kept with the account; if that fails it lasts until the page closes.
function keep (name, value) {
  const body = new FormData()
  body.set(name, value)
  post('/account/display', body).catch(() => {})
}

for (const field of document.querySelectorAll('[data-look]')) {
  const name = field.dataset.look
  const root = document.documentElement
  const box = field.type === 'checkbox'
  if (box) field.checked = root.dataset[name] === field.value
  else field.value = root.dataset[name] ?? ''
  field.addEventListener('change', () => {
    const value = box && !field.checked ? '' : field.value
    if (value) root.dataset[name] = value
    else delete root.dataset[name]
    if ('kept' in field.dataset) keep(name, value)
    else try { localStorage.setItem('qt-' + name, value) } catch { /* storage is off: the choice lasts until the page closes */ }
    document.dispatchEvent(new CustomEvent('qt:look'))
  })
}
