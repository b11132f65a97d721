// A field above a list leaves standing what holds its words, written with or without marks. Without scripts all stands there.
const fold = text => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase()

function narrow (field) {
  const list = document.getElementById(field.dataset.narrow)
  const words = fold(field.value).split(/\s+/).filter(Boolean)
  let left = 0
  for (const group of list.querySelectorAll('[data-group]')) {
    let here = 0
    for (const row of group.querySelectorAll('[data-words]')) {
      row.hidden = !words.every(word => fold(row.dataset.words).includes(word))
      here += row.hidden ? 0 : 1
    }
    group.hidden = here === 0
    left += here
  }
  list.querySelector('[data-none]').hidden = left > 0
  document.getElementById(field.getAttribute('aria-describedby')).textContent = left || list.querySelector('[data-none]').textContent
}

document.addEventListener('input', event => { if (event.target.matches?.('[data-narrow]')) narrow(event.target) })
document.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !event.target.matches?.('[data-narrow]')) return
  event.preventDefault() // The first that is left is what was meant.
  document.querySelector(`#${event.target.dataset.narrow} [data-words]:not([hidden]) a`)?.focus()
})
