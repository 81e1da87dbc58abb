// What the pointer reads from a chart, and the same figures for who cannot see it.
import type { Signal } from '@preact/signals'
import { stamp } from './format'
import { valueLabel } from './axis'
import type { SeriesData } from './types'

export interface TipState { x: number; y: number; w: number; own: boolean; title: string; rows: { name: string; text: string; kind: string }[] }

export function Tip({ state }: { state: Signal<TipState | null> }) {
  const t = state.value
  if (!t || !t.own || !t.rows.length) return null
  const at = t.x > t.w / 2 ? { right: t.w - t.x + 10 + 'px' } : { left: t.x + 10 + 'px' }
  return (
    <div class="tip" style={{ top: t.y + 8 + 'px', ...at }}>
      <b>{t.title}</b>
      {t.rows.map(r => <p><i class={'key ' + r.kind} />{r.name}<b>{r.text}</b></p>)}
    </div>
  )
}

export function HiddenTable({ d, name, unit }: { d: SeriesData; name: string; unit?: string }) {
  const every = Math.max(1, Math.ceil(d.at.length / 24))
  const rows = d.at.map((_, i) => i).filter(i => i % every === 0 || i === d.at.length - 1)
  return (
    <table class="sr">
      <caption>{name}{unit ? ', ' + unit : ''}</caption>
      <thead><tr><th scope="col">Time</th>{d.lines.map(l => <th scope="col">{l.name || name}</th>)}</tr></thead>
      <tbody>{rows.map(i => (
        <tr><th scope="row">{stamp(d.at[i])}</th>{d.lines.map(l => <td>{l.values[i] === null ? 'no data' : valueLabel(l.values[i]!, unit, d)}</td>)}</tr>
      ))}</tbody>
    </table>
  )
}
