import { Component, type ComponentChild, type FunctionComponent } from 'preact'

/** Draws anew only when a property is another object. */
export function memo<P extends object>(f: (p: P) => ComponentChild): FunctionComponent<P> {
  class Memo extends Component<P> {
    shouldComponentUpdate(next: P) {
      return (Object.keys(next) as (keyof P)[]).some(k => next[k] !== this.props[k])
    }
    render() { return f(this.props as P) }
  }
  return Memo as unknown as FunctionComponent<P>
}
