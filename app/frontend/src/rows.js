// Lists worked by keyboard, and the bar for the rows that are picked.
import { onKey } from './keyboard.js'
import { fill } from './texts.js'

const table = document.querySelector('table[data-rows]')
const rows = table ? [...table.tBodies].flatMap(body => [...body.rows]) : []
const box = row => row.querySelector('input[type="checkbox"][name]')
const link = row => row.querySelector('.qt-main-link')
const place = 'qt-row:' + location.pathname + location.search
let at = -1
let last = -1

function remember (id) {
  try { sessionStorage.setItem(place, id) } catch { /* storage is off: the list opens at its first row */ }
}

function stand (index, { focus = true } = {}) {
  rows[at]?.classList.remove('is-at')
  at = Math.max(0, Math.min(rows.length - 1, index))
  rows[at].classList.add('is-at')
  if (focus) link(rows[at])?.focus({ preventScroll: true })
  rows[at].scrollIntoView({ block: 'nearest' })
}

const picked = () => rows.filter(row => box(row)?.checked)
function showPicked () {
  const all = table.querySelector('[data-pick-all]')
  const count = picked().length
  if (all) {
    all.checked = count > 0 && count === rows.length
    all.indeterminate = count > 0 && count < rows.length
  }
  for (const bar of document.querySelectorAll('[data-bulk]')) {
    bar.classList.toggle('is-on', count > 0)
    for (const words of bar.querySelectorAll('[data-count-text]')) words.textContent = fill(words.dataset.countText, { n: count })
  }
}

function pick (index, value) {
  const check = rows[index] && box(rows[index])
  if (check) check.checked = value ?? !check.checked
}

function unpick () {
  rows.forEach((_, index) => pick(index, false))
  showPicked()
}

if (rows.length) {
  table.addEventListener('change', event => {
    if (event.target.matches('[data-pick-all]')) rows.forEach((_, index) => pick(index, event.target.checked))
    last = rows.indexOf(event.target.closest('tr'))
    showPicked()
  })
  table.addEventListener('click', event => {
    const row = event.target.closest('tbody tr')
    if (row && event.target.closest('.qt-main-link')) remember(row.id)
  })
  table.addEventListener('focusin', event => {
    const index = rows.indexOf(event.target.closest('tbody tr'))
    if (index >= 0 && index !== at) stand(index, { focus: false })
  })
  document.querySelectorAll('[data-unpick]').forEach(button => button.addEventListener('click', event => {
    event.preventDefault()
    unpick()
  }))
  onKey(['j'], () => stand(at + 1))
  onKey(['k'], () => stand(at - 1))
  onKey(['x'], event => {
    if (at < 0) return false
    const [from, to] = event.shiftKey && last >= 0 ? [Math.min(last, at), Math.max(last, at)] : [at, at]
    for (let index = from; index <= to; index++) pick(index, event.shiftKey ? true : undefined)
    last = at
    showPicked()
  })
  onKey(['Enter'], () => at >= 0 && (link(rows[at])?.click(), true))
  onKey(['n'], () => {
    const claim = rows[at]?.querySelector('[data-claim]')
    claim?.click()
    return Boolean(claim)
  })
  onKey(['Escape'], () => picked().length > 0 && (unpick(), true))
  showPicked()
  let back = null
  try { back = sessionStorage.getItem(place) } catch { /* as above */ }
  const index = rows.findIndex(row => row.id && row.id === back)
  if (index >= 0) stand(index)
}
