package unit

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/store"
)

// disk is what is known of the disk, written by its watcher.
type disk struct {
	free atomic.Uint64 // float bits of the free share
	at   atomic.Int64  // system time of the last look, ms; 0: never
	full atomic.Bool
}

// Shares of the disk that are left free. Series yield first, then the journal;
// the ledger never does.
const (
	seriesYield  = 0.10 // below: the oldest series go
	seriesRest   = 0.05 // below: no series are kept
	journalRests = 0.03 // below: no journal is kept, and the disk counts as full
)

// report puts what is known of the disk into the snapshot. The looks are spaced
// in real time, so a plant that runs faster does not make them old; when they
// stop, the disk is unknown.
func (d *disk) report(v *bess.StoreView, now bess.Instant) {
	at := d.at.Load()
	if at == 0 || time.Now().UnixMilli()-at > 60_000 {
		return
	}
	v.Free = bess.Of(si.Ratio(math.Float64frombits(d.free.Load())), now)
	v.Full = bess.FlagOf(d.full.Load(), now)
}

// watchDisk looks at the disk every ten seconds and lets what matters less
// yield.
func (m *Machine) watchDisk(ctx context.Context) {
	if m.config.Folder == "" {
		return
	}
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		m.lookAtDisk()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (m *Machine) lookAtDisk() {
	free, _, err := store.Free(m.config.Folder)
	if err != nil {
		m.log.Warn("looking at the disk", "why", err)
		return
	}
	m.yield(free)
	m.disk.free.Store(math.Float64bits(float64(free)))
	m.disk.full.Store(free < journalRests)
	m.disk.at.Store(time.Now().UnixMilli())
}

// yield makes room in the order of what may be lost.
func (m *Machine) yield(free si.Ratio) {
	if s := m.config.Series; s != nil {
		s.Hold(free < seriesRest)
		if free < seriesYield {
			if gone, err := s.Yield(); gone || err != nil {
				m.log.Warn("the disk is filling: the oldest series were removed", "free", free.Percent(), "why", err)
			}
		}
	}
	if w := m.config.Journal; w != nil {
		w.Hold(free < journalRests)
	}
}
