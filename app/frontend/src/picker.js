// A field whose choices are many (app/picking.py): the server finds them as one types, for what is entered so far. The search is
// a combobox by the rules of ARIA: arrows go through what was found, Enter chooses, Escape closes. What is chosen stands beside it
// as the radios and boxes that the page without scripts has, so that drafts, redrawn fields and sending know nothing of it.
import { post } from './server.js'
import { say } from './texts.js'

const SOUGHT = '_sought:'
const pickerOf = field => field.closest?.('[data-picker]')
const listOf = picker => picker.querySelector('[role="listbox"]')
const searchOf = picker => picker.querySelector(`[name^="${SOUGHT}"]`)
const tell = (picker, words) => { picker.querySelector('[data-told]').textContent = words }
const options = picker => [...listOf(picker)?.children ?? []]

function ready (picker) {
  const search = searchOf(picker)
  picker.querySelector('[data-found]').replaceChildren() // What the page found is found anew in the list.
  const list = document.createElement('ul')
  list.id = `${search.id}-list`
  list.className = 'qt-picker__list'
  list.hidden = true
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', picker.closest('fieldset')?.querySelector('legend')?.textContent.trim() ?? '')
  listOf(picker)?.remove()
  search.parentElement.append(list)
  for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', list.id]]) search.setAttribute(name, value)
}

function close (picker) {
  const search = searchOf(picker)
  picker.asking?.abort()
  clearTimeout(picker.soon)
  if (listOf(picker)) listOf(picker).hidden = true
  search.setAttribute('aria-expanded', 'false')
  search.removeAttribute('aria-activedescendant')
}

async function find (picker) {
  const search = searchOf(picker)
  const name = picker.dataset.picker
  picker.asking?.abort()
  picker.asking = new AbortController()
  const { signal } = picker.asking
  const values = new URLSearchParams([...new FormData(search.form)].filter(([key, value]) => typeof value === 'string' && !key.startsWith(SOUGHT)))
  values.append('_find', name)
  values.append(SOUGHT + name, search.value)
  try {
    const answer = await post(picker.dataset.choicesUrl ?? search.form.dataset.choicesUrl, values, { signal })
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status))
    show(picker, await answer.json())
  } catch (error) {
    if (error.name !== 'AbortError') tell(picker, say('request_failed'))
  }
}

function show (picker, { choices, told }) {
  const search = searchOf(picker)
  const list = listOf(picker)
  if (!list || document.activeElement !== search) return
  list.replaceChildren(...choices.map(({ value, label }, number) => {
    const row = document.createElement('li')
    row.id = `${list.id}-${number}`
    row.setAttribute('role', 'option')
    row.setAttribute('aria-selected', 'false')
    row.dataset.value = value
    row.textContent = label
    return row
  }))
  list.hidden = choices.length === 0
  search.setAttribute('aria-expanded', String(choices.length > 0))
  search.removeAttribute('aria-activedescendant')
  tell(picker, told)
}

function go (picker, step) {
  const rows = options(picker)
  if (!rows.length) return
  const here = rows.findIndex(row => row.getAttribute('aria-selected') === 'true')
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : (here + step + rows.length) % rows.length
  rows.forEach((row, number) => row.setAttribute('aria-selected', String(number === next)))
  rows[next].scrollIntoView({ block: 'nearest' })
  searchOf(picker).setAttribute('aria-activedescendant', rows[next].id)
}

// The choice stands in the form, ticked, under its name; the one before it goes where only one may be chosen.
export function hold (picker, value, label = value) {
  const kept = picker.querySelector('[data-picked]')
  const held = [...kept.querySelectorAll('input')].find(one => one.value === value)
  const several = picker.dataset.picks === 'checkbox'
  const input = held ?? Object.assign(document.createElement('input'), { type: picker.dataset.picks, name: picker.dataset.picker, value })
  if (!held) {
    if (!several) for (const one of kept.querySelectorAll('input')) if (one.value) one.closest('label').remove()
    const row = document.createElement('label')
    row.className = 'qt-radio'
    const words = document.createElement('span')
    words.textContent = label
    row.append(input, words)
    kept.append(row)
  }
  input.checked = true
  return input
}

function choose (picker, row) {
  const search = searchOf(picker)
  const label = row.textContent
  const input = hold(picker, row.dataset.value, label)
  search.value = ''
  close(picker)
  tell(picker, say('picked', { name: label }))
  input.dispatchEvent(new Event('change', { bubbles: true }))
}

function sought (event) {
  const picker = event.target.name?.startsWith?.(SOUGHT) && pickerOf(event.target)
  return picker && listOf(picker) ? picker : null
}

document.addEventListener('input', event => {
  const picker = sought(event)
  if (!picker) return
  clearTimeout(picker.soon)
  picker.soon = setTimeout(() => find(picker), 150)
})
document.addEventListener('keydown', event => {
  const picker = sought(event)
  if (!picker || event.ctrlKey || event.metaKey || event.isComposing) return
  const isOpen = !listOf(picker).hidden
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault()
    if (isOpen) go(picker, event.key === 'ArrowDown' ? 1 : -1)
    else find(picker)
  } else if (event.key === 'Enter') {
    event.preventDefault() // It would send the form.
    const rows = isOpen ? options(picker) : []
    const row = rows.find(one => one.getAttribute('aria-selected') === 'true') ?? (rows.length === 1 ? rows[0] : null)
    if (row) choose(picker, row)
    else find(picker)
  } else if (event.key === 'Escape') {
    if (isOpen) event.preventDefault()
    close(picker)
  }
})
document.addEventListener('mousedown', event => { if (event.target.closest?.('.qt-picker__list')) event.preventDefault() }) // The search keeps the focus.
document.addEventListener('click', event => {
  const row = event.target.closest?.('.qt-picker__list [role="option"]')
  if (row) choose(pickerOf(row), row)
})
document.addEventListener('focusout', event => {
  const picker = sought(event)
  if (picker) close(picker)
})

const all = () => document.querySelectorAll('[data-picker]').forEach(picker => { if (!listOf(picker)) ready(picker) })
document.addEventListener('qt:fields', all)
all()
