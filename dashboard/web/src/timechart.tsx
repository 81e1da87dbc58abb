// Charts over time, by uPlot: lines with gaps, limits, markers and labels at their end.
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { compare, wall, zoom } from './store'
import { clock, minute, momentLabel, moments, offset, stamp } from './format'
import { type Money, scale, tickLabel, valueLabel } from './axis'
import { HiddenTable, Tip, type TipState } from './tip'
import { useSize } from './size'
import { signal } from '@preact/signals'
import type { Limit, SeriesData } from './types'

interface Props {
  d: SeriesData; name: string; unit?: string; limits?: Limit[]; good?: number; height?: number
  labels?: boolean; from?: number; to?: number; now?: boolean
}

/** Rises when colours have to be read anew: theme, fonts, print. */
export const repaint = signal(0)

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()
// Of three the middle one is what matters: P99, P95, P50.
const colourOf = (i: number, of: number) => (of === 3 ? ['s2', 's1', 's2'][i] : ['s1', 's2', 's3', 's4'][i % 4])

export function TimeChart(p: Props) {
  const { ref, w, h } = useSize<HTMLDivElement>()
  const chart = useRef<uPlot | null>(null)
  const tip = useRef(signal<TipState | null>(null)).current
  const painted = repaint.value
  const compared = compare.value, walled = wall.value

  useEffect(() => {
    const el = ref.current
    if (!el || w < 40 || h < 40) return
    const u = draw(el, p, w, h, compared, tip)
    chart.current = u
    return () => { u.destroy(); chart.current = null; tip.value = null }
  }, [p.d, w, h, painted, compared, p.from, p.to, walled])

  const keys = (e: KeyboardEvent) => {
    const u = chart.current
    if (!u || (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight')) return
    e.preventDefault()
    const step = (e.key === 'ArrowRight' ? 1 : -1) * (e.shiftKey ? 10 : 1)
    const i = Math.min(u.data[0].length - 1, Math.max(0, (u.cursor.idx ?? u.data[0].length - 1) + step))
    u.setCursor({ left: u.valToPos(u.data[0][i], 'x'), top: 10 })
  }
  return (
    <div class="chartbox">
      <div class="chart" ref={ref} tabIndex={0} role="img" aria-label={finding(p)} onKeyDown={keys} onBlur={() => { tip.value = null }} />
      <Tip state={tip} />
      <HiddenTable d={p.d} name={p.name} unit={p.unit} />
    </div>
  )
}

/** The finding in words: where the first line stands, and whether it breaks a limit. */
function finding(p: Props): string {
  const line = p.d.lines.find(l => !l.previous && !l.forecast)
  const last = line?.values.findLast(v => v !== null)
  if (last == null) return `${p.name}: no data`
  const broken = p.limits?.find(l => l.value !== null && l.level && (p.good === 1 ? last < l.value : last > l.value))
  return `${p.name}: now ${valueLabel(last, p.unit, p.d)}${broken ? ', beyond the limit of ' + valueLabel(broken.value!, p.unit, p.d) : ''}. Arrow keys read the values.`
}

function draw(el: HTMLElement, p: Props, w: number, h: number, compared: boolean, tip: { value: TipState | null }): uPlot {
  const { d, limits = [] } = p
  const k = wall.value ? 1.25 : 1 // the chart itself is not zoomed, so that its canvas stays sharp
  const lines = d.lines.filter(l => compared || !l.previous)
  const main = lines.filter(l => !l.previous && !l.forecast)
  const money: Money = d
  const known = d.at[Math.max(0, d.at.findIndex((_, i) => main.some(l => l.values[i] !== null)))]
  const end = d.at[d.at.length - 1]
  const first = p.from ?? (!p.now && known - d.at[0] > (end - d.at[0]) / 2 ? Math.min(known, end - 60) : d.at[0]), reach = p.to ?? end
  const oneDay = reach - first <= 86400 && (first + offset(first)) % 86400 === 0
  const last = p.now && oneDay ? first + 86400 : reach // the whole day, of which a part is to come
  const y = scale(lines, limits, d.from ?? 0, h / k - 30, p.unit === '%' ? 100 : Infinity)
  const font = 11 * k + 'px Inter, "Inter Fallback", sans-serif', bold = '600 ' + font
  const measure = document.createElement('canvas').getContext('2d')!
  measure.font = bold
  const ends = p.labels === false ? [] : main.map((l, i) => {
    let z = l.values.length - 1
    while (z >= 0 && l.values[z] === null) z--
    return { i: lines.indexOf(l), z, text: z < 0 ? '' : (main.length > 1 ? l.name + ' ' : '') + valueLabel(l.values[z]!, p.unit, money), colour: colourOf(i, main.length) }
  }).filter(e => e.z >= 0)
  const right = ends.length ? Math.ceil(Math.max(...ends.map(e => measure.measureText(e.text).width))) + 14 * k : 10 * k
  measure.font = font
  const left = Math.ceil(Math.max(...y.ticks.map(t => measure.measureText(tickLabel(t, money)).width))) + 10 * k
  const top = d.markers.length || p.now ? 16 * k : 6
  const reached = p.now && !d.markers.length && main[0] ? main[0].values.findLastIndex(v => v !== null) : -1
  const marks = reached >= 0 ? [{ at: d.at[reached], kind: 'now', label: 'now ' + valueLabel(main[0].values[reached]!, p.unit, money), level: '' }] : d.markers
  const { at, step } = moments(first, last, w - left - right, (w / k > 460 ? 82 : 56) * k)
  const closing = last - first > 3 * 3600 && last - first < 30 * 3600 && (last + 1) % 3600 > 120 && !p.now ? last : 0
  const xs = closing ? [...at.filter(t => ((closing - t) / (last - first)) * (w - left - right) > 40 * k), closing] : at

  const dpr = devicePixelRatio
  const px = (v: number) => Math.round(v * dpr * k)
  const level = (s?: string) => (s === 'P0' ? 'p0' : s === 'P1' ? 'p1' : s === 'P2' ? 'p2' : 'ink3')

  const under = (u: uPlot) => {
    const c = u.ctx, b = u.bbox
    c.save()
    c.beginPath(); c.rect(b.left, b.top, b.width, b.height); c.clip()
    // No data: a hatched break, never bridged.
    const gapOf = main[0]?.values ?? []
    for (let i = 0; i < gapOf.length; i++) {
      if (gapOf[i] !== null) continue
      let j = i
      while (j < gapOf.length && gapOf[j] === null) j++
      if (i > 0 && j < gapOf.length) hatch(c, u.valToPos(d.at[i - 1], 'x', true), b.top, u.valToPos(d.at[j], 'x', true), b.top + b.height, css('line'), dpr)
      i = j
    }
    // Time beyond the limit is a band: from the alert on, or where the only line is worse.
    const worst = limits.find(l => l.level && l.value !== null)
    if (worst && main.length === 1) {
      c.globalAlpha = 0.13
      c.fillStyle = css(level(worst.level))
      const vs = main[0].values
      const bad = (v: number | null) => v !== null && (p.good === 1 ? v < worst.value! : v > worst.value!)
      for (let i = 0; i < vs.length; i++) {
        if (!bad(vs[i])) continue
        let j = i
        while (j < vs.length - 1 && bad(vs[j + 1])) j++
        const x0 = u.valToPos(d.at[i], 'x', true), x1 = u.valToPos(d.at[j], 'x', true)
        c.fillRect(x0, b.top, Math.max(dpr, x1 - x0), b.height)
        i = j
      }
    }
    c.restore()
  }

  const over = (u: uPlot) => {
    const c = u.ctx, b = u.bbox
    c.save()
    c.textBaseline = 'middle'
    c.lineJoin = 'round'
    const scaled = (f: string) => f.replace(/[\d.]+px/, m => parseFloat(m) * dpr + 'px')
    const label = (s: string, x: number, yy: number, colour: string, f = font, align: CanvasTextAlign = 'left') => {
      c.font = scaled(f)
      c.textAlign = align
      c.lineWidth = 3 * dpr
      c.strokeStyle = css('surface')
      c.strokeText(s, x, yy)
      c.fillStyle = css(colour)
      c.fillText(s, x, yy)
    }
    for (const l of limits) {
      if (l.value === null || l.value < y.bottom || l.value > y.top) continue
      const yy = Math.round(u.valToPos(l.value, 'y', true)) + 0.5
      dashed(c, b.left, yy, b.left + b.width, yy, css(level(l.level)), [4 * dpr, 3 * dpr], dpr)
      const s = l.label || `${l.level ? l.level + (p.good === 1 ? ' below ' : ' above ') : 'target '}${valueLabel(l.value, undefined, money)}`
      const below = p.good === 1 || (yy - b.top) / b.height < 0.12 || /when/.test(s)
      label(s, b.left + px(4), yy + (below ? px(9) : -px(8)), level(l.level))
    }
    const taken: [number, number][] = []
    for (const m of [...marks].sort((m, n) => (m.kind === 'alert' ? 0 : 1) - (n.kind === 'alert' ? 0 : 1))) { // of two that collide, the deploy's goes
      if (m.at < first || m.at > last) continue
      const x = Math.round(u.valToPos(m.at, 'x', true)) + 0.5, colour = m.kind === 'alert' ? level(m.level || 'P0') : 'ink2'
      dashed(c, x, b.top, x, b.top + b.height, css(colour), m.kind === 'alert' ? [4 * dpr, 3 * dpr] : [1.5 * dpr, 2 * dpr], dpr)
      if (m.kind !== 'alert' && taken.some(t => t[0] < x + px(6) && x - px(6) < t[1])) continue
      c.fillStyle = css(m.kind === 'alert' ? (m.level === 'P1' ? 'p1f' : m.level === 'P2' ? 'vn' : 'vp') : 'ink')
      const s = px(m.kind === 'alert' ? 5 : 4), yy = b.top - px(6)
      c.beginPath()
      if (m.kind === 'alert') { c.moveTo(x, yy - s); c.lineTo(x + s, yy); c.lineTo(x, yy + s); c.lineTo(x - s, yy) }
      else { c.moveTo(x - s, yy - px(3)); c.lineTo(x + s, yy - px(3)); c.lineTo(x, yy + px(3)) }
      c.fill()
      if (!m.label || w < 300) continue
      c.font = scaled(font)
      const tw = c.measureText(m.label).width
      const onLeft = x - tw - px(10) > 0
      const span: [number, number] = onLeft ? [x - tw - px(10), x + px(6)] : [x - px(6), x + tw + px(10)]
      if (taken.some(t => t[0] < span[1] && span[0] < t[1])) continue
      taken.push(span)
      label(m.label, onLeft ? x - px(9) : x + px(9), yy, 'ink2', font, onLeft ? 'right' : 'left')
    }
    let floor = -Infinity
    const places = ends.map(e => ({ ...e, x: u.valToPos(d.at[e.z], 'x', true), y: u.valToPos(lines[e.i].values[e.z]!, 'y', true) })).sort((a, z) => a.y - z.y)
    for (const e of places) {
      const worst = limits.find(l => l.level && l.value !== null)
      const v = lines[e.i].values[e.z]!
      const bad = worst && main.length === 1 && (p.good === 1 ? v < worst.value! : v > worst.value!)
      c.fillStyle = css(bad ? 'vp' : e.colour)
      c.beginPath(); c.arc(e.x, e.y, px(3), 0, 7); c.fill()
      const yy = Math.max(e.y, floor + px(13))
      floor = yy
      label(e.text, e.x + px(8), yy, 'ink', bold)
    }
    c.restore()
  }

  const host = el
  const u = new uPlot({
    width: w, height: h, padding: [top, right, 0, 0], legend: { show: false },
    scales: { x: { time: true, range: [first, last] }, y: { range: [y.bottom, y.top] } },
    cursor: {
      sync: { key: 'page' }, points: { show: false }, x: true, y: false,
      drag: { x: true, y: false, setScale: false, dist: 6 }, focus: { prox: -1 },
    },
    axes: [
      { size: 24 * k, gap: 4 * k, font, stroke: css('ink3'), grid: { show: false }, border: { show: true, stroke: css('control'), width: 1 },
        ticks: { show: true, size: 4, stroke: css('control'), width: 1 }, splits: () => xs,
        values: (_, ts) => ts.map(t => (t === closing ? minute(t) : momentLabel(t, step, oneDay, t > first + 3600))) },
      { size: left, gap: 6 * k, font, stroke: css('ink3'), grid: { stroke: css('grid'), width: 1 }, ticks: { show: false }, splits: () => y.ticks,
        values: (_, vs) => vs.map(v => tickLabel(v, money)) },
    ],
    series: [{}, ...lines.map(l => {
      const n = main.indexOf(l)
      const colour = l.previous ? css('cmp') : css(l.forecast ? 's1' : colourOf(n, main.length))
      return {
        stroke: colour, width: (l.previous ? 1 : 1.5) * k, points: { show: false }, dash: l.forecast ? [4, 3] : undefined, spanGaps: false,
        fill: d.area && n === 0 && (d.from ?? 0) === 0 ? css('area') : undefined,
      }
    })],
    hooks: {
      drawClear: [under], draw: [over],
      setCursor: [u => {
        const i = u.cursor.idx
        if (i == null || (u.cursor.left ?? -1) < 0) { tip.value = null; return }
        const t = d.at[i]
        tip.value = {
          x: u.valToPos(t, 'x') + left, y: top, w, own: host.matches(':hover') || host === document.activeElement,
          title: last - first > 86400 * 2 ? stamp(t) : last - first > 7200 ? minute(t) : clock(t),
          rows: lines.filter(l => l.values[i] !== null).map(l => ({ name: l.name, text: valueLabel(l.values[i]!, p.unit, money) + (p.unit && p.unit !== '%' && !money.currency ? ' ' + p.unit : ''), kind: l.previous ? 'cmp' : l.forecast ? 'forecast' : colourOf(main.indexOf(l), main.length) })),
        }
      }],
      setSelect: [u => {
        if (u.select.width < 6) return
        zoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'))
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
      }],
    },
  }, [d.at, ...lines.map(l => l.values)] as uPlot.AlignedData, el)
  return u
}

function dashed(c: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number, colour: string, dash: number[], dpr: number) {
  c.save()
  c.strokeStyle = colour
  c.lineWidth = Math.max(1, Math.round(dpr))
  c.setLineDash(dash)
  c.beginPath(); c.moveTo(x0, y0); c.lineTo(x1, y1); c.stroke()
  c.restore()
}

function hatch(c: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number, colour: string, dpr: number) {
  c.save()
  c.beginPath(); c.rect(x0, y0, x1 - x0, y1 - y0); c.clip()
  c.strokeStyle = colour
  c.lineWidth = dpr
  const tall = y1 - y0
  for (let x = x0 - tall; x < x1; x += 6 * dpr) { c.beginPath(); c.moveTo(x, y1); c.lineTo(x + tall, y0); c.stroke() }
  c.restore()
}
