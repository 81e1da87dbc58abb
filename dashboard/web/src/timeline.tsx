import { useRef, useState } from 'preact/hooks'
import { axis, head, zoom } from './store'
import { clock, minute, momentLabel, moments, stamp } from './format'
import { useSize } from './size'
import type { Tile } from './types'

const left = 76, lane = 14

export function TimelineBody({ t }: { t: Tile & { kind: 'timeline' } }) {
  const whole = t.data
  // On the axis of the charts, if nothing here is older than that.
  const cut = whole.from === head.value.from && axis.value.from > whole.from &&
    [...whole.lanes.flatMap(l => l.spans.map(s => s.start)), ...whole.markers.map(m => m.at)].every(s => s >= axis.value.from)
  const d = cut ? { ...whole, from: axis.value.from } : whole
  const { ref, w } = useSize<HTMLDivElement>()
  const [drag, setDrag] = useState<[number, number] | null>(null)
  const held = useRef(false)
  const gutter = w < 500 ? 54 : left + 2
  const lanes = d.markers.length && !d.lanes.some(l => /deploy/i.test(l.name)) ? [...d.lanes, { name: 'Deploys', spans: [] }] : d.lanes
  const right = 8, plot = Math.max(10, w - gutter - right)
  const X = (s: number) => gutter + Math.min(1, Math.max(0, (s - d.from) / (d.to - d.from))) * plot
  const S = (x: number) => d.from + Math.min(1, Math.max(0, (x - gutter) / plot)) * (d.to - d.from)
  const height = lanes.length * lane + 24
  const { at, step } = moments(d.from, d.to, plot, w < 500 ? 60 : 110)
  const place = (e: PointerEvent) => e.clientX - (e.currentTarget as Element).getBoundingClientRect().left
  let free = Infinity // left edge of the last deploy label, going from the right
  const deploys = [...d.markers].filter(m => m.kind !== 'alert').sort((a, b) => b.at - a.at).map(m => {
    const x = X(m.at), tw = m.label.length * 6.300 + 8, onLeft = x + tw > w - right
    const fits = (onLeft ? x : x + tw) < free
    if (fits) free = onLeft ? x - tw : x - 6
    return { ...m, x, onLeft, fits }
  })
  return (
    <div class="timeline" ref={ref}>
      {w > 60 && <svg width={w} height={height} role="img" aria-label={said()}
        onPointerDown={e => { held.current = true; const x = place(e); setDrag([x, x]); (e.currentTarget as Element).setPointerCapture(e.pointerId) }}
        onPointerMove={e => { if (held.current && drag) setDrag([drag[0], place(e)]) }}
        onPointerUp={() => {
          held.current = false
          if (drag && Math.abs(drag[1] - drag[0]) > 6) zoom(S(Math.min(...drag)), S(Math.max(...drag)))
          setDrag(null)
        }}>
        {lanes.map((l, i) => <>
          <text class="lane" x="0" y={i * lane + 10}>{l.name}</text>
          <rect class="track" x={gutter} y={i * lane + 1} width={plot} height={10} />
          {l.spans.map(s => {
            const x0 = X(s.start), x1 = X(s.end || d.to)
            const level = s.level || (/^P[0-3]/.test(l.name) ? l.name.slice(0, 2) : '')
            const box = <rect class={'span s-' + (level || 'none').toLowerCase()} x={x0.toFixed(1)} y={i * lane + 1} width={Math.max(3, x1 - x0).toFixed(1)} height={10}>
              <title>{`${s.text ?? level}, ${minute(s.start)} to ${s.end ? minute(s.end) : 'now'}`}</title></rect>
            return s.link ? <a href={s.link}>{box}</a> : box
          })}
          {/deploy/i.test(l.name) && deploys.map(m => <>
            <path class="deploy" d={`M${m.x - 4} ${i * lane + 2}h8l-4 7z`}><title>{m.label + ', ' + clock(m.at)}</title></path>
            {m.fits && <text class={'deploylabel' + (m.onLeft ? ' end' : '')} x={m.onLeft ? m.x - 8 : m.x + 8} y={i * lane + 10}>{m.label}</text>}
          </>)}
        </>)}
        {at.filter(s => X(s) < w - right - 62 && momentLabel(s, step) !== minute(d.to)).map(s => <>
          <line class="axis" x1={X(s)} x2={X(s)} y1={lanes.length * lane + 1} y2={lanes.length * lane + 4} />
          <text class="tick mid" x={X(s)} y={height - 6}>{momentLabel(s, step)}</text>
        </>)}
        <line class="axis" x1={w - right - 0.5} x2={w - right - 0.5} y1={lanes.length * lane + 1} y2={lanes.length * lane + 4} />
        <text class="tick end" x={w - right} y={height - 6}>{d.to - d.from > 86400 * 3 ? stamp(d.to) : minute(d.to)}</text>
        {drag && <rect class="select" x={Math.min(...drag)} width={Math.abs(drag[1] - drag[0])} height={lanes.length * lane} />}
      </svg>}
      <table class="sr"><caption>Alerts and deploys</caption><tbody>
        {d.lanes.flatMap(l => l.spans.map(s => <tr><th scope="row">{l.name}</th><td>{s.text}</td><td>{stamp(s.start)} to {s.end ? stamp(s.end) : 'now'}</td></tr>))}
        {d.markers.map(m => <tr><th scope="row">{m.kind}</th><td>{m.label}</td><td>{stamp(m.at)}</td></tr>)}
      </tbody></table>
    </div>
  )

  function said() {
    const n = d.lanes.reduce((a, l) => a + l.spans.length, 0)
    return `Timeline: ${n} alerts and ${d.markers.length} deploys from ${stamp(d.from)} to ${stamp(d.to)}`
  }
}
