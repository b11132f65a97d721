// Fields that depend on others: the server, which knows the rules, draws the fields anew; what is typed and the focus stay.
import htmx from 'htmx.org'
import { letGo } from './pressed.js'
import { post } from './server.js'
import { say } from './texts.js'

const choice = field => ['checkbox', 'radio'].includes(field.type)
const identity = field => choice(field) ? `${field.name}=${field.value}` : field.name
const typed = fields => [...fields.querySelectorAll('input, select, textarea')]
  .filter(field => field.name && !field.readOnly && !['file', 'hidden'].includes(field.type))

// People go on typing while the answer is on its way, so what stands in a field now goes before what the server was sent; but
// not after a row was taken out, when the names of the rows below it have moved.
async function swap (fields, text, keep) {
  const before = new Map(typed(fields).map(field => [identity(field), choice(field) ? field.checked : field.value]))
  // What was chosen since is listed here alone; a file may still be on its way up.
  const chosen = new Map([...fields.querySelectorAll('[data-files-for]')].map(list => [list.dataset.filesFor, [...list.children]]))
  await htmx.swap({ text, target: fields, sourceElement: fields, swap: keep ? 'innerMorph' : 'innerHTML' })
  if (!keep) return
  for (const list of fields.querySelectorAll('[data-files-for]')) list.replaceChildren(...chosen.get(list.dataset.filesFor) ?? list.children)
  for (const field of typed(fields)) {
    const value = before.get(identity(field))
    if (value === undefined) continue
    if (choice(field)) field.checked = value
    else if (field.tagName !== 'SELECT' || [...field.options].some(option => option.value === value)) field.value = value
  }
}

// The server draws the fields anew for what stands in them; pressed: the button of a list or table, if one was.
async function redraw (form, pressed) {
  const fields = form.querySelector('[data-form-fields]')
  form.previewing?.abort()
  form.previewing = new AbortController()
  const { signal } = form.previewing
  const values = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'))
  if (pressed) values.append(pressed.name, pressed.value)
  try {
    const answer = await post(form.dataset.previewUrl, values, { accept: 'text/html', signal })
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status))
    const text = await answer.text()
    await letGo()
    if (signal.aborted) return false
    await swap(fields, text, pressed?.name !== '_remove')
    fields.dispatchEvent(new CustomEvent('qt:fields', { bubbles: true }))
    form.querySelector('[data-failed]')?.remove()
    return true
  } catch (error) {
    if (error.name === 'AbortError' || form.querySelector('[data-failed]')) return false
    fields.insertAdjacentHTML('beforebegin', '<p class="qt-note" data-failed role="alert"></p>')
    form.querySelector('[data-failed]').textContent = say('request_failed')
    return false
  }
}

const byId = name => document.getElementById('f-' + name.replaceAll('.', '-'))
// Where one goes on: in the row that has come, on the list that a row has left, on the table whose page was turned.
function goOn (name, value) {
  if (name === '_turn') return byId(value.slice(0, value.lastIndexOf(':')))
  if (name === '_remove') return byId(value.slice(0, value.lastIndexOf('.')))
  const row = [...(byId(value)?.querySelectorAll(':scope > .qt-list-row') ?? [])].at(-1)
  return row?.querySelector('input:not([type="hidden"]), select, textarea') ?? byId(value)
}

for (const form of document.querySelectorAll('form[data-preview-url]')) {
  form.addEventListener('change', event => {
    // A file is no value before it has arrived.
    if (event.target.type !== 'file' && event.target.closest('[data-affects]')) redraw(form)
  })
  form.addEventListener('qt:files', event => event.target.closest('[data-affects]') && redraw(form))
  form.addEventListener('submit', async event => {
    const button = event.submitter
    if (!['_add', '_remove', '_turn'].includes(button?.name)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const { name, value } = button
    if (!await redraw(form, { name, value })) return
    goOn(name, value)?.focus()
    if (name !== '_turn') form.dispatchEvent(new CustomEvent('qt:draft'))
  }, true)
}
