package device

import (
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/can"
)

// Times of the identity verdict.
const (
	// evidenceWindow is how long an identifier counts as present; longer where a message comes more rarely.
	evidenceWindow = 2 * bess.Second
	// evidenceSettle is how long a pack is watched before it is confirmed: a relative's own frames need time to show.
	evidenceSettle = bess.Second
)

// witness collects the evidence on who a pack is.
type witness struct {
	evidence *Evidence
	series   int
	serial   string // expected; empty: any
	window   bess.Span
	family   []sighting
	own      []sighting
	foreign  []sighting
	first    bess.Instant
	started  bool

	cells     place
	energy    place
	letters   []place
	cellCount float64 // as told; 0: not yet
	energyKWh float64
	told      []byte // serial bytes as told
	confirmed bool
}

// sighting is when an identifier was last seen.
type sighting struct {
	id   uint32
	seen bool
	at   bess.Instant
}

func newWitness(t *PackTable, serial string) (*witness, error) {
	w := &witness{
		evidence: &t.Evidence, series: t.Series, serial: serial, window: evidenceWindow,
		family: sightings(t.Evidence.Identifiers), own: sightings(t.Evidence.Distinctive), foreign: sightings(t.Evidence.Absent),
		told: make([]byte, len(t.Evidence.Serial)),
	}
	for _, m := range t.Database.Messages() {
		if cycle, ok := m.CycleTime(); ok {
			w.window = max(w.window, elapsed(3*cycle))
		}
	}
	var err error
	if t.Evidence.CellCount != "" {
		if w.cells, err = t.dotted(t.Evidence.CellCount); err != nil {
			return nil, err
		}
	}
	if t.Evidence.Energy != "" {
		if w.energy, err = t.dotted(t.Evidence.Energy); err != nil {
			return nil, err
		}
	}
	for _, path := range t.Evidence.Serial {
		at, err := t.dotted(path)
		if err != nil {
			return nil, err
		}
		w.letters = append(w.letters, at)
	}
	return w, nil
}

func sightings(ids []uint32) []sighting {
	list := make([]sighting, len(ids))
	for i, id := range ids {
		list[i].id = id
	}
	return list
}

// see notes a frame. A frame of the type's own database counts only when it was sound; a relative's is not in the
// database, so its identifier alone speaks.
func (w *witness) see(frame *can.Frame, sound *can.Message, at bess.Instant) {
	if frame.IsExtended || frame.IsRemote {
		return
	}
	for i := range w.foreign {
		if w.foreign[i].id == frame.ID {
			w.foreign[i].seen, w.foreign[i].at = true, at
		}
	}
	if sound == nil {
		return
	}
	for _, list := range [...][]sighting{w.family, w.own} {
		for i := range list {
			if list[i].id == frame.ID {
				list[i].seen, list[i].at = true, at
				if !w.started {
					w.started, w.first = true, at
				}
			}
		}
	}
}

// hear notes the signals of a sound frame that tell about identity.
func (w *witness) hear(message *can.Message, samples []can.Sample, at time.Time) {
	value := func(p place) (float64, bool) {
		if p.message != message || !samples[p.signal].Valid || !samples[p.signal].At.Equal(at) {
			return 0, false
		}
		return samples[p.signal].Physical, true
	}
	if x, ok := value(w.cells); ok {
		w.cellCount = x
	}
	if x, ok := value(w.energy); ok {
		w.energyKWh = x
	}
	for i, p := range w.letters {
		if x, ok := value(p); ok && x >= 0 && x < 256 {
			w.told[i] = byte(x)
		}
	}
}

// present counts the identifiers seen within the window.
func (w *witness) present(list []sighting, now bess.Instant) int {
	n := 0
	for _, s := range list {
		if s.seen && now.Since(s.at) <= w.window {
			n++
		}
	}
	return n
}

// Serial is what the pack says its serial number is; empty while unknown.
func (w *witness) saidSerial() string {
	n := len(w.told)
	for n > 0 && (w.told[n-1] == 0 || w.told[n-1] == ' ') {
		n--
	}
	for _, c := range w.told[:n] {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return string(w.told[:n])
}

// serialDiffers reports whether the pack told another serial than the expected one.
func (w *witness) serialDiffers() (differs, complete bool) {
	if len(w.letters) == 0 || w.serial == "" {
		return false, true
	}
	n := len(w.told)
	for n > 0 && (w.told[n-1] == 0 || w.told[n-1] == ' ') {
		n--
	}
	if n == 0 {
		return false, false
	}
	// Compared in place: this runs in the loop's tick and must not allocate.
	return string(w.told[:n]) != w.serial, true
}

// judge is the verdict now. volts is the pack's fresh voltage, if it has one. A confirmed pack stays confirmed while it
// speaks and nothing contradicts: an odd voltage in service is a fault, not another pack.
func (w *witness) judge(now bess.Instant, volts bess.Reading[si.Volts]) bess.Identity {
	e := w.evidence
	seen := w.present(w.family, now)
	if len(w.family) == 0 || 2*seen < len(w.family) {
		w.started, w.confirmed = false, false
		w.cellCount, w.energyKWh = 0, 0
		clear(w.told)
		return bess.Unidentified
	}
	differs, complete := w.serialDiffers()
	if w.present(w.foreign, now) > 0 || differs || w.cellCount != 0 && int(w.cellCount) != w.series {
		w.confirmed = false
		return bess.WrongPack
	}
	if w.confirmed {
		return bess.Confirmed
	}
	v, known := volts.Fresh(now, w.window)
	energy := si.WattHours(w.energyKWh * 1000)
	switch {
	case seen < len(w.family), w.present(w.own, now) < len(w.own), now.Since(w.first) < evidenceSettle, !complete,
		!known || v < e.VoltsMin || v > e.VoltsMax,
		w.cells.message != nil && w.cellCount == 0,
		w.energy.message != nil && (energy < e.EnergyLow || energy > e.EnergyHigh):
		return bess.FamilyKnown
	}
	w.confirmed = true
	return bess.Confirmed
}
