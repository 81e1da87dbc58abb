//go:build race

package logging

// raceEnabled: under the race detector sync.Pool forgets at random.
const raceEnabled = true
