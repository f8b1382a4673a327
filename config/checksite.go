package config

import (
	"fmt"

	"reprise/bess"
	"reprise/bess/si"
)

func (c *checker) feeders(u *bess.Unit) {
	for i := range u.Feeders {
		f := &u.Feeders[i]
		path := func(key string) string { return at("feeders", i, key) }
		c.need(f.Cap > 0, path("cap"), "nothing may be drawn from it", "write how much, such as 40 kW")
		if !f.DC {
			c.need(f.Phases == 1 || f.Phases == 3, path("phases"), fmt.Sprintf("%d phases", f.Phases), "write 1 or 3")
			c.need(f.PhaseLimit > 0, path("phase_limit"), "the limit of a phase is missing", "write its breaker, such as 63 A")
			carries := f.PhaseLimit.Times(u.Inverter.PhaseVolts) * si.Watts(max(1, f.Phases))
			c.warn(f.Cap <= carries, path("cap"), fmt.Sprintf("%v on %d phases carry %v, not %v", f.PhaseLimit, f.Phases, carries, f.Cap), "the phases are the limit")
			c.need(f.Impedance > 0 && f.Impedance < 5, path("impedance"), "the source impedance must lie above 0 and below 5 ohm", "take the measured loop impedance")
		}
		c.mode(f, path("mode"))
		switch f.Kind {
		case bess.Generator:
			c.generator(f, path)
		case bess.Solar:
			c.need(f.Array.Peak > 0 && f.Array.Rated > 0, path("array"), "the array is missing", "write its peak and the rating of its inverter")
		case bess.CCS:
			c.inlet(f, path)
		case bess.Grid:
		}
		c.record(f, path("record"))
	}
}

// mode wants a written permission for whatever is more than charging from a supply.
func (c *checker) mode(f *bess.Feeder, path string) {
	parallel := f.Mode == bess.Parallel || f.Mode == bess.Export
	c.need(!parallel || f.Record.Parallel && f.Record.Reference != "", path,
		"running in parallel needs a site record that permits it", "write parallel: yes and the reference of the permission into its record")
	c.need(f.Mode != bess.Export || f.Record.ExportCap > 0, path, "feeding back needs a site record with an export cap", "write export_cap into its record")
	forSet := f.Mode == bess.Transfer || f.Mode == bess.Supported
	c.need(!forSet || f.Kind == bess.Generator, path, "only a generator carries the loads alone or with support", "write charge-only, parallel or export")
	c.need(f.Mode != bess.Export || f.Kind != bess.Generator, path, "nothing may be fed back into a generator", "write transfer, charge-only or supported")
}

func (c *checker) generator(f *bess.Feeder, path func(string) string) {
	g := &f.Set
	c.need(g.Rated > 0, path("set"), "the rating of the set is missing", "write set: {rated: 60 kW}")
	c.need(g.Rated == 0 || f.Cap <= g.Rated, path("cap"), fmt.Sprintf("%v from a set of %v", f.Cap, g.Rated), "write at most its rating")
	c.need(g.MinimumLoad >= 0 && g.MinimumLoad < 0.8, path("set.minimum_load"), fmt.Sprintf("a minimum load of %v", g.MinimumLoad), "30 % is usual")
	c.need(g.StartTries >= 1 && g.StartTries <= 5, path("set.start_tries"), fmt.Sprintf("%d tries to start", g.StartTries), "write 1 to 5, so that it is not cranked for ever")
	c.need(g.StartWait >= 10*bess.Second, path("set.start_wait"), "the starter must rest between tries", "write at least 10 s")
	c.need(g.Droop >= 0 && g.Droop <= 0.1, path("set.droop"), fmt.Sprintf("a droop of %v", g.Droop), "write at most 10 %")
}

// inlet says which chargers can feed it. Posts end at 500 V, 920 V or 1000 V and begin at about 150 V.
func (c *checker) inlet(f *bess.Feeder, path func(string) string) {
	n := &f.Inlet
	c.need(f.DC, path("dc"), "a vehicle inlet hangs on the DC bus", "leave the key out")
	c.need(n.VoltsMin >= 150 && n.VoltsMin < n.VoltsMax && n.VoltsMax <= 1000, path("inlet"), fmt.Sprintf("no charger gives %v..%v", n.VoltsMin, n.VoltsMax), "write a window within 150 V..1000 V")
	c.need(n.Current > 0 && n.Rated > 0, path("inlet"), "current and rating of the inlet are missing", "write both")
	for _, post := range []si.Volts{500, 920} {
		c.warn(n.VoltsMin < post, path("inlet"), fmt.Sprintf("posts that end at %v cannot feed it: it begins at %v", post, n.VoltsMin), "a lower window makes more chargers usable")
	}
}

func (c *checker) record(f *bess.Feeder, path string) {
	r := &f.Record
	if r.Person == "" {
		empty := *r
		empty.Expires = 0
		c.need(empty == bess.SiteRecord{}, path, "a record needs the person who checked the supply", "name the person, or leave the record out until arrival")
		return
	}
	c.need(r.At.UnixMilli != 0, path, "the record does not say when the supply was checked", "write at, such as 2026-05-01 09:00 +01:00")
	c.need(r.Agreed > 0, path, "the record agrees on no power", "write agreed, such as 40 kW")
	c.warn(r.Agreed >= f.Cap, path, fmt.Sprintf("%v are agreed, less than the installed %v", r.Agreed, f.Cap), "the agreed power is the limit")
	if f.DC {
		return
	}
	c.need(r.Earthing != bess.EarthingUnknown, path, "the record does not say how the supply is earthed", "write earthing: TN-S, PME, TT or generator")
	c.need(r.Poles >= f.Phases, path, fmt.Sprintf("%d phases were found live, %d are installed", r.Poles, f.Phases), "correct the record or the installation")
	c.need(r.Neutral == bess.Yes && r.Earth == bess.Yes, path, "neutral and earth were not found", "a supply without them may not be used")
	c.need(f.Phases != 3 || r.Forward == bess.Yes, path, "the phase rotation was not found forward", "swap two phases and check again")
	c.need(r.NeutralToE < 25, path, fmt.Sprintf("%v between neutral and earth", r.NeutralToE), "the neutral is broken or crossed: do not use the supply")
}

func (c *checker) site(u *bess.Unit) {
	s := &u.Site
	full := si.WattHours(0)
	for i := range u.Packs {
		full += u.Packs[i].Type.Usable.Scale(u.Packs[i].Health)
	}
	c.need(s.Reserve < full || full == 0, "site.reserve", fmt.Sprintf("a reserve of %v does not fit into the %v that the unit holds", s.Reserve, full), "lower it")
	c.need(s.RefillTarget <= 1 && s.StartBelow < s.StopAbove && s.StopAbove <= 1, "site.start_below", "start_below must lie below stop_above, both within 100 %", "correct the two")
	grid := false
	for i := range u.Feeders {
		grid = grid || u.Feeders[i].Kind == bess.Grid
	}
	c.warn(!grid || s.ImportCap > 0, "site.import_cap", "nothing may be imported", "write the cap of the connection")
	c.warn(!s.Island || !grid, "site.island", "the site has no grid, but a grid feeder is installed", "it stays unused")
	c.need(u.Cabinet.CoolAbove > u.Cabinet.HeatBelow, "cabinet.cool_above", "cooling and heating overlap", "cool above a warmer temperature than you heat below")
	d := &u.Displaced
	c.need(d.Rated == 0 || d.GramsPerL > 1000 && d.GramsPerL < 4000 && d.FactorYear >= 1990 && d.FactorName != "", "displaced",
		"a claim needs its factor with name and year", "write grams_per_l, factor_year and factor_name")
}
