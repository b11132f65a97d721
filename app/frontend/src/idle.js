// Says a minute before that the session will lock, and keeps it open while somebody works in any window of this browser.
import { post } from './server.js'
import { fill } from './texts.js'

const seconds = Number(document.body.dataset.idleSeconds ?? 0)
const dialog = document.getElementById('idle')
const WARNING = Math.min(60, seconds / 2)
let told = Date.now() // when the server last heard of us
let active = told

const others = () => {
  try { return Number(localStorage.getItem('qt-active') ?? 0) } catch { return 0 }
}
function keep () {
  told = active = Date.now()
  try { localStorage.setItem('qt-active', String(told)) } catch { /* storage is off: this window speaks for itself */ }
  post(document.body.dataset.keepUrl).catch(() => { /* offline: the next sign of life asks again */ })
}

function tick () {
  told = Math.max(told, others())
  if (active > told && Date.now() - told > seconds * 250 && !dialog.open) keep()
  const left = Math.round(seconds - (Date.now() - told) / 1000)
  if (left <= 0) return location.reload() // the server has locked the session: it shows the login and comes back here
  if (left > WARNING) return dialog.open && dialog.close()
  if (!dialog.open) dialog.showModal()
  const words = dialog.querySelector('[data-idle-left]')
  words.textContent = fill(words.dataset.text, { n: left })
}

if (seconds && dialog) {
  for (const sign of ['pointerdown', 'keydown', 'scroll']) {
    document.addEventListener(sign, () => { if (!dialog.open) active = Date.now() }, { passive: true })
  }
  dialog.addEventListener('close', () => { if (Date.now() - told > 1000) keep() })
  setInterval(tick, 1000)
}
