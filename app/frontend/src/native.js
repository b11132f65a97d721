// What a browser says of a field that is empty or unfit it says in its own language, which on many machines is not the reader's.
import { say } from './texts.js'

const clear = form => { for (const field of form?.elements ?? []) field.setCustomValidity?.('') }

document.addEventListener('invalid', ({ target: field }) => {
  field.setCustomValidity('')
  const missing = field.validity.valueMissing
  const choice = field.type === 'radio' || field.tagName === 'SELECT'
  if (!field.validity.valid) field.setCustomValidity(say(!missing ? 'value_unfit' : field.type === 'file' ? 'file_missing' : choice ? 'choice_missing' : field.type === 'checkbox' ? 'tick_missing' : 'value_missing'))
}, true)
for (const change of ['input', 'change']) document.addEventListener(change, event => clear(event.target.form), true)
