// One listener for all shortcuts. Those of one letter are off while somebody types or a dialog is open, and can be
// switched off altogether (WCAG 2.1.4): people who dictate would fire them by speaking.
const letters = new Map()
const everywhere = new Map()
let lead = -Infinity

const types = target => target.closest('textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="range"], [type="file"])')
const presses = target => target.closest('a, button, summary, input, label')
const lettersOff = () => document.documentElement.dataset.keys === 'off'

// keys: names as KeyboardEvent.key gives them, letters in lower case. act: returns false when there was nothing to do.
export const onKey = (keys, act) => keys.forEach(key => letters.set(key, act))
export const onAnyKey = (key, act) => everywhere.set(key, act)

function go (letter) {
  const link = document.querySelector(`[data-go="${letter}"]`)
  link?.click()
  return Boolean(link)
}

document.addEventListener('keydown', event => {
  const { key, target } = event
  if (event.defaultPrevented || event.isComposing || !(target instanceof Element)) return
  if (everywhere.get((event.ctrlKey || event.metaKey ? 'Ctrl+' : '') + key)?.(event)) return event.preventDefault()
  if (event.ctrlKey || event.metaKey || event.altKey || types(target) || document.querySelector('dialog[open]')) return
  if ([' ', 'Enter'].includes(key) && presses(target)) return
  if (target.matches('input[type="range"]') && key.length > 1) return
  const letter = key.length === 1 ? key.toLowerCase() : key
  if (key.length === 1 && key !== ' ' && lettersOff()) return
  const follows = event.timeStamp - lead < 1500
  lead = letter === 'g' ? event.timeStamp : -Infinity
  const done = follows && letter !== 'g' ? go(letter) : letters.get(letter)?.(event) ?? false
  if (done !== false) event.preventDefault()
})
