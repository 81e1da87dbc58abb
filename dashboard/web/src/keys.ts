import { signal } from '@preact/signals'
import { boot, compare, filter, help, pause, toggle, wall } from './store'

export const keysOn = signal(read())

function read(): boolean {
  try { return localStorage.getItem('monitoring-keys') !== 'off' } catch { return true } // storage may be forbidden in a frame
}

export function startKeys() {
  keysOn.subscribe(on => { try { localStorage.setItem('monitoring-keys', on ? 'on' : 'off') } catch { /* the same */ } })
  document.addEventListener('keydown', e => {
    const el = e.target as HTMLElement
    if (!keysOn.value || e.ctrlKey || e.metaKey || e.altKey || help.value || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) || el.isContentEditable) return
    const onButton = /^(BUTTON|A|SUMMARY)$/.test(el.tagName)
    const key = e.key.toLowerCase()
    if (/^[1-4]$/.test(key)) {
      const page = ['executive', 'operations', 'product', 'finance'][+key - 1]
      if (boot.pages.includes(page)) location.href = page
    } else if (key === 't') document.dispatchEvent(new Event('monitoring:range'))
    else if (key === 'c') toggle(compare)
    else if (key === ' ' && !onButton) { e.preventDefault(); pause() }
    else if (key === 'f') toggle(wall)
    else if (key === '?') help.value = true
    else if (key === '/') {
      const field = document.querySelector<HTMLInputElement>('.logfilter')
      if (!field) return
      e.preventDefault()
      field.hidden = false
      field.focus()
    } else if (key === 'escape') filter.value = ''
    else document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.click()
  })
}
