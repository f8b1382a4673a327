package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"reprise/bess"
)

// fixture is a picture of the page's own tests: made up in the shape that the unit publishes, not recorded from one.
func fixture(t testing.TB, name string) *bess.Picture {
	t.Helper()
	p, err := readFixture(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func readFixture(name string) (*bess.Picture, error) {
	text, err := os.ReadFile(filepath.Join("..", "web", "src", "fixtures", name+".json"))
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	p := &bess.Picture{}
	if err := d.Decode(p); err != nil {
		return nil, err
	}
	markKnown(reflect.ValueOf(p))
	return p, nil
}

// markKnown completes figures that came from JSON: a figure without a reason is known.
func markKnown(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		markKnown(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			markKnown(v.Index(i))
		}
	case reflect.Struct:
		if f, ok := v.Addr().Interface().(*bess.Figure); ok {
			f.Known = f.Why == ""
			return
		}
		for i := range v.NumField() {
			markKnown(v.Field(i))
		}
	default: // holds no figure
	}
}

// fixtureNames are the seven states in which the page is looked at.
func fixtureNames() []string {
	return []string{"calm", "busy", "islanded", "lost", "emergency", "stale", "first"}
}

// The page's fixtures hold exactly what the unit publishes: no key more, none less, no value changed on the way.
func TestFixturesAreWhatTheUnitPublishes(t *testing.T) {
	for _, name := range fixtureNames() {
		p := fixture(t, name)
		printed, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := os.ReadFile(filepath.Join("..", "web", "src", "fixtures", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := errors.Join(json.Unmarshal(printed, &a), json.Unmarshal(recorded, &b)); err != nil {
			t.Fatal(err)
		}
		sameJSON(t, name, a, b)
	}
}

func sameJSON(t *testing.T, where string, published, recorded any) {
	t.Helper()
	switch p := published.(type) {
	case map[string]any:
		r, ok := recorded.(map[string]any)
		if !ok {
			t.Errorf("%s: published an object, recorded %v", where, recorded)
			return
		}
		for key := range p {
			if _, ok := r[key]; !ok {
				t.Errorf("%s.%s: published, but not in the fixture", where, key)
				continue
			}
			sameJSON(t, where+"."+key, p[key], r[key])
		}
		for key := range r {
			if _, ok := p[key]; !ok {
				t.Errorf("%s.%s: in the fixture, but not published", where, key)
			}
		}
	case []any:
		r, _ := recorded.([]any)
		if len(r) != len(p) {
			t.Errorf("%s: published %d elements, recorded %d", where, len(p), len(r))
			return
		}
		for i := range p {
			sameJSON(t, where+"[]", p[i], r[i])
		}
	case float64:
		r, ok := recorded.(float64)
		if !ok || math.Abs(r-p) > 1e-5*math.Max(1, math.Abs(p)) {
			t.Errorf("%s: published %v, recorded %v", where, published, recorded)
		}
	default:
		if published != recorded {
			t.Errorf("%s: published %v, recorded %v", where, published, recorded)
		}
	}
}

// played is a machine that shows one picture, again and again with a new tick, and remembers what it was asked.
type played struct {
	lock    sync.Mutex
	picture *bess.Picture
	asked   []bess.Request
	answer  bess.Answer
	fails   error
	every   time.Duration // between pictures of the stream; 0: none after the first
}

func play(p *bess.Picture) *played {
	return &played{picture: p, answer: bess.Answer{Granted: true}, every: time.Second}
}

func (m *played) Latest() *bess.Picture {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.picture
}

func (m *played) Subscribe(ctx context.Context) <-chan *bess.Picture {
	pictures := make(chan *bess.Picture, 2)
	go func() {
		defer close(pictures)
		if m.every == 0 {
			<-ctx.Done()
			return
		}
		tick := time.NewTicker(m.every)
		defer tick.Stop()
		for n := uint64(1); ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				next := *m.Latest()
				next.Tick += n
				select {
				case pictures <- &next:
				default: // a slow reader loses pictures
				}
			}
		}
	}()
	return pictures
}

func (m *played) Ask(_ context.Context, r bess.Request) (bess.Answer, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.asked = append(m.asked, r)
	a := m.answer
	a.ID = uint64(len(m.asked))
	return a, m.fails
}

func (m *played) requests() []bess.Request {
	m.lock.Lock()
	defer m.lock.Unlock()
	return append([]bess.Request{}, m.asked...)
}

// History is a day that never was: enough for a chart with a band and a gap.
func (m *played) History(_ context.Context, q HistoryQuery) (History, error) {
	if m.fails != nil {
		return History{}, m.fails
	}
	n := min(q.Points, 289)
	h := History{Now: m.Latest().UnixMilli, StepMS: (q.To - q.From) / int64(n)}
	soc := Series{Name: "soc", Title: "State of charge", Unit: "1"}
	grid := Series{Name: "grid", Title: "Grid", Unit: "W"}
	solar := Series{Name: "solar", Title: "Roof solar", Unit: "W"}
	packs := Series{Name: "packs", Title: "Packs", Unit: "W"}
	vehicles := Series{Name: "vehicles", Title: "Vehicles", Unit: "W"}
	loads := Series{Name: "loads", Title: "Loads", Unit: "W"}
	for i := range n {
		x := float64(i) / float64(n)
		h.Times = append(h.Times, q.From+int64(i+1)*h.StepMS)
		sun := 42000 * math.Max(0, math.Sin((x-0.2)*math.Pi*1.3))
		load := 7000 + 2500*math.Sin(x*9)
		cars := 7300 * math.Floor(2.4*math.Max(0, math.Sin(x*7+1)))
		pack := 9000 * math.Sin(x*6.5)
		s := 0.55 + 0.2*math.Sin(x*6-1)
		if i > 90 && i < 100 {
			s = math.NaN()
		}
		soc.Values, soc.Low, soc.High = append(soc.Values, Sample(s)), append(soc.Low, Sample(s-0.03)), append(soc.High, Sample(s+0.03))
		solar.Values, loads.Values = append(solar.Values, Sample(sun)), append(loads.Values, Sample(-load))
		vehicles.Values, packs.Values = append(vehicles.Values, Sample(-cars)), append(packs.Values, Sample(pack))
		grid.Values = append(grid.Values, Sample(load+cars-sun-pack))
	}
	h.Series = []Series{soc, grid, solar, packs, vehicles, loads}
	return h, nil
}
