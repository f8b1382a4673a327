package storm

import (
	"context"
	"slices"
	"sync"

	"reprise/bess"
)

// Finding is a violation of one seed.
type Finding struct {
	Seed uint64 `json:"seed"`
	Violation
	Story string `json:"story,omitempty"` // shrunk, as text of a scenario
}

// Report is what a campaign found.
type Report struct {
	First    uint64 // seed
	Storms   int
	Played   bess.Span
	Faults   int
	Least    int // faults in the unit-day that had fewest
	Cover    Coverage
	Findings []Finding // sorted by seed
	Next     uint64    // the first seed that was not begun
}

// Days are the unit-days that were played.
func (r *Report) Days() float64 { return float64(r.Played) / float64(bess.Day) }

// By counts the findings of each checker.
func (r *Report) By() map[string]int {
	by := map[string]int{}
	for i := range r.Findings {
		by[r.Findings[i].Checker]++
	}
	return by
}

// Campaign plays seeds from first on with some workers until the context ends
// or most seeds are done; most 0: no end. What was begun before the end is not
// counted unless it was finished. told hears of each storm as it ends.
func Campaign(ctx context.Context, first uint64, most, workers int, told func(*Report)) (*Report, error) {
	r := &Report{First: first, Next: first, Cover: Coverage{}}
	var lock sync.Mutex
	var failed error
	var wait sync.WaitGroup
	take := func() (uint64, bool) {
		lock.Lock()
		defer lock.Unlock()
		if ctx.Err() != nil || failed != nil || most > 0 && r.Next-first >= uint64(most) {
			return 0, false
		}
		r.Next++
		return r.Next - 1, true
	}
	for range workers {
		wait.Go(func() {
			for seed, more := take(); more; seed, more = take() {
				out, err := PlayPlan(ctx, Draw(seed), Options{Caretaker: true})
				lock.Lock()
				switch {
				case ctx.Err() != nil: // cut short: it counts for nothing
				case err != nil:
					failed = err
				default:
					r.add(seed, out)
					told(r)
				}
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return int(int64(a.Seed) - int64(b.Seed)) })
	return r, failed
}

func (r *Report) add(seed uint64, out *Outcome) {
	r.Storms++
	r.Played += out.Played
	r.Faults += out.Faults
	day := int(float64(out.Faults) * float64(bess.Day) / float64(max(out.Played, 1)))
	if r.Storms == 1 || day < r.Least {
		r.Least = day
	}
	r.Cover.Add(out.Cover)
	for _, v := range out.Violations {
		r.Findings = append(r.Findings, Finding{Seed: seed, Violation: v})
	}
}
