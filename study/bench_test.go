package study

import (
	"context"
	"sort"
	"testing"
	"time"

	"reprise/bess"
	"reprise/control"
	"reprise/scenario"
)

// reference is the example day of the reference unit.
func reference(b testing.TB) *scenario.Scenario {
	b.Helper()
	sc, err := scenario.Load("../examples/reference-day.yaml")
	if err != nil {
		b.Fatal(err)
	}
	return sc
}

// BenchmarkTick is a tick of the reference unit at work: the twin, the
// controller and the digest.
func BenchmarkTick(b *testing.B) {
	s, now := warm(b, 30*bess.Minute)
	b.ReportAllocs()
	for b.Loop() {
		s.Director.Play(now)
		s.Loop.Tick()
		s.Digest.Add(s.Loop.State(), s.Loop.Out)
		now += 100
	}
}

// BenchmarkStep is the controller alone, closed over the twin, with the worst
// tick of the run beside the mean.
func BenchmarkStep(b *testing.B) {
	s, now := warm(b, 30*bess.Minute)
	l := s.Loop
	next := control.New(l.Unit)
	var spent time.Duration
	var each []time.Duration
	for b.Loop() {
		s.Director.Play(now)
		l.In.Requests = l.requests
		begin := time.Now()
		control.Step(l.Unit, l.state, l.In, next, l.Out)
		took := time.Since(begin)
		spent += took
		each = append(each, took)
		l.Tick()
		now += 100
	}
	sort.Slice(each, func(i, j int) bool { return each[i] < each[j] })
	n := len(each)
	b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "step-ns")
	b.ReportMetric(float64(each[n*999/1000].Nanoseconds()), "p99.9-ns")
	b.ReportMetric(float64(each[n-1].Nanoseconds()), "worst-ns")
}

// BenchmarkTwin is the twin alone under steady orders.
func BenchmarkTwin(b *testing.B) {
	s, _ := warm(b, 30*bess.Minute)
	for b.Loop() {
		s.Loop.World.Step(&s.Loop.Out.Commands, TickLength)
		s.Loop.World.Sense(&s.Loop.In.Snapshot)
	}
}

// BenchmarkStudyDay is the whole example day.
func BenchmarkStudyDay(b *testing.B) {
	for b.Loop() {
		s, err := New(reference(b))
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Run(context.Background(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func warm(b *testing.B, until bess.Span) (*Study, bess.Span) {
	b.Helper()
	s, err := New(reference(b))
	if err != nil {
		b.Fatal(err)
	}
	for now := bess.Span(0); now < until; now += 100 {
		s.tick(now)
	}
	return s, until
}

// The same seed gives the same hash, tick for tick.
func TestSameSeedSameHash(t *testing.T) {
	play := func() string {
		s, err := New(reference(t))
		if err != nil {
			t.Fatal(err)
		}
		for now := bess.Span(0); now < 20*bess.Minute; now += 100 {
			s.tick(now)
		}
		return s.Digest.Sum()
	}
	if a, b := play(), play(); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

// Nothing of the loop allocates in a tick of steady work: the twin, the
// controller and the digest, but for the state that is hashed once a minute.
func TestTickAllocatesNothing(t *testing.T) {
	s, err := New(reference(t))
	if err != nil {
		t.Fatal(err)
	}
	for now := bess.Span(0); now < 12*bess.Minute; now += 100 {
		s.tick(now)
	}
	if n := testing.AllocsPerRun(2000, func() {
		s.Loop.Tick()
		s.Digest.Tick(s.Loop.Out)
	}); n != 0 {
		t.Errorf("a tick allocates %v times", n)
	}
}
