// Package panels holds the built-in panels of the dashboards, one file each:
// where its figures come from, in which unit, and what the help says. A panel
// asks the instruments and indicators; the dashboard knows none of them.
package panels
