import { money, thin } from './format'
import { Delta, tone } from './marks'
import { TimeChart } from './timechart'
import { useSize } from './size'
import type { Tile } from './types'

export function HeroBody({ t }: { t: Tile & { kind: 'hero' } }) {
  const d = t.data
  const cur = (v: number) => (d.currency ? money(v, d.currency, d.digits) : v.toLocaleString('en-GB'))
  if (d.noData || d.value === null) return <div class="nodata"><b>No data</b><p>{d.noData || 'There is no figure yet.'}</p></div>
  return (
    <>
      <div class="herohead">
        <div>
          <p class="hero">{cur(d.value)}</p>
          <p class="note">
            {d.target !== null && <><b>{((100 * d.value) / d.target).toFixed(1)}{thin}%</b> of the {cur(d.target)} target</>}
            {d.change && <>{d.target !== null && ' · '}<Delta change={d.change} /></>}
          </p>
        </div>
        {(d.lead || d.note) && <div class="pace">
          <p class={'paceline ' + (d.leadGood && d.leadGood < 0 ? 'warned' : tone(d.leadGood ?? 0))}>{d.lead}</p>
          <p class="note">{d.note}</p>
        </div>}
      </div>
      {d.target !== null && <Bullet value={d.value} target={d.target} pace={d.pace} zero={cur(0)} said={d.pace === null ? '' : 'usual by now ' + cur(d.pace)} />}
      {d.curve.at.length > 0 && <TimeChart d={d.curve} name={t.title} unit={t.unit} labels={false} limits={t.limits} now />}
    </>
  )
}

function Bullet(p: { value: number; target: number; pace: number | null; zero: string; said: string }) {
  const { ref, w } = useSize<HTMLDivElement>()
  const full = Math.max(p.value, p.target, p.pace ?? 0)
  const x = (v: number) => Math.min(w, Math.max(0, (v / full) * w))
  return (
    <div class="bullet" ref={ref}>
      {w > 0 && <svg width={w} height="42" role="img" aria-label={`${Math.round((100 * p.value) / p.target)} % of the target${p.said ? ', ' + p.said : ''}`}>
        <rect class="track" y="4" width={w} height="14" rx="2" /><rect class="fill" y="4" width={x(p.value)} height="14" rx="2" />
        {p.pace !== null && <line class="pacemark" x1={x(p.pace)} x2={x(p.pace)} y1="0" y2="24" />}
        <text class="tick" x="0" y="37">{p.zero}</text>
        {p.pace !== null && <text class="tick end dark" x={Math.max(150, Math.min(w, x(p.pace)))} y="37">{p.said}</text>}
      </svg>}
    </div>
  )
}
