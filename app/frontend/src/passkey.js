// Forms that the browser's passkeys answer: the server's question is fetched, the device asked, the answer sent as a form.
// Without scripts, or in a browser that knows no passkeys, the forms stay hidden and the other ways of logging in remain.
import { post } from './server.js'

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const each = (list = []) => list.map(one => ({ ...one, id: bytes(one.id) }))

const ask = {
  get: question => navigator.credentials.get({
    publicKey: { ...question, challenge: bytes(question.challenge), allowCredentials: each(question.allowCredentials) }
  }),
  create: question => navigator.credentials.create({
    publicKey: {
      ...question,
      challenge: bytes(question.challenge),
      user: { ...question.user, id: bytes(question.user.id) },
      excludeCredentials: each(question.excludeCredentials)
    }
  })
}

function answered ({ id, rawId, type, response, authenticatorAttachment }) {
  const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const given = Object.fromEntries(parts.filter(part => response[part]).map(part => [part, text(response[part])]))
  const transports = response.getTransports?.() ?? []
  return JSON.stringify({ id, rawId: text(rawId), type, authenticatorAttachment, response: { ...given, transports } })
}

function say (form, words) {
  const place = form.querySelector('[data-passkey-said]')
  place.textContent = words
  place.hidden = !words
}

async function run (form) {
  say(form, '')
  const reply = await post(form.dataset.question, new FormData(form)).catch(() => null)
  const question = await reply?.json().catch(() => null)
  if (!reply?.ok) return say(form, question?.errors?.join(' ') ?? question?.message ?? form.dataset.wordsFailed)
  try {
    form.elements.answer.value = answered(await ask[form.dataset.passkey](question))
  } catch (refusal) {
    return say(form, refusal.name === 'InvalidStateError' ? form.dataset.wordsKnown : form.dataset.wordsStopped)
  }
  form.submit()
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false
    form.addEventListener('submit', event => {
      event.preventDefault()
      const button = form.querySelector('button')
      if (button.disabled) return
      button.disabled = true
      run(form).finally(() => { button.disabled = false })
    })
  }
}
