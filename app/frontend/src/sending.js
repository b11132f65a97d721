// A form goes when its files have arrived, and not without a file that was refused: nobody should find out later that one is missing.
import { say } from './texts.js'

const running = new WeakMap() // form -> how many of its files are on their way
const waiting = new WeakMap() // form -> gives its button back and sends it

export function began (form) { running.set(form, (running.get(form) ?? 0) + 1) }

export function arrived (form) {
  running.set(form, running.get(form) - 1)
  if (!running.get(form)) waiting.get(form)?.()
}

function wait (form, submitter) {
  if (waiting.has(form)) return
  const button = submitter && !submitter.matches('[aria-hidden]') ? submitter : form.querySelector('.govuk-button-group button')
  const words = [...button.childNodes]
  button.replaceChildren(say('upload_sending'))
  button.setAttribute('aria-busy', 'true')
  waiting.set(form, () => {
    waiting.delete(form)
    button.replaceChildren(...words)
    button.removeAttribute('aria-busy')
    form.requestSubmit(submitter)
  })
}

// The sentence at a field whose refused file still stands there; it goes with the file.
export function settle (input) {
  const note = document.getElementById(`${input.id}-refused`)
  if (!note || document.querySelector(`[data-files-for="${input.id}"] .is-failed`)) return
  note.remove()
  input.removeAttribute('aria-invalid')
}

function stop (form) {
  const list = form.querySelector('[data-files-for]:has(.is-failed)')
  const input = list && document.getElementById(list.dataset.filesFor)
  if (!input) return false
  if (!document.getElementById(`${input.id}-refused`)) {
    const note = document.createElement('li') // in the list, which outlasts a redrawing of the fields
    note.className = 'govuk-error-message'
    note.id = `${input.id}-refused`
    note.setAttribute('role', 'alert')
    note.textContent = say('upload_refused')
    list.prepend(note)
    input.setAttribute('aria-invalid', 'true')
  }
  input.focus({ preventScroll: true })
  list.closest('.govuk-form-group').scrollIntoView({ block: 'center' })
  return true
}

// A file that was chosen beside the form, but not added to the case yet, would be left behind as well.
function beside (form) {
  const input = form.matches('[data-task]') && [...document.querySelectorAll('form:not([data-task]) input[type="file"]')].find(one => one.files.length)
  if (!input) return false
  input.setCustomValidity(say('upload_beside'))
  input.reportValidity()
  input.setCustomValidity('')
  return true
}

// Before everybody else: a form that stays is not sent yet, so its draft goes on and its button may be pressed again.
document.addEventListener('submit', event => {
  const { target: form, submitter } = event
  if (['_add', '_remove', '_turn'].includes(submitter?.name)) return
  const isDraft = submitter?.name === '_close'
  if (running.get(form)) wait(form, submitter)
  else if (isDraft || !(stop(form) || beside(form))) return
  event.preventDefault()
  event.stopImmediatePropagation()
}, true)
