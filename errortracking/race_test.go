//go:build race

package errortracking

const raceEnabled = true
