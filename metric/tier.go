package metric

import (
	"math"
	"slices"
	"time"
)

// tier is one resolution of the history.
type tier struct {
	step, keep time.Duration
	name       string // of its files
}

var tiers = [...]tier{
	{10 * time.Second, time.Hour, "10s"},
	{time.Minute, 24 * time.Hour, "1m"},
	{15 * time.Minute, 30 * 24 * time.Hour, "15m"},
}

// cell is the place of a moment in a tier, counted from 1970.
func (t tier) cell(at time.Time) int64 { return floorDiv(at.UnixNano(), int64(t.step)) }

func (t tier) cells() int64 { return int64(t.keep / t.step) }

func (t tier) time(cell int64) time.Time { return time.Unix(0, cell*int64(t.step)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// A chunk with its place fills a size class of the allocator: 512 bytes. All
// three tiers, full, are 78 chunks: 39 KiB.
const chunkCells = 63

type chunk struct {
	index  int64 // cells from index*chunkCells on
	values [chunkCells]float64
}

// ring is one tier of one series: its chunks in order, made when they are
// written to.
type ring []*chunk

// set writes a cell and forgets chunks that end before oldest.
func (g *ring) set(cell int64, v float64, oldest int64) {
	if cell < oldest {
		return
	}
	index := floorDiv(cell, chunkCells)
	n := 0
	for n < len(*g) && ((*g)[n].index+1)*chunkCells <= oldest {
		n++
	}
	if n > 0 {
		*g = slices.Delete(*g, 0, n)
	}
	at, found := slices.BinarySearchFunc(*g, index, func(c *chunk, i int64) int { return int(max(-1, min(1, c.index-i))) })
	if !found {
		c := &chunk{index: index}
		for i := range c.values {
			c.values[i] = math.NaN()
		}
		*g = slices.Insert(*g, at, c)
	}
	(*g)[at].values[cell-index*chunkCells] = v
}

// get is NaN for a cell that was not written.
func (g ring) get(cell int64) float64 {
	index := floorDiv(cell, chunkCells)
	for _, c := range g {
		if c.index == index {
			return c.values[cell-index*chunkCells]
		}
	}
	return math.NaN()
}

// read copies the cells from first on; NaN: none.
func (g ring) read(first int64, out []float64) {
	for i := range out {
		out[i] = math.NaN()
	}
	for _, c := range g {
		start := c.index*chunkCells - first
		from, to := max(0, start), min(int64(len(out)), start+chunkCells)
		if from < to {
			copy(out[from:to], c.values[from-start:to-start])
		}
	}
}
