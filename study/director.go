package study

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/plant"
	"reprise/scenario"
	"reprise/twin"
)

// Stage is what a director plays on: the twin's world and a desk for requests.
type Stage struct {
	World *twin.World
	Ask   func(bess.Request)
	// Power of the controller, the guard and the store; nil where the stage has
	// none of them to switch.
	Process func(name string, up bool)
}

// Director plays a scenario's surroundings, visits, bookings and story onto a
// stage, tick by tick.
type Director struct {
	sc     *scenario.Scenario
	stage  Stage
	around twin.Surroundings
	frame  scenario.Frame
	forced []si.Watts // per circuit: the story's own load; negative: its series
	next   struct {
		weather bess.Span
		visit   int
		booking int
		line    int
	}
	booked  []bool // per booking: announced
	departs []departure
	told    []need
}

// departure is a vehicle that will leave.
type departure struct {
	outlet int
	at     int64
}

// need is what a driver will say once the station has noticed the vehicle.
type need struct {
	at  bess.Span
	ask bess.Request
}

// tellAfter is how long after plugging in a driver says what is needed.
const tellAfter = 8 * bess.Second

// weatherEvery is how often series are read.
const weatherEvery = 10 * bess.Second

// NewDirector checks that the twin knows every fault of the story.
func NewDirector(sc *scenario.Scenario, stage Stage) (*Director, error) {
	for i := range sc.Story {
		if f, ok := sc.Story[i].Statement.(scenario.FaultText); ok {
			if _, known := twin.ParseFault(f.Name); !known {
				return nil, fmt.Errorf("%v: the twin knows no fault %q: see \"reprise twin --faults\" for the list", sc.Story[i].Place, f.Name)
			}
		}
	}
	d := &Director{
		sc: sc, stage: stage, around: twin.NewSurroundings(sc.Unit), frame: sc.Series.NewFrame(),
		forced: make([]si.Watts, len(sc.Unit.Circuits)), booked: make([]bool, len(sc.Bookings)),
	}
	for i := range d.forced {
		d.forced[i] = -1
	}
	for i := range sc.Unit.Feeders {
		d.around.Feeders[i].Available = sc.Unit.Feeders[i].Kind == bess.Grid
	}
	return d, nil
}

// Begin brings the unit into service, as a crew would after the arrival check.
func (d *Director) Begin() {
	d.weather(0)
	d.stage.Ask(bess.Request{By: bess.SourceOperator, Person: "crew", Verb: bess.Start})
}

// Play does everything that is due at span now after the start.
func (d *Director) Play(now bess.Span) {
	if now >= d.next.weather {
		d.weather(now)
		d.next.weather = now + weatherEvery
	}
	d.visits(now)
	for d.next.line < len(d.sc.Story) && d.sc.Story[d.next.line].At <= now {
		d.do(&d.sc.Story[d.next.line], now)
		d.next.line++
	}
	kept := d.told[:0]
	for _, n := range d.told {
		if n.at <= now {
			d.stage.Ask(n.ask)
		} else {
			kept = append(kept, n)
		}
	}
	d.told = kept
}

// weather reads the series. What is unknown stays as it was: a gap is not 0.
func (d *Director) weather(now bess.Span) {
	at := d.sc.Start + int64(now)
	d.sc.Series.Read(at, &d.frame)
	if d.frame.Ambient.OK {
		d.around.Ambient = si.Celsius(d.frame.Ambient.Value)
	}
	if d.frame.Irradiance.OK {
		d.around.Irradiance = si.WattsPerM2(d.frame.Irradiance.Value)
	}
	clear(d.around.Circuits)
	for i := range d.sc.Series.Loads {
		if s := d.frame.Loads[i]; s.OK {
			d.around.Circuits[d.sc.Series.Loads[i].Circuit] += si.Watts(s.Value)
		}
	}
	for i, p := range d.forced {
		if p >= 0 {
			d.around.Circuits[i] = p
		}
	}
	for i := range d.around.Feeders {
		d.priced(i)
	}
	d.stage.World.Surround(d.around)
}

// priced sets what a feeder's energy costs and emits. Solar emits nothing where
// it stands; a generator emits what its fuel does at 60 % of its rating; what a
// vehicle charger gives is unknown.
func (d *Director) priced(i int) {
	f := &d.sc.Unit.Feeders[i]
	s := &d.around.Feeders[i]
	switch f.Kind {
	case bess.Grid:
		s.Priced = d.frame.Carbon.OK
		s.Intensity, s.Price = si.GramsPerKWh(d.frame.Carbon.Value), si.Pounds(d.frame.Price.Value)
	case bess.Solar:
		s.Priced, s.Intensity, s.Price = true, 0, 0
	case bess.Generator:
		load := f.Set.Rated.Scale(0.6)
		const gramsPerLitre = 2659.37 // mineral diesel, UK 2023 (BEIS/DESNZ)
		if load > 0 {
			s.Priced = true
			s.Intensity = si.GramsPerKWh(plant.FuelCurveOf(f.Set.Rated).PerHour(load) * gramsPerLitre / load.KW())
		}
	case bess.CCS: // nobody says what a charger of others costs and emits
	}
}

// Supplies are what the feeders' energy costs and emits now.
func (d *Director) Supplies() []twin.Supply { return d.around.Feeders }

// visits plugs in who arrives and unplugs who leaves.
func (d *Director) visits(now bess.Span) {
	at := d.sc.Start + int64(now)
	kept := d.departs[:0]
	for _, x := range d.departs {
		if x.at <= at {
			d.stage.World.Unplug(bess.OutletID(x.outlet))
		} else {
			kept = append(kept, x)
		}
	}
	d.departs = kept
	for d.next.visit < len(d.sc.Visits) && d.sc.Visits[d.next.visit].Arrive <= at {
		d.arrive(&d.sc.Visits[d.next.visit], now)
		d.next.visit++
	}
	for i := range d.sc.Bookings {
		b := &d.sc.Bookings[i]
		if !d.booked[i] && b.Known <= at {
			d.booked[i] = true
			d.book(b)
		}
	}
	for d.next.booking < len(d.sc.Bookings) && d.sc.Bookings[d.next.booking].Arrive <= at {
		d.arrive(&d.sc.Bookings[d.next.booking].Visit, now)
		d.next.booking++
	}
}

func (d *Director) book(b *scenario.Booking) {
	d.stage.Ask(bess.Request{
		By: bess.SourceDriver, Verb: bess.Booking, Target: b.Outlet, Number: b.Number, Energy: b.Need, Power: b.Rate,
		From: d.sc.Civil(bess.Span(b.Arrive - d.sc.Start)), Until: d.sc.Civil(bess.Span(max(b.Stated, b.Arrive) - d.sc.Start)),
	})
}

func (d *Director) arrive(v *scenario.Visit, now bess.Span) {
	d.stage.World.Plug(bess.OutletID(v.Outlet), d.vehicle(v))
	d.departs = append(d.departs, departure{outlet: v.Outlet, at: v.Leave})
	if v.Need > 0 {
		ask := bess.Request{By: bess.SourceDriver, Verb: bess.VisitNeed, Target: v.Outlet, Energy: v.Need}
		if v.Stated > 0 {
			ask.Until = d.sc.Civil(bess.Span(v.Stated - d.sc.Start))
		}
		d.told = append(d.told, need{at: now + tellAfter, ask: ask})
	}
}
