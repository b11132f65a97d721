// A field that was refused and has been changed since no longer says that it is wrong: whether it is right now the server says
// when the form is sent. What was typed is looked at on leaving the field, not at each letter.
document.addEventListener('change', event => {
  const group = event.target.closest('.govuk-form-group--error')
  if (!group) return
  const note = [...group.children].flatMap(child => [child, ...child.querySelectorAll(':scope > .govuk-error-message')]).find(child => child.classList.contains('govuk-error-message'))
  if (!note) return
  const marked = [...group.querySelectorAll('[aria-invalid]')]
  for (const field of [event.target, ...marked, ...group.querySelectorAll(`[aria-describedby~="${CSS.escape(note.id)}"]`)]) {
    field.removeAttribute('aria-invalid')
    field.classList.remove('govuk-input--error', 'govuk-textarea--error', 'govuk-select--error')
    const others = (field.getAttribute('aria-describedby') ?? '').split(' ').filter(id => id && id !== note.id)
    if (others.length) field.setAttribute('aria-describedby', others.join(' '))
    else field.removeAttribute('aria-describedby')
  }
  note.remove()
  group.classList.remove('govuk-form-group--error')
  const ids = new Set([group.id, ...[...group.querySelectorAll('[id]')].map(one => one.id)])
  const summary = document.querySelector('[data-error-summary]')
  for (const link of summary?.querySelectorAll('a[href^="#"]') ?? []) if (ids.has(link.hash.slice(1))) link.closest('li').remove()
  if (summary && !summary.querySelector('li')) summary.remove()
})
