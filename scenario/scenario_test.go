package scenario

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reprise/internal/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a committed file, or rewrites it.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run the test with -update", err)
	}
	if text != string(want) {
		t.Errorf("%s differs; got:\n%s", path, text)
	}
}

func TestExamplesLoad(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := new(Reader).Load(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Story) == 0 || s.About == "" || len(s.Packs) != len(s.Unit.Packs) {
				t.Errorf("an example without story, sentence or packs: %+v", s)
			}
			frame := s.Series.NewFrame()
			for at := s.Start; at < s.End(); at += 3_600_000 {
				s.Series.Read(at, &frame)
				for i, load := range frame.Loads {
					if !load.OK || load.Value < 0 || load.Value > 100e3 {
						t.Fatalf("load %d at %d: %+v", i, at, load)
					}
				}
				if !frame.Ambient.OK || !frame.Irradiance.OK || !frame.Carbon.OK || !frame.Price.OK {
					t.Fatalf("a series is unknown at %d: %+v", at, frame)
				}
			}
		})
	}
}

func TestRealExamplesLoad(t *testing.T) {
	data := require.Data(t, "uk-site-load", "uk-weather-bedford", "ev-sessions-acn", "ev-charge-curves", "uk-carbon-hourly", "uk-price-agile-hourly")
	files, err := filepath.Glob("../examples/real/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("real examples: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := Reader{Data: data}
			s, err := r.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s\nvisits %d, bookings %d", strings.Join(s.Notes, "\n"), len(s.Visits), len(s.Bookings))
		})
	}
}

func TestAbsentDataIsNamed(t *testing.T) {
	for _, data := range []string{"", t.TempDir()} {
		r := Reader{Data: data}
		_, err := r.Load("../examples/real/retailer.yaml")
		var absent *DataAbsentError
		if !errors.Is(err, ErrDataAbsent) || !errors.As(err, &absent) || !strings.Contains(err.Error(), "uk-site-load") {
			t.Errorf("data %q: %v", data, err)
		}
	}
}

func TestReferenceDayIsTheExample(t *testing.T) {
	text, err := os.ReadFile("../examples/reference-day.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != string(referenceDay) {
		t.Error("scenario/reference-day.yaml and examples/reference-day.yaml differ: copy one over the other")
	}
	s, err := ReferenceDay()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Unit.Packs) != 7 || len(s.Story) < 10 {
		t.Errorf("the reference day has %d packs and %d lines", len(s.Unit.Packs), len(s.Story))
	}
}
