// The bar on top: brand, tabs with their level, range, comparison, live, wall.
import { useEffect, useRef, useState } from 'preact/hooks'
import { boot, compare, head, link, paused, pause, range, serverNow, setRange, stale, tabs, tiles, toggle, wall } from './store'
import { clock, stamp } from './format'
import { Badge, Shape } from './marks'

const ranges: [string, string][] = [['-1h', 'Last 1 h'], ['-6h', 'Last 6 h'], ['-24h', 'Last 24 h'], ['-7d', 'Last 7 d'], ['-30d', 'Last 30 d'], ['-84d', 'Last 12 weeks'], ['today', 'Today'], ['month', 'This month']]
const title = (p: string) => p[0].toUpperCase() + p.slice(1)
const keep = () => (range.value.from && range.value.from !== boot.usual ? location.search : '')

const Down = () => <svg class="down" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true"><path d="M2 3.500 5 6.500l3-3" /></svg>

function Range() {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const out = (e: Event) => { if (!box.current?.contains(e.target as Node)) setOpen(false) }
    const toggleIt = () => { setOpen(o => !o); box.current?.querySelector('button')?.focus() }
    document.addEventListener('pointerdown', out)
    document.addEventListener('monitoring:range', toggleIt)
    return () => { document.removeEventListener('pointerdown', out); document.removeEventListener('monitoring:range', toggleIt) }
  }, [])
  const current = range.value.from || boot.usual
  const own = range.value.to || !ranges.some(r => r[0] === current)
  const text = own ? `${stamp(head.value.from)} to ${stamp(head.value.to)}` : ranges.find(r => r[0] === current)![1]
  const shown = ranges.filter(r => r[0] === boot.usual || ['-1h', '-6h', '-24h', '-7d', '-30d'].includes(r[0]))
  const move = (e: KeyboardEvent) => {
    if (e.key === 'Escape') { setOpen(false); box.current?.querySelector('button')?.focus() }
    if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
    e.preventDefault()
    const items = [...box.current!.querySelectorAll<HTMLElement>('[role=menuitemradio]')]
    const at = items.indexOf(document.activeElement as HTMLElement)
    items[(at + (e.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]?.focus()
  }
  return (
    <div class="menu" ref={box} onKeyDown={move}>
      <button type="button" class="btn" aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        <svg width="14" height="14" viewBox="0 0 14 14" class="clock" aria-hidden="true"><circle cx="7" cy="7" r="5.500" /><path d="M7 4v3l2 1.500" /></svg>
        <span class="wide">{text}</span><span class="sr">, time range</span><Down />
      </button>
      {open && <div class="pop" role="menu">{shown.map(r => (
        <button type="button" role="menuitemradio" aria-checked={!own && r[0] === current} onClick={() => { setOpen(false); setRange(r[0]) }}>{r[1]}</button>
      ))}</div>}
    </div>
  )
}

function Compare() {
  let name = ''
  for (const t of tiles.value) {
    const d = t.kind === 'series' ? t.data : t.kind === 'hero' ? t.data.curve : null
    name ||= d?.lines.find(l => l.previous && l.values.some(v => v !== null))?.name ?? ''
  }
  if (!name) return null
  return (
    <button type="button" class="btn wide" aria-pressed={compare.value} onClick={() => toggle(compare)}>
      <span class="quiet">vs</span> {compare.value ? name : 'nothing'}
    </button>
  )
}

function Live() {
  const fixed = !!range.value.to
  const state = paused.value ? 'paused' : fixed ? 'fixed' : link.value === 'lost' ? 'lost' : stale.value ? 'stale' : link.value
  const at = head.value.at / 1000
  const time = at > 0 ? clock(state === 'live' ? serverNow.value : at) : ''
  const word = { paused: 'Paused at', fixed: 'Back to live', lost: 'Reconnecting,', stale: 'Stale,', connecting: 'Connecting', live: 'Live' }[state]
  return (
    <button type="button" class={'btn live is-' + state} onClick={() => (fixed ? setRange('') : pause())}
      title={paused.value ? 'Go on (Space)' : fixed ? 'Follow live again' : 'Pause (Space)'}>
      <Shape of={state === 'live' ? 'good' : state === 'paused' || fixed ? 'pause' : 'none'} />{word}{!fixed && <> <span class="time">{time}</span></>}
    </button>
  )
}

export function Header() {
  return (
    <header class="top">
      <a class="brand" href="./"><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M6.200 1.200A7 7 0 1 0 14.800 9.800 6 6 0 0 1 6.200 1.200z" /></svg>{boot.title}</a>
      {boot.subtitle && <span class="subtitle">{boot.subtitle}</span>}
      <nav aria-label="Pages">
        {tabs.value.map(t => (
          <a href={t.page + keep()} aria-current={t.page === boot.page ? 'page' : undefined}>{title(t.page)}{t.level && <Badge level={t.level} />}</a>
        ))}
      </nav>
      <span class="grow" />
      <div class="controls">
        <Range /><Compare /><Live />
        <button type="button" class="btn icon wide" aria-pressed={wall.value} aria-label="Wall display" title="Wall display (F)" onClick={() => toggle(wall)}>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 5.500V2h3.500M10.500 2H14v3.500M14 10.500V14h-3.500M5.500 14H2v-3.500" /></svg>
        </button>
      </div>
    </header>
  )
}
