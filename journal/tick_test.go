package journal

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"reprise/bess"
)

func sizes() *bess.Unit {
	return &bess.Unit{
		Name: "test", Packs: make([]bess.Pack, 7), Converters: make([]bess.Converter, 7), Feeders: make([]bess.Feeder, 4),
		Circuits: make([]bess.Circuit, 6), Outlets: make([]bess.Outlet, 10),
	}
}

// fill sets every field of a value to something random, so that a field that
// the codec forgets shows.
func fill(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 1)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(int32(r.Uint32())))
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(r.IntN(1 << 16)))
	case reflect.Uint64:
		v.SetUint(r.Uint64())
	case reflect.Float64:
		v.SetFloat(r.NormFloat64())
	case reflect.String:
		v.SetString(string(rune('a' + r.IntN(26))))
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), r)
	default:
		panic("unexpected " + v.Kind().String())
	}
}

func randomTick(u *bess.Unit, r *rand.Rand, number uint64) *Tick {
	s, c := bess.NewSnapshot(u), bess.NewCommands(u)
	fill(reflect.ValueOf(&s).Elem(), r)
	fill(reflect.ValueOf(&c).Elem(), r)
	t := &Tick{Number: number, Snapshot: &s, Ordered: &c}
	fill(reflect.ValueOf(&t.Chain).Elem(), r)
	return t
}

// Every field of a snapshot, of the orders, of requests and plans comes back.
func TestEveryFieldComesBack(t *testing.T) {
	u, r := sizes(), rand.New(rand.NewPCG(1, 2))
	encode, decode := newImage(u), newDecoder(u)
	for n := range 20 {
		in := randomTick(u, r, uint64(n*n))
		in.Key = n%7 == 0
		if n%3 == 0 {
			in.Requests = make([]bess.Request, 2)
			fill(reflect.ValueOf(in.Requests), r)
		}
		if n%5 == 0 {
			in.Plan = &bess.Plan{Slots: make([]bess.PlanSlot, 3)}
			fill(reflect.ValueOf(in.Plan).Elem(), r)
		}
		b := encode.append(nil, in)
		rest := cursor{b: b}
		out, err := decode.tick(&rest)
		if err != nil || len(rest.b) != 0 {
			t.Fatalf("tick %d: %v, %d bytes left", n, err, len(rest.b))
		}
		if !reflect.DeepEqual(in, out) {
			t.Fatalf("tick %d came back changed:\n%+v\n%+v", n, in, out)
		}
	}
}

func TestTickWithoutItsBeginningIsRefused(t *testing.T) {
	u, r := sizes(), rand.New(rand.NewPCG(1, 2))
	b := newImage(u).append(nil, randomTick(u, r, 1))
	if _, err := newDecoder(u).tick(&cursor{b: b}); err == nil {
		t.Error("a tick without a key was read")
	}
}

func FuzzTick(f *testing.F) {
	u, r := sizes(), rand.New(rand.NewPCG(1, 2))
	in := randomTick(u, r, 1)
	in.Key, in.Requests, in.Plan = true, make([]bess.Request, 1), &bess.Plan{Slots: make([]bess.PlanSlot, 1)}
	f.Add(newImage(u).append(nil, in))
	f.Add([]byte{flagKey})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, rest := newDecoder(u), &cursor{b: b}
		for {
			if _, err := d.tick(rest); err != nil || len(rest.b) == 0 {
				return
			}
		}
	})
}

// moving changes what changes on a working unit in a tick: fast readings.
func moving(s *bess.Snapshot, n int, r *rand.Rand) {
	s.Now += 100
	s.Civil.UnixMilli += 100
	for i := range s.Packs {
		p := &s.Packs[i]
		p.Volts = bess.Of(nudge(p.Volts.Value, r, 0.1), s.Now)
		p.Current = bess.Of(nudge(p.Current.Value, r, 0.5), s.Now)
		p.LinkVolts = bess.Of(p.Volts.Value, s.Now)
		p.Alive = bess.Of(p.Alive.Value, s.Now)
		if n%3 == 0 {
			p.CellHigh, p.CellLow = bess.Of(p.CellHigh.Value, s.Now), bess.Of(p.CellLow.Value, s.Now)
		}
		if n%6 == 0 {
			p.Hot, p.Cold, p.SoC = bess.Of(p.Hot.Value, s.Now), bess.Of(p.Cold.Value, s.Now), bess.Of(p.SoC.Value, s.Now)
		}
		c := &s.Converters[i]
		if n%2 == 0 {
			c.Power = bess.Of(nudge(c.Power.Value, r, 10), s.Now)
			c.PackVolts, c.PackAmps = bess.Of(p.Volts.Value, s.Now), bess.Of(p.Current.Value, s.Now)
			c.BusVolts = bess.Of(nudge(c.BusVolts.Value, r, 0.1), s.Now)
		}
	}
	v := &s.Inverter
	v.Power, v.DCVolts = bess.Of(nudge(v.Power.Value, r, 10), s.Now), bess.Of(v.DCVolts.Value, s.Now)
	for i := range 3 {
		v.PhaseVolts[i] = bess.Of(nudge(v.PhaseVolts[i].Value, r, 0.1), s.Now)
		v.PhaseAmps[i] = bess.Of(nudge(v.PhaseAmps[i].Value, r, 0.1), s.Now)
	}
	s.Bus.Volts = bess.Of(nudge(s.Bus.Volts.Value, r, 0.1), s.Now)
	if n%10 == 0 {
		for i := range s.Outlets {
			s.Outlets[i].Power = bess.Of(nudge(s.Outlets[i].Power.Value, r, 1), s.Now)
		}
	}
}

// nudge moves a value by a few steps of its resolution.
func nudge[T ~float64](x T, r *rand.Rand, resolution float64) T {
	return T(math.Round(float64(x)/resolution)+float64(r.IntN(5)-2)) * T(resolution)
}

func BenchmarkTick(b *testing.B) {
	u, r := sizes(), rand.New(rand.NewPCG(1, 2))
	in := randomTick(u, r, 1)
	m, buffer, total := newImage(u), make([]byte, 0, 1<<16), 0
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		moving(in.Snapshot, n, r)
		in.Number++
		buffer = m.append(buffer[:0], in)
		total += len(buffer)
		n++
	}
	b.ReportMetric(float64(total)/float64(n), "B/tick")
	b.ReportMetric(float64(len(m.now.list)), "words")
}
