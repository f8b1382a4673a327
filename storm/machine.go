package storm

import (
	"fmt"
	"strings"

	"reprise/bess"
)

// Machine is a random unit before it is text: what differs from the defaults
// of package config.
type Machine struct {
	Switched bool
	Packs    []PackPlan
	Inverter float64 // kVA
	Feeders  []FeederPlan
	Circuits []CircuitPlan
	Outlets  []OutletPlan
	Cap      float64 // kW that the site may import
	Reserve  float64 // kWh
	Alone    bool    // may go to island by itself
	NoGrid   bool    // an island site
	Quiet    bool    // quiet hours all day
}

// PackPlan is one pack and the state in which it begins.
type PackPlan struct {
	Type           string
	Health, Growth float64 // percent
	SoC            float64 // percent
	Temperature    float64 // degC
}

// FeederPlan is one supply.
type FeederPlan struct {
	Kind  bess.FeederKind
	Limit float64 // A per phase
	Cap   float64 // kW
	Mode  string  // empty: the default of its kind
}

// CircuitPlan is one circuit with what hangs on it.
type CircuitPlan struct {
	Limit    float64 // A
	Priority int
	Inrush   string
	Fixed    bool       // without a shed relay
	Load     [3]float64 // kW through the day
}

// OutletPlan is one charge point.
type OutletPlan struct {
	Rapid    bool
	Phases   int
	Current  float64 // A
	Fallback float64 // A
	Power    float64 // kW, rapid
}

// packKinds are the types that come with the program and what a converter for
// each may draw: kW, A.
func packKinds() []struct {
	name           string
	rated, current float64
	energy         float64
} {
	return []struct {
		name           string
		rated, current float64
		energy         float64
	}{
		{"rr38", 25, 100, 30}, {"l405", 15, 60, 10}, {"ipace", 40, 125, 80}, {"lfp", 25, 90, 36}, {"leaf", 20, 75, 21},
	}
}

func converterOf(kind string) (rated, current, energy float64) {
	for _, k := range packKinds() {
		if k.name == kind {
			return k.rated, k.current, k.energy
		}
	}
	return 0, 0, 0
}

// drawMachine draws a unit.
func drawMachine(c chance, ambient float64) Machine {
	m := Machine{Switched: c.odds(0.15), Alone: c.odds(0.9), Quiet: c.odds(0.1)}
	count := c.whole(2, 10)
	if m.Switched {
		count = c.whole(2, 5)
	}
	mixed, one := c.odds(0.5), pick(c, packKinds()...).name
	if m.Switched {
		mixed, one = false, pick(c, "rr38", "leaf", "lfp")
	}
	soc, spread := c.between(8, 98, 1), c.between(0, 25, 1)
	power, energy := 0.0, 0.0
	for range count {
		p := PackPlan{Type: one, Health: c.between(62, 98, 1), Growth: c.between(105, 190, 5)}
		if mixed {
			p.Type = pick(c, packKinds()...).name
		}
		p.SoC = min(max(soc+c.between(-spread, spread, 1), 3), 100)
		p.Temperature = min(max(ambient+c.between(-3, 6, 1), -25), 42)
		m.Packs = append(m.Packs, p)
		rated, _, held := converterOf(p.Type)
		power, energy = power+rated, energy+held*p.Health/100
	}
	m.Inverter = min(max(c.between(0.4, 1.1, 0.05)*power, 15), 150)
	if m.Switched {
		m.Inverter = min(m.Inverter, 40)
	}
	m.Inverter = float64(int(m.Inverter/5)) * 5
	m.Reserve = pick(c, 0, 0, float64(int(energy*c.between(0.05, 0.3, 0.01))))
	m.drawFeeders(c)
	m.drawUsers(c)
	return m
}

func (m *Machine) drawFeeders(c chance) {
	m.NoGrid = c.odds(0.08)
	limit := pick(c, 32.0, 63, 63, 100, 125)
	room := limit * 0.69 // kW of three phases
	m.Cap = c.between(0.4*room, room, 1)
	if !m.NoGrid {
		m.Feeders = append(m.Feeders, FeederPlan{Kind: bess.Grid, Limit: limit, Cap: float64(int(room)), Mode: pick(c, "", "", "parallel", "export")})
	}
	if c.odds(0.45) {
		m.Feeders = append(m.Feeders, FeederPlan{Kind: bess.Solar, Limit: 100, Cap: c.between(10, 60, 5)})
	}
	if m.NoGrid || c.odds(0.6) {
		m.Feeders = append(m.Feeders, FeederPlan{Kind: bess.Generator, Limit: 125, Cap: c.between(20, 80, 5), Mode: pick(c, "", "", "charge-only", "supported")})
	}
	if c.odds(0.3) {
		m.Feeders = append(m.Feeders, FeederPlan{Kind: bess.CCS, Cap: c.between(20, 50, 10)})
	}
}

func (m *Machine) drawUsers(c chance) {
	load := c.between(0.05, 0.6, 0.01) * m.Inverter
	circuits := c.whole(1, 5)
	for i := range circuits {
		share := load / float64(circuits)
		k := CircuitPlan{Limit: pick(c, 32.0, 63, 63, 125), Priority: i + 1, Inrush: pick(c, "", "", "motor", "transformer"), Fixed: c.odds(0.08)}
		for t := range k.Load {
			k.Load[t] = min(c.between(0, 2*share, 0.1), 0.6*k.Limit)
		}
		m.Circuits = append(m.Circuits, k)
	}
	per := [3]float64{}
	phaseRoom := 32.0
	for i := range c.whole(1, 9) {
		o := OutletPlan{Rapid: i > 0 && c.odds(0.12), Phases: 1, Current: pick(c, 16.0, 32, 32), Fallback: pick(c, 0.0, 6)}
		if o.Rapid {
			o.Power = pick(c, 50.0, 150)
			m.Outlets = append(m.Outlets, o)
			continue
		}
		if c.odds(0.15) {
			o.Phases = 3
		}
		for ph := range 3 {
			if o.Phases == 3 || ph == i%3 {
				if per[ph] += o.Fallback; per[ph] > phaseRoom {
					o.Fallback = 0
				}
			}
		}
		m.Outlets = append(m.Outlets, o)
	}
}

// text is the unit in the form of a unit file, each line indented.
func (m *Machine) text(indent string) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(indent)
		fmt.Fprintf(&b, format+"\n", args...)
	}
	quiet := "22:00-07:00"
	if m.Quiet {
		quiet = "00:00-23:59"
	}
	island := ""
	if m.NoGrid {
		island = "island: yes, "
	}
	line("name: storm")
	line("site: {name: Storm, %simport_cap: %s kW, reserve: %s kWh, refill_window: 22:00-06:00, quiet_hours: %s}", island, number(m.Cap), number(m.Reserve), quiet)
	if !m.Alone {
		line("network: {form_alone: no}")
	}
	m.busText(line)
	isolated := "yes"
	line("inverter: {rated: %s kVA, fault_current: %s A, isolated: %s}", number(m.Inverter), number(m.Inverter*4.5), isolated)
	if len(m.Feeders) > 0 {
		line("feeders:")
	}
	for i := range m.Feeders {
		m.Feeders[i].text(line, i)
	}
	if len(m.Circuits) > 0 {
		line("circuits:")
	}
	for i, k := range m.Circuits {
		more := ""
		if k.Inrush != "" {
			more += ", inrush: " + k.Inrush
		}
		if k.Fixed {
			more += ", shed: no"
		}
		line("  - {name: Circuit %d, limit: %s A, priority: %d%s}", i+1, number(k.Limit), k.Priority, more)
	}
	line("outlets:")
	for i, o := range m.Outlets {
		if o.Rapid {
			line("  - {name: Outlet %d, kind: rapid, rated: %s kW, volts_min: 200 V, volts_max: 1000 V}", i+1, number(o.Power))
			continue
		}
		line("  - {name: Outlet %d, kind: ac, phases: %d, rated: %s kW, current: %s A, fallback: %s A}",
			i+1, o.Phases, number(o.Current*0.23*float64(o.Phases)), number(o.Current), number(o.Fallback))
	}
	return b.String()
}

func (m *Machine) busText(line func(string, ...any)) {
	if m.Switched {
		low, nominal, high, trip := 264, 350, 404, 250
		switch m.Packs[0].Type {
		case "leaf":
			low, nominal, high, trip = 288, 360, 403, 270
		case "lfp":
			low, nominal, high, trip = 300, 390, 438, 280
		}
		line("bus: {topology: switched-packs, on_network: pack, islanded: pack, nominal: %d V, min: %d V, max: %d V, trip: %d V, capacitance: 20 mF}", nominal, low, high, trip)
	} else {
		line("bus: {topology: converter-per-pack, on_network: inverter, islanded: converters, nominal: 750 V, min: 700 V, max: 800 V, trip: 650 V, capacitance: 20 mF}")
	}
	line("packs:")
	for i, p := range m.Packs {
		line("  - {name: Pack %d, type: %s, serial: S%d, health: %s %%, growth: %s %%}", i+1, p.Type, i+1, number(p.Health), number(p.Growth))
	}
	if m.Switched {
		return
	}
	line("converters:")
	for i, p := range m.Packs {
		rated, current, _ := converterOf(p.Type)
		line("  - {pack: %d, rated: %s kW, pack_current: %s A, isolated: yes}", i+1, number(rated), number(current))
	}
}

func (f *FeederPlan) text(line func(string, ...any), i int) {
	const record = "person: A. Example, at: 2021-06-01 09:00 +01:00, earth: yes"
	const found = record + ", earthing: TN-S, poles: 3, neutral: yes, forward: yes, neutral_to_e: 1.5 V"
	mode := ""
	if f.Mode != "" {
		mode = ", mode: " + f.Mode
	}
	allows := ""
	if f.Mode == "parallel" || f.Mode == "export" {
		allows = ", parallel: yes"
	}
	if f.Mode == "export" {
		allows += ", export_cap: 10 kW"
	}
	switch f.Kind {
	case bess.Grid:
		line("  - {name: Feeder %d, kind: grid, phase_limit: %s A, cap: %s kW%s, record: {%s, agreed: %s kW%s, reference: example}}",
			i+1, number(f.Limit), number(f.Cap), mode, found, number(f.Cap), allows)
	case bess.Solar:
		line("  - {name: Feeder %d, kind: solar, phase_limit: %s A, cap: %s kW, array: {peak: %s kW, rated: %s kW}, record: {%s, agreed: %s kW, parallel: yes, reference: example}}",
			i+1, number(f.Limit), number(f.Cap), number(f.Cap), number(f.Cap), found, number(f.Cap))
	case bess.Generator:
		line("  - {name: Feeder %d, kind: generator, phase_limit: %s A, cap: %s kW%s, set: {rated: %s kW, warm_up: 20 s, cool_down: 30 s, minimum_run: 2 min}, record: {%s, agreed: %s kW, reference: example}}",
			i+1, number(f.Limit), number(f.Cap), mode, number(f.Cap), strings.Replace(found, "TN-S", "generator", 1), number(f.Cap))
	case bess.CCS:
		line("  - {name: Feeder %d, kind: ccs, cap: %s kW, inlet: {volts_min: 300 V, volts_max: 500 V, current: 125 A, rated: %s kW}, record: {%s, agreed: %s kW, reference: example}}",
			i+1, number(f.Cap), number(f.Cap), record, number(f.Cap))
	}
}
