// Below the panels: theme, keys, version; and what opens over them.
import { useEffect, useRef, useState } from 'preact/hooks'
import { boot, help, toast, now, undo } from './store'
import { keysOn } from './keys'
import { repaint } from './timechart'

const themes: [string, string][] = [['', 'System'], ['light', 'Light'], ['dark', 'Dark']]

export function Foot() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? '')
  const choose = (t: string) => {
    setTheme(t)
    if (t) document.documentElement.dataset.theme = t
    else delete document.documentElement.dataset.theme
    // A cookie, so that the server can say it before the first paint.
    document.cookie = `monitoring-theme=${t}; path=${location.pathname.replace(/[^/]*$/, '')}; max-age=${t ? 31536000 : 0}; samesite=lax`
    repaint.value++
  }
  return (
    <footer class="bottom">
      <span>{boot.title}{boot.version && ' ' + boot.version}{boot.viewer && `, seen as ${boot.viewer}`}{!boot.write && ', view only'}</span>
      <span class="grow" />
      <span class="segment" role="group" aria-label="Theme">
        {themes.map(([t, name]) => <button type="button" aria-pressed={theme === t} onClick={() => choose(t)}>{name}</button>)}
      </span>
      <button type="button" class="linklike" onClick={() => { help.value = true }}>Keys</button>
    </footer>
  )
}

const keys: [string, string][] = [['1 to 4', 'pages'], ['T', 'time range'], ['C', 'comparison'], ['Space', 'live or paused'], ['A', 'acknowledge'], ['/', 'filter the log'], ['F', 'wall display'], ['?', 'this list']]

export function Help() {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (help.value) box.current?.showModal()
    else box.current?.close()
  }, [help.value])
  return (
    <dialog ref={box} onClose={() => { help.value = false }} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <dl>{keys.map(([k, what]) => <div><dt><kbd>{k}</kbd></dt><dd>{what}</dd></div>)}</dl>
      <label><input type="checkbox" checked={keysOn.value} onChange={e => { keysOn.value = e.currentTarget.checked }} /> Keys are on</label>
      <p><button type="button" class="btn" onClick={() => { help.value = false }}>Close</button></p>
    </dialog>
  )
}

export function Toast() {
  const t = toast.value
  if (!t) return null
  return (
    <div class="toast" role="status"><span>{t.text}</span>
      {t.undo && <button type="button" onClick={() => undo()}>Undo, {Math.max(0, Math.ceil((t.until - now.value) / 1000))} s</button>}
    </div>
  )
}
