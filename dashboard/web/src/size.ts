// The width that an element has, in whole pixels; again when it changes.
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

export function useSize<T extends HTMLElement>() {
  const ref = useRef<T>(null)
  const [size, setSize] = useState({ w: 0, h: 0 })
  useLayoutEffect(() => {
    const el = ref.current
    if (!el) return
    const read = () => {
      const w = Math.floor(el.clientWidth), h = Math.floor(el.clientHeight)
      setSize(s => (s.w === w && s.h === h ? s : { w, h }))
    }
    read()
    const watch = new ResizeObserver(read)
    watch.observe(el)
    return () => watch.disconnect()
  }, [])
  return { ref, ...size }
}
