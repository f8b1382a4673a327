package config

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
)

// Sizes of a unit. Nothing in the house assumes seven packs or nine outlets; these are the bounds that are tested.
const (
	leastPacks  = 2
	mostPacks   = 32
	leastOutlet = 1
	mostOutlets = 64
	mostParts   = 64
)

// restart is how long a restart of the controller may take without interrupting an islanded load.
const restart = 1500 * bess.Millisecond

// lookFirst is how long a restarted controller may look at its devices before its first orders, and these may take to
// arrive. What holds its outputs by order frames alone must outlast that too.
const lookFirst = 800 * bess.Millisecond

// Check finds what cannot be safe, and warns of what will disappoint. Paths name the keys; places are known only to
// whoever read the text.
func Check(u *bess.Unit) Faults {
	c := checker{}
	c.sizes(u)
	c.names(u)
	c.bus(u)
	c.packs(u)
	c.converters(u)
	c.inverter(u)
	c.network(&u.Network)
	c.feeders(u)
	c.circuits(u)
	c.outlets(u)
	c.sums(u)
	c.inputs(&u.IO)
	c.galvanic(u)
	c.site(u)
	return c.faults
}

func (c *checker) sizes(u *bess.Unit) {
	count := func(path string, n, least, most int) {
		c.need(n >= least && n <= most, path, fmt.Sprintf("%d of them", n), fmt.Sprintf("a unit has %d to %d", least, most))
	}
	count("packs", len(u.Packs), leastPacks, mostPacks)
	count("outlets", len(u.Outlets), leastOutlet, mostOutlets)
	count("circuits", len(u.Circuits), 0, mostParts)
	count("feeders", len(u.Feeders), 0, mostParts)
	c.need(u.Name != "", "name", "the unit has no name", "give it one")
}

// names refuses two parts of one name, since alarms and people speak of names.
func (c *checker) names(u *bess.Unit) {
	seen := map[string]string{}
	unique := func(kind, name, path string) {
		c.need(name != "", path, "the name is empty", "give it one")
		first, twice := seen[kind+"\x00"+name]
		c.need(!twice || name == "", path, fmt.Sprintf("%s %q is already that of %s", kind, name, first), "give each its own")
		if !twice {
			seen[kind+"\x00"+name] = path
		}
	}
	for i := range u.Packs {
		unique("pack name", u.Packs[i].Name, at("packs", i, "name"))
		if serial := u.Packs[i].Serial; serial != "" {
			unique("serial", serial, at("packs", i, "serial"))
		}
	}
	for i := range u.Converters {
		unique("converter name", u.Converters[i].Name, at("converters", i, "name"))
	}
	for i := range u.Feeders {
		unique("feeder name", u.Feeders[i].Name, at("feeders", i, "name"))
	}
	for i := range u.Circuits {
		unique("circuit name", u.Circuits[i].Name, at("circuits", i, "name"))
	}
	for i := range u.Outlets {
		unique("outlet name", u.Outlets[i].Name, at("outlets", i, "name"))
		unique("station", u.Outlets[i].Station, at("outlets", i, "station"))
		c.need(plainWord(u.Outlets[i].Station), at("outlets", i, "station"), fmt.Sprintf("%q cannot stand in an address", u.Outlets[i].Station), "use letters, digits, - and _")
	}
}

func plainWord(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return len(s) <= 48
}

// at is the path of a key of the i-th element of a list.
func at(list string, i int, key string) string {
	return fmt.Sprintf("%s[%d].%s", list, i+1, key)
}

// bus wants exactly one named regulator for every way in which the unit runs.
func (c *checker) bus(u *bess.Unit) {
	b := &u.Bus
	c.need(b.Min > 0 && b.Min < b.Nominal && b.Nominal < b.Max, "bus.nominal",
		fmt.Sprintf("min %v, nominal %v and max %v do not rise", b.Min, b.Nominal, b.Max), "correct the window")
	c.need(b.Trip > 0 && b.Trip < b.Min, "bus.trip", fmt.Sprintf("the undervoltage trip %v must lie above 0 V and below the window's %v", b.Trip, b.Min), "lower it")
	c.need(b.Capacitance > 0, "bus.capacitance", "a bus without capacitance cannot be held", "write what its converters and inverter bring")
	for _, mode := range []struct {
		key string
		who bess.Regulator
	}{{"bus.on_network", b.OnNetwork}, {"bus.islanded", b.Islanded}} {
		c.need(mode.who != bess.RegulatorNone, mode.key, "nobody regulates the bus voltage", "name the one device or droop group that does")
		if b.Topology == bess.SwitchedPacks {
			c.need(mode.who == bess.RegulatorPack || mode.who == bess.RegulatorNone, mode.key,
				"packs switched straight onto the bus hold its voltage; a second regulator fights them", "write pack")
		} else {
			c.need(mode.who != bess.RegulatorPack, mode.key, "no pack hangs straight on this bus", "write inverter or converters")
		}
	}
	c.need(b.Topology == bess.SwitchedPacks || b.Islanded != bess.RegulatorInverter, "bus.islanded",
		"the inverter forms the AC network when islanded and cannot hold the DC bus as well", "write converters")
}

func (c *checker) packs(u *bess.Unit) {
	for i := range u.Packs {
		p := &u.Packs[i]
		if p.Type.Series == 0 {
			c.need(false, at("packs", i, "type"), "the pack has no type", "name one, such as rr38")
			continue
		}
		c.need(p.Health >= 0.3 && p.Health <= 1.1, at("packs", i, "health"), fmt.Sprintf("a health of %v is not fit for use", p.Health), "write 30 % to 110 %")
		c.need(p.HealthSigma > 0 && p.HealthSigma <= 0.2, at("packs", i, "health_sigma"), fmt.Sprintf("an uncertainty of %v", p.HealthSigma), "write what the intake test gives, above 0 % and at most 20 %")
		c.need(p.Growth >= 0.5 && p.Growth <= 5, at("packs", i, "growth"), fmt.Sprintf("a resistance of %v of new", p.Growth), "write 50 % to 500 %")
		c.need(p.FrameTimeout >= 200 && p.FrameTimeout <= 10*bess.Second, at("packs", i, "frame_timeout"), "readings become stale after 0.2 s to 10 s", "write a span between the two")
		c.warn(!p.Type.StandIn || p.Serial != "", at("packs", i, "serial"), "the serial is not known yet", "write it once the pack is racked, so that an exchange is noticed")
		if u.Bus.Topology == bess.SwitchedPacks {
			c.switched(u, i)
		}
	}
}

// switched wants packs that share one voltage, and contactors that can open whatever the inverter draws.
func (c *checker) switched(u *bess.Unit, i int) {
	p, first := &u.Packs[i], &u.Packs[0]
	c.need(p.Type.Series == first.Type.Series && p.Type.Chemistry == first.Type.Chemistry, at("packs", i, "type"),
		fmt.Sprintf("%s (%d x %v) cannot share a bus with %s (%d x %v)", p.Type.Name, p.Type.Series, p.Type.Chemistry, first.Type.Name, first.Type.Series, first.Type.Chemistry),
		"switch packs of one series count and chemistry, or give each a converter")
	c.need(u.Bus.Min <= p.Type.Limits.PackMin && u.Bus.Max >= p.Type.Limits.PackMax, at("packs", i, "type"),
		fmt.Sprintf("the pack's %v..%v lie outside the bus window %v..%v", p.Type.Limits.PackMin, p.Type.Limits.PackMax, u.Bus.Min, u.Bus.Max), "widen the window")
	worst := si.Watts(float64(u.Inverter.Rated) * max(1, float64(u.Inverter.Overload))).At(p.Type.Limits.PackMin)
	c.need(p.Type.Contactor.Break >= worst, at("packs", i, "type"),
		fmt.Sprintf("its contactor breaks %v, but the inverter can draw %v from the last pack on the bus", p.Type.Contactor.Break, si.Amps(float64(int(worst)))),
		"fit one that breaks it, or a smaller inverter")
}

func (c *checker) network(n *bess.Network) {
	c.need(n.VoltsMin >= 0.5 && n.VoltsMin < 1 && n.VoltsMax > 1 && n.VoltsMax <= 1.3, "network.volts_min",
		fmt.Sprintf("the band %v..%v does not lie around 100 %%", n.VoltsMin, n.VoltsMax), "write it like 90 % and 110 %")
	c.need(n.HertzMin > 0 && n.HertzMin < n.HertzMax, "network.hertz_min", "the frequency band is empty", "write it like 49.5 Hz and 50.5 Hz")
	c.need(n.ReturnAfter >= 10*bess.Second, "network.return_after", "a supply that comes back must be watched before it is used", "write at least 10 s; 60 s is usual")
	c.need(n.DeadBelow > 0 && n.DeadBelow <= 50, "network.dead_below", fmt.Sprintf("%v is not a dead bus", n.DeadBelow), "write above 0 V and at most 50 V")
	c.need(n.TransferTimeout >= bess.Second, "network.transfer_timeout", "a transfer needs time", "write at least 1 s")
}

// inputs wants the wired safety chain, and windows in the right order.
func (c *checker) inputs(io *bess.IO) {
	c.need(io.Period > 0 && io.Watchdog >= 3*io.Period && io.Watchdog > restart+lookFirst && io.Watchdog <= io.HoldWindow, "io.watchdog",
		fmt.Sprintf("the outputs must outlast a restart of %v with the %v that it looks first, and fall safe within the hold-in window",
			restart.Seconds(), lookFirst.Seconds()), "write 2.4 s, and at most the hold window")
	c.need(io.HoldWindow > restart && io.HoldWindow <= 10*bess.Second, "io.hold_window",
		fmt.Sprintf("a window of %v must outlast a restart of %v and end within 10 s", io.HoldWindow.Seconds(), restart.Seconds()), "write 2 s to 10 s")
	c.need(io.CoilDelay > 0 && io.CoilDelay <= 2*bess.Second, "io.coil_delay", "the coils must drop after the power was inhibited", "write above 0 s and at most 2 s")
	for _, input := range []bess.Input{bess.EmergencyStop, bess.HVIL, bess.Smoke} {
		c.need(io.Has[input], "io.has", "there is no "+input.String()+" input", "wire it: it is part of the safety chain")
	}
	for input := range bess.InputCount {
		c.warn(io.Has[input], "io.has", "there is no "+input.String()+" input", "its rule cannot act")
	}
}
