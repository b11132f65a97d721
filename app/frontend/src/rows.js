// Lists worked by keyboard, and the bar for the rows that are picked. Lists are swapped by filters, so nothing is remembered
// of the page but the row one stands on.
import { onKey } from './keyboard.js'
import { fill } from './texts.js'

const rows = () => [...document.querySelectorAll('table[data-rows] > tbody > tr')]
const here = () => document.querySelector('table[data-rows] tr.is-at')
const box = row => row?.querySelector('input[type="checkbox"][name]')
const link = row => row?.querySelector('.qt-main-link')
const place = () => 'qt-row:' + location.pathname + location.search
let last = null

function stand (row, { focus = true } = {}) {
  here()?.classList.remove('is-at')
  row.classList.add('is-at')
  if (focus) link(row)?.focus({ preventScroll: true })
  row.scrollIntoView({ block: 'nearest' })
}

function move (step) {
  const all = rows()
  if (!all.length) return false
  const at = all.indexOf(here())
  stand(all[Math.max(0, Math.min(all.length - 1, at + step))])
}

const picked = () => rows().filter(row => box(row)?.checked)
function showPicked () {
  const count = picked().length
  for (const all of document.querySelectorAll('[data-pick-all]')) {
    all.checked = count > 0 && count === rows().filter(box).length
    all.indeterminate = count > 0 && !all.checked
  }
  for (const bar of document.querySelectorAll('[data-bulk]')) {
    bar.classList.toggle('is-on', count > 0)
    for (const words of bar.querySelectorAll('[data-count-text]')) words.textContent = fill(words.dataset.countText, { n: count })
  }
}

function pickAll (value) {
  rows().forEach(row => { if (box(row)) box(row).checked = value })
  showPicked()
}

function pick (event) {
  const at = here()
  if (!box(at)) return false
  const all = rows()
  const range = event.shiftKey && last ? [all.indexOf(last), all.indexOf(at)].sort((a, b) => a - b) : null
  if (range) all.slice(range[0], range[1] + 1).forEach(row => { if (box(row)) box(row).checked = true })
  else box(at).checked = !box(at).checked
  last = at
  showPicked()
}

document.addEventListener('change', event => {
  if (event.target.matches('[data-pick-all]')) return pickAll(event.target.checked)
  if (!event.target.closest('table[data-rows]')) return
  last = event.target.closest('tr')
  showPicked()
})
document.addEventListener('click', event => {
  if (event.target.closest('[data-unpick]')) {
    event.preventDefault()
    pickAll(false)
  }
  const row = event.target.closest('table[data-rows] > tbody > tr')
  if (!row?.id || !event.target.closest('.qt-main-link')) return
  try { sessionStorage.setItem(place(), row.id) } catch { /* storage is off: the list opens at its top */ }
})
document.addEventListener('focusin', event => {
  const row = event.target.closest('table[data-rows] > tbody > tr')
  if (row && row !== here()) stand(row, { focus: false })
})

onKey(['j'], () => move(1))
onKey(['k'], () => move(-1))
onKey(['x'], pick)
onKey(['Enter'], () => {
  const open = link(here())
  open?.click()
  return Boolean(open)
})
onKey(['n'], () => {
  const claim = (here() ?? document).querySelector('[data-claim]')
  claim?.click()
  return Boolean(claim)
})
onKey(['Escape'], () => picked().length > 0 && (pickAll(false), true))

// Back from a task one stands on its row again: the address says which (#task-12), or this window remembers.
function comeBack () {
  let id = location.hash.slice(1)
  try { id ||= sessionStorage.getItem(place()) ?? '' } catch { /* as above */ }
  const row = rows().find(row => row.id && row.id === id)
  if (row) stand(row)
}
document.addEventListener('htmx:after:swap', showPicked)
window.addEventListener('pageshow', showPicked)
showPicked()
comeBack()
