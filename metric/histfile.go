package metric

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/distri-night/monitoring/internal/spool"
)

// historyFiles are the history on disk: for each tier two segments, written by
// appending only. When the one has as many cells as the tier keeps, the other
// is begun anew, so that a tier is there in full and takes twice its size at
// most.
//
// A record reaches the kernel with the sample that it is of; it survives the
// process, and a torn one at the end is cut off at the next start. Of the
// coarse tiers the cell that was open is then made from the finer one.
type historyFiles struct {
	release func()
	tiers   [len(tiers)]*tierFile
}

// tierFile is the segment of a tier that is appended to.
type tierFile struct {
	tier    tier
	paths   [2]string
	current int // of paths
	file    *os.File
	size    int64 // all of it are whole records
	first   int64 // cell; valid if begun
	begun   bool
	defined map[uint64]bool // series that this process has defined in the segment
}

func (r *Registry) openHistory() {
	if r.config.Dir == "" {
		return
	}
	files, err := openFiles(r.config.Dir, r.state.history, r.config.Now())
	if err != nil {
		r.warn(warning{"metric: the history is kept in memory only", []any{"dir", r.config.Dir, "error", err}})
		return
	}
	r.files = files
	r.writeHistory(batch{cells: r.state.history.fillCoarse(r.config.Now())})
}

// openFiles locks a folder, reads what is in it into h, and opens it for more.
func openFiles(dir string, h *history, now time.Time) (*historyFiles, error) {
	own, release, err := spool.Lock(dir)
	if err != nil {
		return nil, fmt.Errorf("open the history: %w", err)
	}
	f := &historyFiles{release: release}
	for t := range tiers {
		if f.tiers[t], err = openTier(own, t, h, now); err != nil {
			return nil, errors.Join(fmt.Errorf("open the history: %w", err), f.close())
		}
	}
	return f, nil
}

func openTier(dir string, t int, h *history, now time.Time) (*tierFile, error) {
	f := &tierFile{tier: tiers[t]}
	var scans [2]scan
	for i, suffix := range []string{"a", "b"} {
		f.paths[i] = filepath.Join(dir, "history-"+f.tier.name+"."+suffix)
		s, err := scanSegment(f.paths[i], nil)
		if err != nil {
			return nil, err
		}
		scans[i] = s
	}
	order := []int{0, 1}
	if scans[0].last >= scans[1].last {
		order = []int{1, 0}
	}
	for _, i := range order { // the older first, so that the newer prevails
		if _, err := scanSegment(f.paths[i], h.loader(t, now)); err != nil {
			return nil, err
		}
	}
	f.current = order[1]
	return f, f.open(scans[f.current])
}

// scan is what a segment holds.
type scan struct {
	size        int64 // of its whole records
	first, last int64 // cells
	begun       bool
}

// scanSegment reads a segment up to the first record that is not whole.
func scanSegment(path string, each func(historyKey, int64, float64)) (s scan, err error) {
	s.last = math.MinInt64
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	s.size, err = readRecords(file, func(key historyKey, cell int64, v float64) {
		if !s.begun {
			s.begun, s.first = true, cell
		}
		s.last = max(s.last, cell)
		if each != nil {
			each(key, cell, v)
		}
	})
	return s, err
}

// loader puts what is read into h. Cells of the future are of a clock that was
// wrong.
func (h *history) loader(t int, now time.Time) func(historyKey, int64, float64) {
	newest := tiers[t].cell(now)
	oldest := newest - tiers[t].cells()
	if t < len(tiers)-1 {
		// Coarser cells may have to be made of them, however long nobody was there
		// to do it. The files bound how many there are.
		oldest = math.MinInt64
	}
	return func(key historyKey, cell int64, v float64) {
		if cell < oldest || cell > newest {
			return
		}
		if s := h.find(key); s != nil {
			s.tiers[t].set(cell, v, oldest)
		}
	}
}

// fillCoarse makes coarse cells that are missing from the last finer cell in
// them: those that were open when the process died.
func (h *history) fillCoarse(now time.Time) (made []cellRecord) {
	for t := 1; t < len(tiers); t++ {
		fine, coarse := tiers[t-1], tiers[t]
		ratio := int64(coarse.step / fine.step)
		newest := coarse.cell(now)
		for cell := newest - fine.cells()/ratio; cell <= newest; cell++ {
			record := cellRecord{tier: t, cell: cell}
			for _, s := range h.series {
				if !math.IsNaN(s.tiers[t].get(cell)) {
					continue
				}
				for i := ratio - 1; i >= 0; i-- {
					if v := s.tiers[t-1].get(cell*ratio + i); !math.IsNaN(v) {
						s.tiers[t].set(cell, v, newest-coarse.cells())
						record.points = append(record.points, cellPoint{s, v})
						break
					}
				}
			}
			if len(record.points) > 0 {
				made = append(made, record)
			}
		}
	}
	return made
}

// open opens the current segment at the end of its whole records.
func (f *tierFile) open(s scan) error {
	file, err := os.OpenFile(f.paths[f.current], os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = file.Truncate(s.size); err == nil {
		_, err = file.Seek(s.size, io.SeekStart)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.file, f.size, f.first, f.begun = file, s.size, s.first, s.begun
	f.defined = make(map[uint64]bool)
	return nil
}

// append writes one cell. What was written in part is cut off again.
func (f *tierFile) append(c cellRecord) error {
	if len(c.points) == 0 || f.file == nil {
		return nil
	}
	if f.begun && c.cell-f.first >= f.tier.cells() {
		if err := f.rotate(); err != nil {
			return err
		}
	}
	var out []byte
	if f.size == 0 {
		out = append(out, magic...)
	}
	for _, p := range c.points {
		if !f.defined[p.series.id] {
			out = appendDefinition(out, p.series.id, p.series.historyKey)
		}
	}
	out = appendCell(out, c)
	if _, err := f.file.Write(out); err != nil {
		back := f.file.Truncate(f.size)
		_, seek := f.file.Seek(f.size, io.SeekStart)
		return errors.Join(err, back, seek)
	}
	for _, p := range c.points {
		f.defined[p.series.id] = true
	}
	if f.size += int64(len(out)); !f.begun {
		f.begun, f.first = true, c.cell
	}
	return nil
}

// rotate begins the other segment anew.
func (f *tierFile) rotate() error {
	err := errors.Join(f.file.Sync(), f.file.Close())
	f.file = nil
	f.current = 1 - f.current
	if openErr := f.open(scan{}); openErr != nil {
		return errors.Join(err, openErr)
	}
	return err
}

func (f *historyFiles) write(cells []cellRecord) error {
	var errs []error
	for _, c := range cells {
		slices.SortFunc(c.points, func(a, b cellPoint) int { return int(int64(a.series.id) - int64(b.series.id)) })
		errs = append(errs, f.tiers[c.tier].append(c))
	}
	return errors.Join(errs...)
}

func (f *historyFiles) close() error {
	var errs []error
	for _, t := range f.tiers {
		if t != nil && t.file != nil {
			errs = append(errs, t.file.Sync(), t.file.Close())
		}
	}
	f.release()
	return errors.Join(errs...)
}

// writeHistory hands a batch to the kernel. The caller holds sampling.
func (r *Registry) writeHistory(b batch) {
	if b.lost > 0 {
		r.warnOnce("history series", "metric: too many series, the history of new ones is not kept", "limit", maxRecorded)
		r.lost(reasonHistory, b.lost)
	}
	if r.files == nil {
		return
	}
	if err := r.files.write(b.cells); err != nil {
		r.lost(reasonHistory, 1)
		r.warnOnce("history", "metric: the history could not be written", "error", err)
	}
}

// closeHistory writes the open cells and closes the files. The caller holds
// sampling.
func (r *Registry) closeHistory() error {
	if r.files == nil {
		return nil
	}
	h := r.state.history
	r.mu.Lock()
	var open []cellRecord
	for t := 1; t < len(tiers); t++ {
		if h.slot >= 0 {
			open = append(open, h.closed(t, h.open[t]))
		}
	}
	r.mu.Unlock()
	err := errors.Join(r.files.write(open), r.files.close())
	r.files = nil
	if err != nil {
		return fmt.Errorf("close the history: %w", err)
	}
	return nil
}
