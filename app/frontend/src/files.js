// File fields speak the page's language: the browser's own button speaks the machine's, which is often English.
// The real field stays above its looks, unseen: it keeps label, focus, keyboard and what is dropped on it.
import { fileSize, icon, say } from './texts.js'

// One chosen file: its name, its size, and a button that takes it out of the field again.
function line (field, file) {
  const item = document.createElement('li')
  item.className = 'qt-rowline'
  const name = document.createElement('span')
  name.append(icon('file'), ' ' + file.name)
  const size = document.createElement('span')
  size.className = 'qt-small qt-quiet'
  size.textContent = fileSize(file.size)
  const remove = document.createElement('button')
  remove.type = 'button'
  remove.className = 'govuk-button govuk-button--secondary qt-button--small'
  const words = document.createElement('span')
  words.className = 'govuk-visually-hidden'
  words.textContent = say('upload_remove', { name: file.name })
  remove.append(icon('close'), words)
  remove.addEventListener('click', () => {
    const rest = new DataTransfer()
    for (const other of field.files) if (other !== file) rest.items.add(other)
    field.files = rest.files
    field.dispatchEvent(new Event('change', { bubbles: true }))
    field.focus()
  })
  item.append(name, size, remove)
  return item
}

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
  const list = document.createElement('ul')
  list.className = 'qt-list qt-files'
  // A field that uploads at once has a list of its own, made by the server.
  if (!document.querySelector(`[data-files-for="${field.id}"]`)) box.after(list)
  const tell = () => {
    chosen.textContent = field.files.length ? '' : say(field.multiple ? 'files_drop' : 'file_drop')
    list.replaceChildren(...[...field.files].map(file => line(field, file)))
  }
  for (const event of ['dragenter', 'dragover']) box.addEventListener(event, () => box.classList.add('is-over'))
  for (const event of ['dragleave', 'drop', 'dragend']) box.addEventListener(event, () => box.classList.remove('is-over'))
  field.addEventListener('change', () => setTimeout(tell)) // whoever uploads at once has emptied the field by then
  field.form?.addEventListener('reset', () => setTimeout(tell))
  tell()
}

const all = () => document.querySelectorAll('input[type="file"].govuk-file-upload').forEach(dress)
document.addEventListener('htmx:after:swap', all)
new MutationObserver(all).observe(document.body, { childList: true, subtree: true })
all()
