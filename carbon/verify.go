package carbon

import (
	"fmt"

	"reprise/bess"
	"reprise/ledger"
)

// Breach is a place where a ledger does not hold.
type Breach struct {
	Entry uint64 `json:"entry"` // number of the entry
	What  string `json:"what"`
}

func (b Breach) String() string { return fmt.Sprintf("entry %d: %s", b.Entry, b.What) }

// Verify recomputes a ledger: every entry's legs sum to zero in energy and in
// carbon, its hash is that of its own contents, it follows the entry before it by
// number and by hash. The first entry's
// predecessor is taken on trust unless it is number 1, whose chain starts at zero.
// Spans without entries are no breach; Gaps lists them.
func Verify(entries []bess.Entry) []Breach {
	var found []Breach
	for i := range entries {
		e := &entries[i]
		report := func(format string, values ...any) {
			found = append(found, Breach{e.Number, fmt.Sprintf(format, values...)})
		}
		if energy, carbon := ledger.Sum(e.Legs); energy != 0 || carbon != 0 {
			report("its legs sum to %d mWh and %d mg, not to zero", energy, carbon)
		}
		if h := ledger.Hash(e); h != e.Hash {
			report("its hash is %x, but its contents give %x: something in it was changed", e.Hash[:6], h[:6])
		}
		if i == 0 {
			if e.Number == 1 && e.Prev != [32]byte{} {
				report("it is the first, yet names an entry before it (%x)", e.Prev[:6])
			}
			continue
		}
		before := &entries[i-1]
		if e.Number != before.Number+1 {
			report("it follows entry %d: something between was removed, added or reordered", before.Number)
		}
		if e.Prev != before.Hash {
			report("it names %x as the hash before it, but entry %d has %x", e.Prev[:6], before.Number, before.Hash[:6])
		}
	}
	return found
}

// Gap is a span between two entries: time that no entry covers, or, when
// negative, time that two entries cover because the clock was set back.
type Gap struct {
	After  uint64 `json:"after"` // number of the entry before it
	Millis int64  `json:"ms"`
}

// Gaps lists the spans between entries that do not join.
func Gaps(entries []bess.Entry) []Gap {
	var gaps []Gap
	for i := 1; i < len(entries); i++ {
		if ms := entries[i].From.UnixMilli - entries[i-1].To.UnixMilli; ms != 0 {
			gaps = append(gaps, Gap{entries[i-1].Number, ms})
		}
	}
	return gaps
}
