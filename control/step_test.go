package control

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"testing"

	"reprise/bess"
	"reprise/bess/si"
)

// up is a machine in service with vehicles.
func up(t testing.TB) *machine {
	t.Helper()
	m := newMachine()
	if !m.service() {
		t.Fatalf("not in service after ten minutes: %v, network %v, packs %v, alarms %+v",
			m.prev.Stages.Service, m.prev.Stages.Network, m.prev.Stages.Packs, m.prev.Verdict.Alarms)
	}
	m.plugged[0], m.plugged[3], m.plugged[9] = true, true, true
	m.run(bess.Minute)
	return m
}

func TestGoesIntoService(t *testing.T) {
	m := up(t)
	for i, stage := range m.prev.Stages.Packs {
		if stage != bess.PackJoined {
			t.Errorf("pack %d is %v", i+1, stage)
		}
	}
	for _, i := range []int{0, 3, 9} {
		if v := &m.prev.Session.Visits[i]; v.State != bess.VisitCharging || v.Delivered <= 0 {
			t.Errorf("outlet %d is %v with %v", i+1, v.State, v.Delivered)
		}
	}
}

// prev is read, never written, and next shares no memory with it.
func TestPrevIsNotWritten(t *testing.T) {
	m := up(t)
	for k := range 700 {
		m.sense()
		m.in.Requests = nil
		if k%97 == 0 {
			m.in.Requests = []bess.Request{m.ask(bess.OutletOff, k%10), m.ask(bess.Booking, 9)}
		}
		before := AppendState(nil, m.prev)
		Step(m.u, m.prev, m.in, m.next, m.out)
		if !bytes.Equal(before, AppendState(nil, m.prev)) {
			t.Fatalf("tick %d wrote into the state before it", m.next.Tick)
		}
		m.prev, m.next = m.next, m.prev
	}
	seen := map[uintptr]string{}
	memory(t, reflect.ValueOf(m.prev).Elem(), "state", seen, false)
	memory(t, reflect.ValueOf(m.next).Elem(), "state", seen, true)
	memory(t, reflect.ValueOf(m.out).Elem(), "outputs", seen, true)
}

// memory collects the addresses of all slices of exported fields, or finds
// those that are there already.
func memory(t *testing.T, v reflect.Value, name string, seen map[uintptr]string, check bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "Answers" {
				memory(t, v.Field(i), name+"."+f.Name, seen, check)
			}
		}
	case reflect.Slice:
		if v.Cap() == 0 {
			return
		}
		if other, shared := seen[v.Pointer()]; check && shared {
			t.Errorf("%s shares memory with %s of the state before", name, other)
		} else if !check {
			seen[v.Pointer()] = name
		}
		for i := range v.Len() {
			memory(t, v.Index(i), name, seen, check)
		}
	default: // holds no memory of its own
	}
}

// The same inputs give the same outputs, to the bit, also from a state that
// was written down and read back.
func TestSameInputsSameBits(t *testing.T) {
	a, b := up(t), up(t)
	var da, db Digest
	for k := range 1300 {
		if k == 650 {
			restored, err := ReadState(b.u, AppendState(nil, b.prev))
			if err != nil {
				t.Fatal(err)
			}
			b.prev = restored
		}
		if k%200 == 50 {
			a.plugged[5], b.plugged[5] = !a.plugged[5], !b.plugged[5]
		}
		a.tick()
		b.tick()
		da.Add(a.prev, a.out)
		db.Add(b.prev, b.out)
		if da.Sum() != db.Sum() {
			t.Fatalf("tick %d differs", k)
		}
	}
}

// A tick allocates nothing: with requests, events, vehicles, a look ahead and
// an entry that closes.
func TestStepAllocatesNothing(t *testing.T) {
	m := up(t)
	m.run(6 * bess.Minute)
	requests := make([]bess.Request, 0, 4)
	turn := func() {
		for k := range 3100 {
			m.sense()
			requests = requests[:0]
			if k%50 == 0 {
				m.plugged[5] = !m.plugged[5]
				requests = append(requests, m.ask(bess.VisitNeed, 0), m.ask(bess.OutletOff, 7), m.ask(bess.OutletOn, 7))
				requests[0].Energy, requests[0].Until = 9000, m.in.Snapshot.Civil.Add(bess.Hour)
			}
			m.in.Requests = requests
			Step(m.u, m.prev, m.in, m.next, m.out)
			m.prev, m.next = m.next, m.prev
		}
	}
	turn()
	if n := testing.AllocsPerRun(2, turn); n != 0 {
		t.Errorf("five minutes allocate %v times", n)
	}
}

// Every request gets exactly one answer, in its own tick.
func TestEveryVerbIsAnswered(t *testing.T) {
	verbs := []bess.Verb{bess.NoVerb, 200}
	for v := bess.Verb(1); v.String() != "unknown verb"; v++ {
		verbs = append(verbs, v)
	}
	m := up(t)
	for _, v := range verbs {
		for _, target := range []int{0, 1, -1, 99, math.MaxInt, math.MinInt} {
			r := m.ask(v, target)
			late := r
			late.ID, late.Expires = r.ID+1000_000, 1
			m.tick(r, late)
			answered(t, m, v)
			if a := m.out.Answers[1]; a.Granted || a.Why != bess.RefusedExpired {
				t.Errorf("%v, too late: %+v", v, a)
			}
			if (target < 0 || target > 90) && m.out.Answers[0].Granted && targeted(v) {
				t.Errorf("%v of part %d was granted", v, target)
			}
		}
		m.run(bess.Second)
	}
}

func targeted(v bess.Verb) bool {
	return slices.Contains([]bess.Verb{
		bess.OutletOn, bess.OutletOff, bess.CircuitOn, bess.CircuitOff, bess.CircuitPriority, bess.PackOut, bess.PackIn,
		bess.VisitNeed, bess.VisitEnd, bess.Booking, bess.FeederRecord, bess.FeederOn, bess.FeederOff, bess.GeneratorRun, bess.GeneratorAuto,
	}, v)
}

func answered(t testing.TB, m *machine, v bess.Verb) {
	t.Helper()
	if len(m.out.Answers) != len(m.in.Requests) {
		t.Fatalf("%v: %d answers to %d requests", v, len(m.out.Answers), len(m.in.Requests))
	}
	told := 0
	for i := range m.out.Answers {
		a := m.out.Answers[i]
		if a.ID != m.in.Requests[i].ID || !a.Granted && a.Why == bess.RefusedNot {
			t.Errorf("%v: answered %+v", v, a)
		}
	}
	for i := range m.out.Events {
		if m.out.Events[i].Kind == bess.EventRequest {
			told++
		}
	}
	if told != len(m.in.Requests) {
		t.Errorf("%v: %d events of %d requests", v, told, len(m.in.Requests))
	}
}

// sane checks that no order is beyond what is installed, whatever was read.
func sane(t testing.TB, m *machine) {
	t.Helper()
	u, c := m.u, &m.out.Commands
	within := func(name string, i int, x, most si.Watts) {
		if !si.Finite(x) || si.Abs(x) > si.Mul(most, 1.001) {
			t.Fatalf("tick %d: %s %d is ordered %v of %v", m.prev.Tick, name, i+1, float64(x), float64(most))
		}
	}
	for i := range c.Converters {
		k := &c.Converters[i]
		for _, x := range []si.Watts{k.Power, k.Discharge, k.Charge} {
			within("converter", i, x, u.Converters[i].Rated)
		}
		if !si.Finite(k.Reference) || k.Reference > u.Bus.Max || !si.Finite(k.Slope) {
			t.Fatalf("converter %d regulates to %v at %v W/V", i+1, k.Reference, float64(k.Slope))
		}
	}
	within("inverter", 0, c.Inverter.Import, si.Watts(u.Inverter.Rated))
	within("inverter", 0, c.Inverter.Export, si.Watts(u.Inverter.Rated))
	for i := range c.Outlets {
		within("outlet", i, c.Outlets[i].Power, u.Outlets[i].Rated)
		if a := c.Outlets[i].Current; !si.Finite(a) || a < 0 || a > u.Outlets[i].Current {
			t.Fatalf("outlet %d is ordered %v", i+1, a)
		}
	}
	for i := range c.Feeders {
		within("feeder", i, c.Feeders[i].Limit, max(u.Feeders[i].Cap, u.Feeders[i].Set.Rated))
	}
}

// scramble overwrites readings and flags below v with what garbage says.
func scramble(v reflect.Value, next func() byte) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Now" && name != "Civil" {
				scramble(v.Field(i), next)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			scramble(v.Index(i), next)
		}
	case reflect.Float64:
		if wild := [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 0, -1, 1e6}; next() < 40 {
			v.SetFloat(wild[next()%8])
		}
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		if next() < 20 {
			v.SetUint(uint64(next()) % 3)
		}
	case reflect.Int64:
		if next() < 10 {
			v.SetInt(int64(int8(next())) * 1000)
		}
	default: // left as it is
	}
}

// FuzzSnapshots: whatever the machine says, nothing panics and no order is
// beyond what is installed.
func FuzzSnapshots(f *testing.F) {
	f.Add([]byte{1, 2, 3})
	f.Add([]byte{0xff, 0x00, 0x20, 0x11, 7})
	f.Add(bytes.Repeat([]byte{9, 0, 200, 33}, 64))
	f.Fuzz(func(t *testing.T, garbage []byte) {
		m := newMachine()
		m.service()
		m.plugged[0], m.plugged[9] = true, true
		seed := uint32(2463534242)
		for _, b := range garbage {
			seed = seed*31 + uint32(b)
		}
		next := func() byte {
			seed ^= seed << 13
			seed ^= seed >> 17
			seed ^= seed << 5
			return byte(seed >> 8)
		}
		m.garble = func(s *bess.Snapshot) { scramble(reflect.ValueOf(s).Elem(), next) }
		for range 30 {
			m.tick()
			sane(t, m)
		}
		m.garble = nil
		for range 100 {
			m.tick()
			sane(t, m)
		}
		for i := range m.prev.Estimates.Packs {
			if e := &m.prev.Estimates.Packs[i]; !si.Finite(e.SoC) || !si.Finite(e.SoCSigma) || !si.Finite(e.Stored) {
				t.Fatalf("pack %d is estimated at %v", i+1, float64(e.SoC))
			}
		}
		if e := &m.prev.Estimates.Unit; !si.Finite(e.Load) || !si.Finite(e.Supply) || !si.Finite(e.Deliverable) {
			t.Fatalf("the unit is estimated at %+v", *e)
		}
	})
}

// FuzzRequests: whatever is asked, each request is answered once and no order
// is beyond what is installed.
func FuzzRequests(f *testing.F) {
	f.Add([]byte{byte(bess.VisitNeed), 0, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{byte(bess.ImportCap), 0xff, 0xf8, 0, 0, 0, 0, 0, 0, 1})
	f.Add([]byte{byte(bess.Booking), 9, 0x40, 0xe5, 0xf9, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, asked []byte) {
		m := newMachine()
		m.service()
		m.plugged[0], m.plugged[9] = true, true
		for n := uint64(1); len(asked) >= 10; n++ {
			x := math.Float64frombits(binary.BigEndian.Uint64(asked[2:10]))
			r := m.ask(bess.Verb(asked[0]), int(int8(asked[1])))
			r.ID, r.Energy, r.Power, r.Number = n, si.WattHours(x), si.Watts(x), int(int8(asked[3]))
			r.By = bess.Source(asked[4] % 13)
			r.From = m.in.Snapshot.Civil.Add(bess.Span(asked[5]) * bess.Minute)
			r.Until = m.in.Snapshot.Civil.Add(bess.Span(asked[6]) * 10 * bess.Minute)
			if asked[7] > 128 {
				r.Record = &bess.SiteRecord{Person: "A", Agreed: si.Watts(x), Parallel: true, ExportCap: si.Watts(x)}
			}
			m.tick(r)
			answered(t, m, r.Verb)
			sane(t, m)
			asked = asked[10:]
		}
		for range 200 {
			m.tick()
			sane(t, m)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	m := up(b)
	b.ReportAllocs()
	for b.Loop() {
		m.sense()
		m.in.Requests = nil
		Step(m.u, m.prev, m.in, m.next, m.out)
		m.prev, m.next = m.next, m.prev
	}
}
