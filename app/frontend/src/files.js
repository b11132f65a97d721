// File fields speak the page's language: the browser's own button speaks the machine's, which is often English.
// The real field stays above its looks, unseen: it keeps label, focus, keyboard and what is dropped on it.
import { say } from './texts.js'

function dress (field) {
  if (field.parentElement.matches('.qt-file')) return
  const box = document.createElement('span')
  box.className = 'qt-file'
  const looks = document.createElement('span')
  looks.className = 'qt-file__looks'
  looks.setAttribute('aria-hidden', 'true')
  const button = document.createElement('span')
  button.className = 'qt-file__button'
  button.textContent = say(field.multiple ? 'files_choose' : 'file_choose')
  const chosen = document.createElement('span')
  looks.append(button, chosen)
  field.before(box)
  box.append(field, looks)
  const tell = () => { chosen.textContent = [...field.files].map(file => file.name).join(', ') || say('file_none') }
  field.addEventListener('change', () => setTimeout(tell)) // whoever uploads at once has emptied the field by then
  field.form?.addEventListener('reset', () => setTimeout(tell))
  tell()
}

const all = () => document.querySelectorAll('input[type="file"].govuk-file-upload').forEach(dress)
document.addEventListener('htmx:after:swap', all)
new MutationObserver(all).observe(document.body, { childList: true, subtree: true })
all()
