// Counts a bucket as bars, drawn as SVG.
import { useState } from 'preact/hooks'
import { compare, serverNow } from './store'
import { scale, tickLabel, valueLabel } from './axis'
import { dayMonth, hour, minute, money, week } from './format'
import { HiddenTable } from './tip'
import { useSize } from './size'
import type { Limit, SeriesData } from './types'

const bucketLabel = (s: number, step: number) =>
  step >= 6 * 86400 ? week(s) : step >= 82800 ? dayMonth(s) : step >= 3600 ? hour(s) : minute(s)

export function BarChart({ d, name, unit, limits = [], good }: { d: SeriesData; name: string; unit?: string; limits?: Limit[]; good?: number }) {
  const { ref, w, h } = useSize<HTMLDivElement>()
  const [over, setOver] = useState(-1)
  const main = d.lines.find(l => !l.previous && !l.forecast)
  const before = compare.value ? d.lines.find(l => l.previous) : undefined
  return (
    <div class="chartbox">
      <div class="chart" ref={ref}>{w > 40 && h > 40 && main && plot()}</div>
      <HiddenTable d={d} name={name} unit={unit} />
    </div>
  )

  function plot() {
    const n = d.at.length
    const levels = limits.filter(l => l.level && l.value !== null)
    const drawn = limits.filter(l => l.value !== null && (!l.level || l.label))
    const y = scale(d.lines, drawn, 0, h - 40)
    const left = Math.max(...y.ticks.map(t => tickLabel(t, d).length)) * 7 + 8, top = 18, bottom = 22, right = 4
    const step = n > 1 ? d.at[1] - d.at[0] : 86400
    const slot = (w - left - right) / n, gap = Math.max(1, Math.min(slot * 0.25, 14))
    const Y = (v: number) => top + (1 - (v - y.bottom) / (y.top - y.bottom)) * (h - top - bottom)
    const daily = step >= 82800 && step < 6 * 86400, hourly = step === 3600
    const least = Math.max(1, Math.ceil((daily ? 56 : 36) / slot))
    const every = daily && n > 14 ? Math.ceil(least / 7) * 7 : hourly ? [1, 2, 4, 6, 12].find(x => x >= least) ?? 24 : least
    const lastFull = d.at.findLastIndex(t => t + step <= serverNow.value + 1)
    const current = lastFull >= 0 && lastFull >= n - 2 && step > 3600 ? lastFull : n - 1
    const weekly = step >= 6 * 86400
    const tone = (v: number) => levels.find(l => (good === 1 ? v < l.value! : v > l.value!))?.level?.toLowerCase()
    const label = (v: number) => (d.currency ? money(v, d.currency, d.digits, true) : valueLabel(v, unit, d))
    return (
      <svg width={w} height={h} role="img" aria-label={`${name}: ${n} bars, the last ${label(main!.values[n - 1] ?? 0)}`} onMouseLeave={() => setOver(-1)}>
        {y.ticks.map(t => <>
          <line class={t === 0 ? 'axis' : 'grid'} x1={left} x2={w - right} y1={Math.round(Y(t)) + 0.5} y2={Math.round(Y(t)) + 0.5} />
          <text class="tick end" x={left - 8} y={Y(t) + 4}>{tickLabel(t, d)}</text>
        </>)}
        {d.at.map((t, i) => {
          const v = main!.values[i]
          if (v === null) return null
          const open = weekly && t + step > serverNow.value + 1
          const x = left + i * slot + gap / 2, bw = slot - gap
          const k = levels.length ? (tone(v) ?? (v === 0 ? 'zero' : '')) : ''
          const tall = levels.length && v === 0 ? 3 : Math.max(v > 0 ? 1 : 0, Y(y.bottom) - Y(v))
          return <>
            <rect class={'bar ' + (k || (open ? 'open' : !weekly || i === current ? 'now' : 'past'))} x={(open ? x + 0.5 : x).toFixed(1)} width={Math.max(1, open ? bw - 1 : bw).toFixed(1)}
              y={(Y(y.bottom) - tall).toFixed(1)} height={tall.toFixed(1)} onMouseEnter={() => setOver(i)} />
            {before && before.values[i] !== null && <line class="tickline" x1={(x - gap / 4).toFixed(1)} x2={(x + bw + gap / 4).toFixed(1)} y1={Y(before.values[i]!).toFixed(1)} y2={Y(before.values[i]!).toFixed(1)} />}
            {((weekly && i >= current) || (tone(v) && v > 0) || over === i) && <text class="value" x={x + bw / 2} y={Y(v) - 5}>{label(v)}</text>}
          </>
        })}
        {d.at.map((t, i) => (weekly ? (n - 1 - i) % every === 0 || every === 1 : i % every === (hourly ? Math.min(every - 1, 2) : daily && n > 14 ? (n - 1) % 7 % every : 0)) && (
          <text class="tick mid" x={left + i * slot + slot / 2} y={h - 6}>{bucketLabel(t, step)}</text>
        ))}
        {drawn.map(l => <line class={'limit l-' + (l.level || 'target').toLowerCase()} x1={left} x2={w - right} y1={Y(l.value!)} y2={Y(l.value!)} />)}
      </svg>
    )
  }
}
