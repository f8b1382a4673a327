package store

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"reprise/bess"
)

func channels() []Channel { return []Channel{{"soc", 1e-4}, {"bus", 0.1}, {"grid", 1}} }

// hour0 is a whole hour of wall time.
const hour0 = 494_000 * int64(bess.Hour)

func keep(t *testing.T, s *Series, from, seconds int64) {
	t.Helper()
	for i := range seconds {
		at := from + i*1000
		grid := Unknown + int64(0)
		if i%60 != 0 {
			grid = i
		}
		if err := s.Append(at, []int64{5000 + i, 7000, grid}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSeriesAreSealedAndRead(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSeries(dir, channels(), SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, s, hour0+3500_000, 200) // over the end of an hour
	if logs, _ := s.names(logEnd); len(logs) != 1 {
		t.Errorf("logs %v", logs)
	}
	q, err := s.Query(t.Context(), hour0, hour0+2*int64(bess.Hour), []string{"bus", "grid", "nothing"})
	if err != nil || len(q.Times) != 200 {
		t.Fatalf("%d seconds, %v", len(q.Times), err)
	}
	if bus, nothing := q.Channels[0].Value(q.Columns[0][7]), q.Columns[2][7]; math.Abs(bus-700) > 1e-9 || nothing != Unknown {
		t.Errorf("bus %v, nothing %v", bus, nothing)
	}
	if q.Columns[1][60] != Unknown || q.Columns[1][61] != 61 {
		t.Errorf("grid %v", q.Columns[1][58:63])
	}
	q, err = s.Query(t.Context(), hour0, hour0+24*int64(bess.Hour), []string{"soc"})
	if err != nil || len(q.Times) != 4 || q.Times[0]%int64(bess.Minute) != 0 {
		t.Fatalf("minutes %v, %v", q.Times, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A log that was cut anywhere gives its whole records; the next start seals
// them and goes on beside them.
func TestSeriesSurviveATornTail(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSeries(dir, channels(), SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, s, hour0, 20)
	path := s.log.Name()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = OpenSeries(dir, channels(), SeriesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, s, hour0+30_000, 5)
	q, err := s.Query(t.Context(), hour0, hour0+60_000, []string{"soc"})
	if err != nil || len(q.Times) != 24 {
		t.Errorf("%d seconds, %v", len(q.Times), err)
	}
	if err := s.Append(hour0+31_000, []int64{1, 2, 3}); err != nil { // the clock ran back
		t.Error(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*"+secondsEnd)); len(names) != 2 {
		t.Errorf("sealed %v", names)
	}
	if gone, err := s.Yield(); !gone || err != nil {
		t.Errorf("yield: %v, %v", gone, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWholeValues(t *testing.T) {
	c := Channel{"v", 0.1}
	for _, x := range []float64{0, 1.3, -700.2, 1e9} {
		if y := c.Value(c.Whole(x)); math.Abs(y-x) > 0.05 {
			t.Errorf("%v came back as %v", x, y)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e30} {
		if c.Whole(x) != Unknown {
			t.Errorf("%v is known", x)
		}
	}
}

func FuzzSeriesLog(f *testing.F) {
	head := appendFramed(nil, []byte(`[{"name":"a","scale":1}]`))
	f.Add(head)
	f.Add(appendFramed(head, []byte{2, 4}))
	f.Add(appendFramed(head, []byte{2}))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, good, err := parseLog(b)
		if good > int64(len(b)) || (err == nil && len(table.Columns) > 0 && len(table.Columns[0]) != len(table.Times)) {
			t.Errorf("place %d of %d, %v", good, len(b), err)
		}
	})
}
