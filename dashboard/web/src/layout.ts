// Rows of panels: 12 columns wide, 6 on a tablet, 2 on a phone.
import type { Tile } from './types'

export interface Slot { tiles: Tile[]; width: number; inner: number; mid: number }

/** Consecutive panels of a group share one slot; inner is how many stand side by side in it. */
export function slots(tiles: Tile[]): Slot[] {
  const out: (Slot & { group?: string })[] = []
  for (const t of tiles) {
    const last = out[out.length - 1]
    if (t.group && last?.group === t.group) { last.tiles.push(t); continue }
    const a = t.width || 4, b = t.group ? t.span || a : a
    out.push({ tiles: [t], width: Math.max(a, b), inner: Math.max(1, Math.ceil(Math.max(a, b) / Math.min(a, b) - 0.1)), mid: 6, group: t.group })
  }
  middle(out)
  return out
}

/** On 6 columns small ones go by 2, others by half; what would leave a hole takes the rest. */
function middle(all: Slot[]) {
  let used = 0
  all.forEach((s, i) => {
    const want = s.width <= 2 ? 2 : s.width <= 5 && s.inner === 1 ? 3 : 6
    const next = all[i + 1]
    s.mid = used + want > 6 ? 6 : want
    used += s.mid
    if (used >= 6) { used = 0; return }
    const after = !next ? 6 : next.width <= 2 ? 2 : next.width <= 5 && next.inner === 1 ? 3 : 6
    if (used + after > 6) { s.mid += 6 - used; used = 0 }
  })
}
