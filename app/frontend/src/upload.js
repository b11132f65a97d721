// Files go up when they are chosen, so that the form is sent quickly and a chosen file survives an error in another field.
import { arrived, began, settle } from './sending.js'
import { csrf } from './server.js'
import { fileSize, icon, say } from './texts.js'

// fetch cannot tell how far a sending is; XMLHttpRequest can.
const send = (url, file, onProgress) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest()
  const body = new FormData()
  body.append('file', file, file.name)
  request.open('POST', url)
  request.setRequestHeader('X-CSRFToken', csrf())
  request.setRequestHeader('Accept', 'application/json')
  request.responseType = 'json'
  request.upload.addEventListener('progress', event => event.lengthComputable && onProgress(event.loaded / event.total))
  request.addEventListener('load', () => {
    if (request.status < 300 && request.response?.id != null) resolve(request.response)
    else reject(new Error(request.response?.message ?? say('upload_failed')))
  })
  request.addEventListener('error', () => reject(new Error(say('upload_failed'))))
  request.send(body)
})

const line = (list, ...parts) => {
  const item = document.createElement('li')
  item.className = 'qt-rowline'
  item.append(...parts)
  list.append(item)
  return item
}

function words (tag, className, ...content) {
  const element = document.createElement(tag)
  element.className = className
  element.append(...content)
  return element
}

function dropButton (name, act) {
  const button = words('button', 'govuk-button govuk-button--secondary qt-button--small', icon('close'), words('span', 'govuk-visually-hidden', say('upload_remove', { name })))
  button.type = 'button'
  button.addEventListener('click', act)
  return button
}

async function take (input, file) {
  const { form } = input
  began(form)
  try { await bring(input, file) } finally { arrived(form) }
}

async function bring (input, file) {
  const list = document.querySelector(`[data-files-for="${input.id}"]`)
  const state = words('span', 'qt-small qt-quiet')
  const bar = document.createElement('progress')
  bar.className = 'qt-files__bar'
  bar.max = 1
  bar.value = 0
  bar.setAttribute('aria-label', file.name)
  state.append(bar)
  const item = line(list, words('span', '', icon('file'), ' ' + file.name), state)
  try {
    const { id, name, size } = await send(input.dataset.uploadUrl, file, part => { bar.value = part; bar.title = say('upload_wait', { n: Math.round(part * 100) }) })
    const twin = [...item.parentElement.querySelectorAll('input')].find(other => other.value === String(id))
    if (twin) { // the same file again is the one that stands there
      if (twin.type === 'checkbox') twin.checked = true
      item.remove()
      return changed(input)
    }
    const keep = document.createElement('input')
    Object.assign(keep, { type: 'hidden', name: input.dataset.name, value: id })
    state.replaceChildren(fileSize(size ?? file.size))
    item.append(keep, dropButton(name ?? file.name, () => { item.remove(); changed(input) }))
    if (!input.multiple) for (const other of [...item.parentElement.children]) if (other !== item) other.remove()
  } catch (error) {
    state.replaceChildren(words('span', 'is-failed', error.message))
    state.setAttribute('role', 'alert')
    item.append(dropButton(file.name, () => { item.remove(); settle(input) }))
  }
  changed(input)
}

// The draft knows the files too, and fields that depend on them.
function changed (input) {
  input.form?.dispatchEvent(new CustomEvent('qt:draft'))
  input.dispatchEvent(new CustomEvent('qt:files', { bubbles: true }))
}

const equipped = new WeakSet()

// Again after each redraw of the fields: the server's answer gives the input its name back.
function equip (input) {
  if (input.name) input.dataset.name = input.name
  input.removeAttribute('name') // the ids go with the form, not the bytes once more
  if (equipped.has(input)) return
  equipped.add(input)
  input.addEventListener('change', () => {
    const files = [...input.files]
    input.value = ''
    document.querySelectorAll(`[data-files-for="${input.id}"] li:has(.is-failed)`).forEach(item => item.remove())
    settle(input)
    files.forEach(file => take(input, file))
  })
}

const all = () => document.querySelectorAll('input[type="file"][data-upload-url]').forEach(equip)
document.addEventListener('qt:fields', all)
document.addEventListener('htmx:after:swap', all)
all()
