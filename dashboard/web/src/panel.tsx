// The frame round every panel: title, window, verdict, body, foot.
import { Component } from 'preact'
import { memo } from './memo'
import { boot, tiles as all, tryNow } from './store'
import { Badge, Delta, isLevel, Mark } from './marks'
import { hasData, Legend, SeriesBody } from './series'
import { HeroBody } from './hero'
import { ListBody } from './list'
import { NumberBody } from './number'
import { TableBody } from './table'
import { TimelineBody } from './timeline'
import { Verdict } from './verdict'
import type { Tile } from './types'

function Body({ t }: { t: Tile }) {
  switch (t.kind) {
    case 'number': return <NumberBody t={t} />
    case 'series': return <SeriesBody t={t} />
    case 'table': return <TableBody t={t.data} name={t.title} />
    case 'list': return <ListBody d={t.data} />
    case 'timeline': return <TimelineBody t={t} />
    case 'hero': return <HeroBody t={t} />
    case 'loading': return <div class="loading" aria-hidden="true"><i /><i /><i /></div>
    default: return (
      <div class="nodata"><b>Could not read</b><p>{(t.error || 'This kind of panel is not known').replace(/\.?$/, '.')} Next try in at most 10 s.</p>
        <p><button type="button" class="linklike" onClick={tryNow}>Try now</button></p></div>
    )
  }
}

/** Right of the title: the alert's level, else the verdict, else the key or the link. */
function Right({ t }: { t: Tile }) {
  if (t.error) return <Mark of="ni" text="Error" />
  if (t.kind === 'number') {
    const d = t.data
    if (isLevel(d.level)) return <Badge level={d.level!} />
    if (d.noData) return <Mark of="none" />
    if (d.verdict) return <Mark of={d.verdict} text={d.verdict === 'good' ? 'Good' : d.verdict === 'ni' ? 'Over' : undefined} />
  }
  if (t.kind === 'series' && hasData(t.data)) return <Legend d={t.data} />
  if (t.kind === 'hero' && !t.data.noData) return <Legend d={t.data.curve} />
  if (t.kind === 'table' && t.data.verdict) {
    const v = t.data.verdict
    return v.good < 0 ? <Mark of="ni" text={v.text} /> : v.good > 0 ? <Delta change={v} /> : <b class="score">{v.text}</b>
  }
  return null
}

const named = (id: string) => all.value.find(t => t.kind === 'verdict' && isLevel(t.data.level) && t.data.panels?.includes(id))

const Framed = memo(function Framed({ t, outline, below }: { t: Tile; outline: string; below: boolean }) {
  if (t.kind === 'verdict') return <Verdict t={t} />
  const foot = t.kind === 'series' || t.kind === 'table' ? t.data.foot : undefined
  const linkUp = t.link && !foot && t.kind !== 'series'
  const count = t.kind === 'list' ? t.data.count : undefined
  const csv = t.kind === 'table' || t.kind === 'series' || t.kind === 'hero'
  return (
    <section class={`panel k-${t.kind} ${outline}${below ? ' below' : ''}`} id={'p-' + t.id} aria-label={t.title + (t.window ? ', ' + t.window : '')}>
      <header class={below && t.kind === 'table' && t.data.rows.length > 0 ? 'sr' : ''}>
        <h2 id={'h-' + t.id} title={t.help}>{t.title}</h2>
        <span class="window">{count ?? t.window ?? (t.kind === 'series' ? t.unit : '')}</span>
        <span class="right">
          {csv && <a class="csv" href={`api/panels/${t.id}.csv${location.search}`} download>CSV<span class="sr"> of {t.title}</span></a>}
          <Right t={t} />{linkUp && <a href={t.link!.href}>{t.link!.text}</a>}
        </span>
      </header>
      <div class="body"><Body t={t} /></div>
      {(foot || (t.link && !linkUp)) && <footer><span>{foot}</span>{t.link && !linkUp && <a href={t.link.href}>{t.link.text}</a>}</footer>}
    </section>
  )
})

/** A panel that cannot be drawn says so, and the page stays. */
export class Panel extends Component<{ t: Tile; below?: boolean }, { broken?: string; of?: Tile }> {
  componentDidCatch(e: unknown) { this.setState({ broken: e instanceof Error ? e.message : String(e), of: this.props.t }) }
  render() {
    const t = this.props.t
    if (this.state.broken && this.state.of === t) return <section class="panel"><header><h2>{t.title}</h2></header><div class="nodata"><b>Could not draw</b><p>{this.state.broken}</p></div></section>
    const own = t.kind === 'number' && isLevel(t.data.level) ? t.data.level! : t.kind === 'number' && t.data.verdict === 'ni' ? 'P2' : ''
    const v = named(t.id)
    const level = own || (v?.kind === 'verdict' ? v.data.level : '')
    return <Framed t={t} outline={level ? 'o-' + level.toLowerCase() : ''} below={!!this.props.below} />
  }
}

export const loading: Tile[] = boot.shape.map((s, i) => ({
  id: 'loading-' + i, title: s.title, width: s.width || 4, group: s.group, span: s.span, kind: 'loading',
}))
