package unit

import (
	"os"
	"path/filepath"
	"testing"

	"reprise/bess"
)

// TestAlive: a sign of life survives its process; a torn or missing one is not known, which makes a restart careful.
func TestAlive(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, aliveFile)
	want := Alive{Now: 71000, Civil: 1623661271000}
	whole := appendAlive(nil, want)
	flipped := appendAlive(nil, want)
	flipped[3] ^= 1
	for _, c := range []struct {
		name  string
		bytes []byte
		want  Alive
	}{
		{"missing", nil, Alive{}}, {"whole", whole, want}, {"torn", whole[:11], Alive{}}, {"flipped", flipped, Alive{}},
	} {
		if c.bytes != nil {
			if err := os.WriteFile(file, c.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := readAlive(dir); err != nil || got != c.want {
			t.Errorf("%s: read %+v, %v", c.name, got, err)
		}
	}
	c := &Checkpoint{Now: 60000, Civil: bess.Civil{UnixMilli: 1623661260000}}
	m := machine(t, Config{})
	for _, told := range []Alive{{}, {Now: 50000, Civil: 1}, {Now: 60000 + 40*bess.Instant(bess.Day), Civil: 1}} {
		m.config.Restart.Alive = told
		if got := m.lastTick(c); got != (Alive{Now: 60000, Civil: 1623661260000}) {
			t.Errorf("%+v beat the checkpoint: %+v", told, got)
		}
	}
	m.config.Restart.Alive = want
	if got := m.lastTick(c); got != want {
		t.Errorf("the younger sign of life lost: %+v", got)
	}
}
