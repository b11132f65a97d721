// Runs before the page is painted: scripts are on, and the person's choice of colours and contrast for this machine holds.
{
  const root = document.documentElement
  root.classList.add('qt-js')
  for (const choice of ['theme', 'contrast']) {
    let value = null
    try { value = localStorage.getItem('qt-' + choice) } catch { /* storage is off in this browser: the system's choice holds */ }
    if (value) root.dataset[choice] = value
  }
}
