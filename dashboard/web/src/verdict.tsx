import { Actions } from './list'
import { clock, duration, figure, thin } from './format'
import { head, serverNow } from './store'
import { Badge, Mark, Shape, isLevel } from './marks'
import { Legend } from './series'
import { TimeChart } from './timechart'
import type { Tile, VerdictData } from './types'

const words: Record<string, string> = { P0: 'critical', P1: 'degraded', P2: 'degraded', P3: 'notice' }

export function Verdict({ t }: { t: Tile & { kind: 'verdict' } }) {
  const d = t.data
  const big = isLevel(d.level) && (d.value !== null || d.chart)
  return big ? <Firing t={t} d={d} /> : <Line t={t} d={d} />
}

function Firing({ t, d }: { t: Tile; d: VerdictData }) {
  const k = d.level.toLowerCase()
  return (
    <section class={'panel verdict firing ' + k + (d.chart ? '' : ' alone')} id={'p-' + t.id} aria-labelledby={'h-' + t.id}>
      <div class="say">
        <h2 id={'h-' + t.id}><span class="sr">Verdict: {d.title}. </span>
          <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><circle cx="9" cy="9" r="7.800" /><path d="M9 4.500v5.500M9 12.200v1.300" /></svg>
          {d.level} {words[d.level]}{d.since ? <> <span class="since">firing {duration(serverNow.value - d.since)}, since {clock(d.since)}</span></> : null}
        </h2>
        <p class="big">
          {d.value !== null && <span class="value">{figure(d.value, d.unit)}{d.unit && <small>{d.unit === '%' ? thin : ' '}{d.unit}</small>}</span>}
          <span class="limit">{(d.limit || d.title).split(', ').map((s, i, all) => <>{i > 0 && <br />}{s}{i < all.length - 1 && ','}</>)}</span>
        </p>
        {d.detail && <p class="detail">{d.detail}</p>}
        <p><Actions of={d.actions} name={d.chartOf || d.title} button /></p>
      </div>
      {d.chart && d.chart.at.length > 0 && (
        <div class="show">
          <header><h3>{d.chartOf}</h3><span class="window">{t.window || `${d.unit ? d.unit + ', ' : ''}last ${duration(d.chart.at[d.chart.at.length - 1] - d.chart.at[0])}`}</span><Legend d={d.chart} /></header>
          <TimeChart d={d.chart} name={d.chartOf || t.title} unit={d.unit} limits={d.limits} good={t.good ?? (d.limits?.[0]?.value != null && d.value !== null && d.value < d.limits[0].value ? 1 : -1)} />
        </div>
      )}
    </section>
  )
}

function Line({ t, d }: { t: Tile; d: VerdictData }) {
  const k = isLevel(d.level) ? d.level.toLowerCase() : d.level || 'unknown'
  return (
    <section class={'panel verdict line ' + k} id={'p-' + t.id}>
      <h2 class="sr">Verdict</h2>
      {isLevel(d.level) ? <Badge level={d.level} /> : <Mark of={k === 'healthy' ? 'good' : k === 'degraded' ? 'ni' : 'none'} text={k[0].toUpperCase() + k.slice(1)} />}
      {d.title.toLowerCase() !== k && <b class="title">{d.title}</b>}
      {d.detail && <span class="detail">{d.detail}</span>}
      <span class="grow" />
      <Actions of={d.actions} name={d.title} />
      {t.link && <a href={t.link.href}>{t.link.text}</a>}
    </section>
  )
}

/** In place of the verdict when nothing has come for long. */
export function StaleLine() {
  return (
    <section class="panel verdict line unknown" role="status">
      <span class="mark t-none"><Shape of="none" />Unknown</span>
      <span class="title">No reading for {duration(serverNow.value - head.value.at / 1000)}. Figures are from {clock(head.value.at / 1000)}.</span>
    </section>
  )
}
