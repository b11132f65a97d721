// A field is often left by pressing a button below it: until the button is let go, and its click has gone through, nothing on the
// page may move, or the click would miss it.
let isPressed = false
const waiting = new Set()

document.addEventListener('mousedown', () => { isPressed = true }, true)
const release = () => setTimeout(() => { // after the click
  isPressed = false
  waiting.forEach(go => go())
  waiting.clear()
})
for (const end of ['mouseup', 'dragend']) document.addEventListener(end, release, true)
window.addEventListener('blur', release)

// Resolves at once, or as soon as the mouse is let go.
export const letGo = () => isPressed ? new Promise(resolve => waiting.add(resolve)) : Promise.resolve()
