// What the page knows, as signals; the stream that feeds it; what the address bar says.
import { batch, computed, signal } from '@preact/signals'
import type { Action, Boot, State, Tab, Tile } from './types'

export const boot: Boot = JSON.parse(document.body.dataset.boot ?? '{}')

export const tiles = signal<Tile[]>([])
export const tabs = signal<Tab[]>(boot.pages.map(page => ({ page })))
export const head = signal({ at: 0, from: 0, to: 0 })
export const link = signal<'connecting' | 'live' | 'lost'>('connecting')
export const paused = signal<number>(0) // the ms at which it was, 0: running
export const failed = signal('') // why there is nothing at all
export const readAt = signal(0) // performance.now() of the last reading
export const now = signal(performance.now()) // ticks each second
export const compare = signal(true)
export const wall = signal(false)
export const help = signal(false)
export const toast = signal<{ text: string; undo?: string; until: number } | null>(null)
export const filter = signal('')
export const spoken = signal('')

export const range = signal<{ from: string; to: string }>({ from: '', to: '' })
export const stale = computed(() => !paused.value && !range.value.to && readAt.value > 0 && now.value - readAt.value > 30000)

/** The one time axis of the page's charts. A service younger than half of the
 *  range is drawn since its first reading, or it would be a few pixels. */
export const axis = computed(() => {
  const { from, to } = head.value
  let first = Infinity
  for (const t of tiles.value) {
    if (t.kind !== 'series' || t.data.bars) continue
    for (const l of t.data.lines) {
      const i = l.previous ? -1 : l.values.findIndex(v => v !== null)
      if (i >= 0) first = Math.min(first, t.data.at[i])
    }
  }
  return { from: first < to && first - from > (to - from) / 2 ? Math.max(from, Math.min(first, to - 300)) : from, to }
})

/** Seconds of the server's clock, so that a wrong clock here changes no figure. */
export const serverNow = computed(() => head.value.at / 1000 + (paused.value ? 0 : Math.max(0, now.value - readAt.value) / 1000))

export function readAddress() {
  const q = new URLSearchParams(location.search)
  range.value = { from: q.get('from') ?? '', to: q.get('to') ?? '' }
  compare.value = q.get('compare') !== 'off'
  wall.value = q.get('wall') === 'on'
}

function writeAddress(push: boolean) {
  const q = new URLSearchParams()
  if (range.value.from) q.set('from', range.value.from)
  if (range.value.to) q.set('to', range.value.to)
  if (!compare.value) q.set('compare', 'off')
  if (wall.value) q.set('wall', 'on')
  const s = q.toString()
  history[push ? 'pushState' : 'replaceState'](null, '', location.pathname + (s ? '?' + s : ''))
}

export function setRange(from: string, to = '') {
  range.value = { from: from === boot.usual ? '' : from, to }
  paused.value = 0
  writeAddress(true)
  connect()
}

export function zoom(from: number, to: number) {
  if (to - from < 10) return
  setRange(new Date(Math.floor(from) * 1000).toISOString().replace('.000', ''), new Date(Math.ceil(to) * 1000).toISOString().replace('.000', ''))
}

export function toggle(s: typeof compare | typeof wall) {
  s.value = !s.value
  writeAddress(false)
}

function take(s: State) {
  batch(() => {
    if (s.full) {
      tiles.value = s.panels
    } else if (s.panels.length) {
      const fresh = new Map(s.panels.map(p => [p.id, p]))
      tiles.value = tiles.value.map(t => fresh.get(t.id) ?? t)
    }
    tabs.value = s.tabs
    head.value = { at: s.at, from: s.from, to: s.to }
    readAt.value = now.value = performance.now()
    failed.value = ''
  })
  document.documentElement.classList.add('ready')
}

let source: EventSource | null = null
let lostTimer = 0
let heard = 0

function query(): string {
  const q = new URLSearchParams()
  if (range.value.from) q.set('from', range.value.from)
  if (range.value.to) q.set('to', range.value.to)
  return q.toString()
}

function found() {
  clearTimeout(lostTimer)
  lostTimer = 0
}

/** Follow the range live, or fetch it once if it is fixed. */
export function connect() {
  source?.close()
  source = null
  found()
  if (range.value.to || /^\d/.test(range.value.from)) {
    void fetchOnce()
    return
  }
  const q = new URLSearchParams(query())
  q.set('page', boot.page)
  const s = new EventSource('events?' + q.toString())
  source = s
  heard = performance.now()
  s.addEventListener('open', () => { found(); heard = performance.now() })
  s.addEventListener('page', e => {
    if (s !== source) return
    heard = performance.now()
    link.value = 'live'
    if (!paused.value) take(JSON.parse((e as MessageEvent<string>).data))
  })
  s.addEventListener('beat', () => { heard = performance.now(); link.value = 'live' })
  s.addEventListener('error', () => {
    if (s !== source) return
    // A stream that ended by plan is back within a second: no word about that.
    if (!lostTimer) lostTimer = window.setTimeout(() => { link.value = 'lost' }, 2500)
    if (s.readyState === EventSource.CLOSED) { // refused, not just cut
      void fetchOnce()
      window.setTimeout(() => { if (s === source) connect() }, 5000)
    }
  })
}

async function fetchOnce() {
  try {
    const r = await fetch('api/pages/' + boot.page + '?' + query(), { headers: { Accept: 'application/json' } })
    const body = await r.json()
    if (!r.ok) throw new Error(body.detail || r.statusText)
    take(body)
  } catch (e) {
    failed.value = e instanceof Error ? e.message : String(e)
    document.documentElement.classList.add('ready')
  }
}

export function tryNow() {
  if (range.value.to) void fetchOnce()
  else connect()
}

export function pause() {
  if (paused.value) {
    paused.value = 0
    connect()
  } else {
    paused.value = head.value.at || Date.now()
  }
}

/** Seconds go by, and a stream that says nothing for three beats is made anew. */
export function startClock() {
  window.setInterval(() => {
    now.value = performance.now()
    if (toast.value && now.value > toast.value.until) toast.value = null
    if (source && !paused.value && now.value - heard > 50000) connect()
  }, 1000)
}

const done: Record<string, string> = { Acknowledge: 'acknowledged. Repeats stop.', Resolve: 'resolved.' }

export async function act(a: Action, of: string) {
  if (!a.post || (!a.undo && !confirm(`${a.text}: ${of}?`))) return // what cannot be taken back asks first
  const ok = await post(a.post)
  if (ok) toast.value = { text: `${of} ${done[a.text] ?? ': ' + a.text.toLowerCase() + ' done.'}`, undo: a.undo, until: performance.now() + 8000 }
}

export async function undo() {
  const t = toast.value
  toast.value = null
  if (t?.undo && await post(t.undo)) toast.value = { text: 'Taken back.', until: performance.now() + 3000 }
}

async function post(path: string): Promise<boolean> {
  try {
    const r = await fetch(path.replace(/^\//, ''), { method: 'POST' })
    if (r.ok) return true
    const body = await r.json().catch(() => ({}))
    toast.value = { text: 'Not done: ' + (body.detail || r.statusText), until: performance.now() + 8000 }
  } catch {
    toast.value = { text: 'Not done: the server does not answer.', until: performance.now() + 8000 }
  }
  return false
}
