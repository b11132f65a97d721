// The shell's sentences in the reader's language, as the server wrote them into the page.
const texts = JSON.parse(document.getElementById('qt-texts')?.textContent ?? '{}')

// "Draft saved at {time}" with {time: "09:08"} gives "Draft saved at 09:08".
export const fill = (text, values = {}) => text.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole)
export const say = (key, values) => fill(texts[key] ?? key, values)

export const language = document.documentElement.lang || 'vi'
// Times are Vietnam's wherever the machine thinks it stands, as they are in everything the server writes.
const HERE = { timeZone: 'Asia/Ho_Chi_Minh' }
const locale = language === 'vi' ? 'vi-VN' : 'en-GB'
export const clockTime = date => date.toLocaleTimeString(locale, { ...HERE, hour: '2-digit', minute: '2-digit', hour12: false })
export const dayOf = date => date.toLocaleDateString(locale, HERE)
export function fileSize (bytes) {
  const [number, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), 'KB'] : [bytes / 1e6, 'MB']
  return `${number.toLocaleString(locale, { maximumFractionDigits: 1 })} ${unit}`
}

// An icon of the page's sprite, for what scripts add.
export function icon (name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'qt-icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', '#i-' + name)
  svg.append(use)
  return svg
}
