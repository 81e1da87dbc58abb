import { act, boot, serverNow } from './store'
import { clock, duration } from './format'
import { Badge, isLevel, Shape } from './marks'
import type { Action, ItemData, ListData } from './types'

const shapes: Record<string, string> = { critical: 'poor', error: 'poor', warn: 'ni', warning: 'ni', expected: 'none', good: 'good' }

export function Actions({ of, name, button = false }: { of: Action[]; name: string; button?: boolean }) {
  const shown = of.filter(a => !a.post || boot.write)
  const held = of.some(a => a.post) && !boot.write
  if (!of.length) return null
  return (
    <span class="actions">
      {shown.map((a, i) => a.post
        ? <button type="button" class={button ? 'btn' + (i === 0 ? ' first' : '') : 'linklike'} data-key={a.key} onClick={() => act(a, name)}>
            {a.text}{button && a.key && <kbd>{a.key.toUpperCase()}</kbd>}
          </button>
        : <a class={button ? 'btn' : ''} href={a.href}>{a.text}</a>)}
      {held && <span class={button ? 'btn viewonly' : 'viewonly'}>View only</span>}
    </span>
  )
}

/** Alerts say for how long, all else says when. */
function When({ i }: { i: ItemData }) {
  if (!i.at) return null
  const iso = new Date(i.at * 1000).toISOString()
  return <time class="when" dateTime={iso}>{isLevel(i.level) ? duration(serverNow.value - i.at) : clock(i.at)}</time>
}

export function ListBody({ d }: { d: ListData }) {
  if (!d.items.length) return <div class="nodata"><p>{d.noData || 'There is nothing in this range.'}</p></div>
  return (
    <ul class="list">
      {d.items.map((i, k) => (
        <li key={i.id || k}>
          <span class="lead">{isLevel(i.level) ? <Badge level={i.level!} /> : i.level && <Shape of={shapes[i.level] ?? 'none'} />}</span>
          <div class="what">
            <p class="head"><b>{i.link ? <a href={i.link}>{i.title}</a> : i.title}</b><When i={i} /></p>
            {i.detail && <p class="detail">{i.detail}</p>}
            {i.actions && <p><Actions of={i.actions} name={i.title} /></p>}
          </div>
        </li>
      ))}
    </ul>
  )
}
