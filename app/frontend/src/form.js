// Fields that depend on others: the server, which knows the rules, draws the fields anew; what is typed and the focus stay.
import htmx from 'htmx.org'
import { post } from './server.js'
import { say } from './texts.js'

const choice = field => ['checkbox', 'radio'].includes(field.type)
const identity = field => choice(field) ? `${field.name}=${field.value}` : field.name
const typed = fields => [...fields.querySelectorAll('input, select, textarea')]
  .filter(field => field.name && !field.readOnly && !['file', 'hidden'].includes(field.type))

// People go on typing while the answer is on its way, so what stands in a field now goes before what the server was sent.
async function swap (fields, text) {
  const before = new Map(typed(fields).map(field => [identity(field), choice(field) ? field.checked : field.value]))
  await htmx.swap({ text, target: fields, sourceElement: fields, swap: 'innerMorph' })
  for (const field of typed(fields)) {
    const value = before.get(identity(field))
    if (value === undefined) continue
    if (choice(field)) field.checked = value
    else if (field.tagName !== 'SELECT' || [...field.options].some(option => option.value === value)) field.value = value
  }
}

async function redraw (form) {
  const fields = form.querySelector('[data-form-fields]')
  form.previewing?.abort()
  form.previewing = new AbortController()
  const { signal } = form.previewing
  const values = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'))
  try {
    const answer = await post(form.dataset.previewUrl, values, { accept: 'text/html', signal })
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status))
    await swap(fields, await answer.text())
    fields.dispatchEvent(new CustomEvent('qt:fields', { bubbles: true }))
    form.querySelector('[data-failed]')?.remove()
  } catch (error) {
    if (error.name === 'AbortError' || form.querySelector('[data-failed]')) return
    fields.insertAdjacentHTML('beforebegin', '<p class="qt-note" data-failed role="alert"></p>')
    form.querySelector('[data-failed]').textContent = say('request_failed')
  }
}

for (const form of document.querySelectorAll('form[data-preview-url]')) {
  form.addEventListener('change', event => {
    if (event.target.closest('[data-affects]')) redraw(form)
  })
}
