// A field that was refused and has been changed since no longer says that it is wrong: whether it is right now the server says
// when the form is sent. What was typed is looked at on leaving the field, not at each letter.
// The summary above keeps its place for good and only strikes out what was changed.
import { letGo } from './pressed.js'

document.addEventListener('change', event => letGo().then(() => mend(event.target)))

function mend (changed) {
  const group = changed.closest('.govuk-form-group--error')
  if (!group) return
  const note = [...group.children].flatMap(child => [child, ...child.querySelectorAll(':scope > .govuk-error-message')]).find(child => child.classList.contains('govuk-error-message'))
  if (!note) return
  const marked = [...group.querySelectorAll('[aria-invalid]')]
  for (const field of [changed, ...marked, ...group.querySelectorAll(`[aria-describedby~="${CSS.escape(note.id)}"]`)]) {
    field.removeAttribute('aria-invalid')
    field.classList.remove('govuk-input--error', 'govuk-textarea--error', 'govuk-select--error')
    const others = (field.getAttribute('aria-describedby') ?? '').split(' ').filter(id => id && id !== note.id)
    if (others.length) field.setAttribute('aria-describedby', others.join(' '))
    else field.removeAttribute('aria-describedby')
  }
  note.remove()
  group.classList.remove('govuk-form-group--error')
  const ids = new Set([group.id, ...[...group.querySelectorAll('[id]')].map(one => one.id)])
  for (const link of document.querySelectorAll('[data-error-summary] a[href^="#"]')) link.classList.toggle('is-mended', link.matches('.is-mended') || ids.has(link.hash.slice(1)))
}
