// Calls to our own server carry the page's CSRF token.
export const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content ?? ''

export const post = (url, body, { accept = 'application/json', signal } = {}) => fetch(url, {
  method: 'POST', body, signal, credentials: 'same-origin', headers: { 'X-CSRFToken': csrf(), Accept: accept }
})
