// Builds app/static/dist: hashed scripts, the style sheet with its fonts, and manifest.json (plain name -> hashed name).
import { build } from 'esbuild'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const out = resolve(here, '../static/dist')
const entries = ['app.css', 'early.js', 'main.js', 'draft.js', 'form.js', 'upload.js', 'diagram.js', 'replay.js', 'passkey.js']

// GDS Transport and the crest belong to the British government: neither the files nor the names may ship.
const unbrand = css => css
  .replace(/@font-face\s*{[^}]*GDS Transport[^}]*}/g, '')
  .replaceAll('GDS Transport', '"Be Vietnam Pro"')
  .replace(/url\(["']?\/assets\/[^)]*\)/g, 'none')
  .replace(/@media screen\\0[^{]*{(?:[^{}]*{[^{}]*})*[^{}]*}/g, '') // a dialect of Internet Explorer that esbuild rightly calls wrong

// Every browser that we support reads woff2; the woff twins would double the folder.
const onlyWoff2 = css => css.replace(/,\s*url\([^)]*\.woff\) format\('woff'\)/g, '')

// A person who has not chosen a theme or a contrast gets the system's: the chosen blocks are repeated as media queries,
// so that the colours are written once and no script is needed.
function followSystem (css) {
  const block = selector => {
    const start = css.indexOf(selector + ' {')
    if (start < 0) throw new Error(`tokens.css has no block ${selector}`)
    return css.slice(css.indexOf('{', start), css.indexOf('}', start) + 1)
  }
  const dark = block(':root[data-theme="dark"]')
  const more = block(':root[data-contrast="more"]')
  const both = block(':root[data-theme="dark"][data-contrast="more"]')
  return `${css}
@media (prefers-color-scheme: dark) { :root:not([data-theme]) ${dark} }
@media (prefers-contrast: more) { :root:not([data-contrast]) ${more} }
@media (prefers-color-scheme: dark) { :root:not([data-theme])[data-contrast="more"] ${both} }
@media (prefers-contrast: more) { :root[data-theme="dark"]:not([data-contrast]) ${both} }
@media (prefers-color-scheme: dark) and (prefers-contrast: more) { :root:not([data-theme]):not([data-contrast]) ${both} }
`
}

const rewrite = [
  [/(govuk|moj)-frontend\.min\.css$/, unbrand],
  [/be-vietnam-pro[\\/]\d+\.css$/, onlyWoff2],
  [/css[\\/]tokens\.css$/, followSystem]
]
const restyle = {
  name: 'restyle',
  setup (build) {
    for (const [filter, change] of rewrite) {
      build.onLoad({ filter }, async ({ path }) => ({ contents: change(await readFile(path, 'utf8')), loader: 'css' }))
    }
  }
}

// Papers are set on the server, which wants whole typefaces: Tinos has the widths of Times New Roman, and may be shipped.
const typefaces = ['400Regular', '400Regular_Italic', '700Bold', '700Bold_Italic'].map(cut => `${cut}/Tinos_${cut}.ttf`)

const { metafile } = await build({
  entryPoints: entries.map(name => resolve(here, 'src', name)),
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  minify: true,
  sourcemap: false,
  legalComments: 'linked',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file' },
  plugins: [restyle],
  metafile: true,
  logLevel: 'warning'
})
const manifest = {}
for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (entryPoint) manifest[basename(entryPoint)] = relative(out, resolve(file))
}
const built = new Set(Object.keys(metafile.outputs).map(file => relative(out, resolve(file))))
await mkdir(resolve(out, 'fonts'), { recursive: true })
for (const file of typefaces) {
  await copyFile(resolve(here, 'node_modules/@expo-google-fonts/tinos', file), resolve(out, 'fonts', basename(file)))
}
await copyFile(resolve(here, 'node_modules/@expo-google-fonts/tinos/LICENSE_FONT'), resolve(out, 'fonts', 'LICENSE'))
await writeFile(resolve(out, 'manifest.json'), JSON.stringify(manifest, null, 1) + '\n')
// The old files go last, so that a page served meanwhile still finds its own.
for (const file of await readdir(out)) {
  if (!['manifest.json', 'fonts'].includes(file) && !built.has(file)) await rm(resolve(out, file), { recursive: true })
}
console.log(Object.entries(manifest).map(([name, file]) => `${name} -> ${file}`).join('\n'))
