package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/carbon"
	"reprise/config"
	"reprise/ledger"
	"reprise/plant"
)

// carbonCommand explains the announced saving, or recomputes one from an exported ledger: the auditor's tool.
type carbonCommand struct {
	Ledger string  `help:"Exported ledger: check its chain and recompute the saving." placeholder:"FILE.csv"`
	Unit   string  `help:"Unit file: names the supplies and the displaced generator." placeholder:"FILE.yaml"`
	Packs  string  `help:"Folder with further pack types for --unit." placeholder:"DIR"`
	Set    float64 `help:"Rated power of the displaced generator, kW, when no unit file tells it." default:"100" placeholder:"KW"`
	Fuel   string  `help:"Its fuel: mineral, blend, gas-oil or hvo." default:"mineral" enum:"mineral,blend,gas-oil,hvo"`
	Year   int     `help:"Year of the UK factor of that fuel." default:"2023"`
	JSON   bool    `help:"Print one JSON object instead of text."`
}

// Help is the longer text of "reprise carbon --help".
func (carbonCommand) Help() string {
	return "Without --ledger: the saving announced in April 2024, recomputed step by step, and what it leaves out.\n" +
		"With --ledger: every sum and hash is checked, then gross, refill and net are recomputed (exit 1 when the\n" +
		"ledger does not hold).\n\n" +
		"Example:\n\n  reprise carbon --ledger out/ledger.csv --unit examples/units/max.yaml"
}

// Run prints the announcement or audits a ledger.
func (c *carbonCommand) Run(con *console) error {
	if c.Ledger == "" {
		return c.announcement(con)
	}
	unit, assumed, err := c.unit()
	if err != nil {
		return err
	}
	file, err := os.Open(c.Ledger)
	if err != nil {
		return badInput(err, "name a ledger that \"reprise study --out\" or a unit exported")
	}
	defer func() { _ = file.Close() }() // read only: nothing to lose
	entries, err := ledger.ReadCSV(bufio.NewReader(file))
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.Ledger, err), "export it again, and edit nothing")
	}
	if len(entries) == 0 {
		return badInput(fmt.Errorf("%s: it holds no entries", c.Ledger), "export a span in which the unit ran")
	}
	result := auditOf(c.Ledger, unit, assumed, entries)
	if c.JSON {
		err = json.NewEncoder(con.out).Encode(result)
	} else {
		err = result.print(con)
	}
	if err == nil && !result.Holds {
		err = fmt.Errorf("%s: %d breaches: this ledger is not what the unit wrote", c.Ledger, len(result.Breaches))
	}
	return err
}

func (c *carbonCommand) announcement(con *console) error {
	steps := carbon.Announcement()
	if c.JSON {
		return json.NewEncoder(con.out).Encode(steps)
	}
	table := tabwriter.NewWriter(con.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "what\tvalue\tunit\tannounced\thow")
	for _, s := range steps {
		said := ""
		if s.Told {
			said = strconv.FormatFloat(s.Said, 'f', -1, 64)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.What, amount(s.Value), s.Unit, said, s.How)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(con.out)
	for _, s := range steps {
		if s.Note != "" {
			fmt.Fprintf(con.out, "%s: %s.\n", s.What, s.Note)
		}
	}
	return nil
}

// amount prints a value with the digits that a reader can use.
func amount(x float64) string {
	switch {
	case math.Abs(x) >= 1000 || x == math.Trunc(x):
		return strconv.FormatFloat(x, 'f', 0, 64)
	case math.Abs(x) >= 10:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return strconv.FormatFloat(x, 'f', 3, 64)
}

// unit is what the unit file tells, or one that has a displaced generator and no named supplies; assumed then says so.
func (c *carbonCommand) unit() (unit *bess.Unit, assumed string, err error) {
	if c.Unit != "" {
		unit, err = c.readUnit()
		return unit, "", err
	}
	if !(c.Set > 0 && c.Set < 1e5) {
		return nil, "", badInput(fmt.Errorf("--set %v is not a generator's rating", c.Set), "give it in kW, such as 100")
	}
	fuels := map[string]plant.Fuel{"mineral": plant.MineralDiesel, "blend": plant.DieselBlend, "gas-oil": plant.GasOil, "hvo": plant.HVO}
	f, err := carbon.FuelFactor(c.Year, fuels[c.Fuel])
	if err != nil {
		return nil, "", badInput(err, "name it with --year")
	}
	d := bess.Displaced{Rated: si.Watts(c.Set * 1000), GramsPerL: f.Value * 1000, FactorYear: f.Year, FactorName: f.Name}
	assumed = fmt.Sprintf("no unit file was named: a displaced generator of %v burning %s is assumed, and the supplies have numbers only: give --unit FILE to name them", d.Rated, f.Name)
	return &bess.Unit{Name: "unit", Displaced: d}, assumed, nil
}

func (c *carbonCommand) readUnit() (*bess.Unit, error) {
	types, err := packTypes(c.Packs)
	if err != nil {
		return nil, badInput(err, "")
	}
	text, err := os.ReadFile(c.Unit)
	if err != nil {
		return nil, badInput(err, "name a unit file that can be read")
	}
	unit, faults := config.Read(c.Unit, text, types)
	if refusals := faults.Refusals(); len(refusals) > 0 {
		return nil, badInput(fmt.Errorf("%s: %d faults", c.Unit, len(refusals)), "see \"reprise check "+c.Unit+"\"")
	}
	return unit, nil
}

// audit is a recomputed ledger: what --json prints. Amounts are positive unless net says otherwise; unknown is null.
type audit struct {
	File     string          `json:"file"`
	Unit     string          `json:"unit"`
	Assumed  string          `json:"assumed,omitempty"`
	Entries  int             `json:"entries"`
	First    uint64          `json:"first"`
	Last     uint64          `json:"last"`
	Head     string          `json:"head"`
	Holds    bool            `json:"holds"`
	Breaches []carbon.Breach `json:"breaches"`
	Gaps     []carbon.Gap    `json:"gaps"`

	DeliveredKWh   float64        `json:"delivered_kwh"`
	GrossKg        *float64       `json:"gross_kg"`
	RefillKg       float64        `json:"refill_kg"`
	NetKg          *float64       `json:"net_kg"`
	Litres         *float64       `json:"litres"`
	AboveKWh       float64        `json:"above_rating_kwh"`
	Factor         *carbon.Factor `json:"factor"`
	HoursCovered   float64        `json:"hours_covered"`
	HoursOfUse     float64        `json:"hours_of_use"`
	GeneratorHours float64        `json:"generator_hours_displaced"`
	Origins        []auditOrigin  `json:"origins"`
	Unmeasured     float64        `json:"unmeasured_share"`
	Scope1Kg       *float64       `json:"scope1_kg"`
	Scope2Kg       *float64       `json:"scope2_location_based_kg"`
	Scope3Kg       *float64       `json:"scope3_kg"`
}

type auditOrigin struct {
	From string  `json:"from"`
	KWh  float64 `json:"kwh"`
}

func auditOf(file string, unit *bess.Unit, assumed string, entries []bess.Entry) *audit {
	var claim carbon.Claim
	for i := range entries {
		claim.Add(unit, &entries[i])
	}
	last := &entries[len(entries)-1]
	a := &audit{
		File: file, Unit: unit.Name, Assumed: assumed, Entries: len(entries), First: entries[0].Number, Last: last.Number,
		Head: hex.EncodeToString(last.Hash[:]), Breaches: carbon.Verify(entries), Gaps: carbon.Gaps(entries),
		DeliveredKWh: float64(claim.MilliWattHour) / 1e6, RefillKg: float64(carbon.Kilograms(claim.Refill)),
		AboveKWh: float64(claim.Above) / 1e6, HoursCovered: carbon.Hours(claim.CoveredMillis), HoursOfUse: carbon.Hours(claim.UseMillis),
		GeneratorHours: carbon.Hours(claim.GeneratorMillis), Unmeasured: float64(claim.UnmeasuredShare()),
	}
	a.Holds = len(a.Breaches) == 0
	if f, claimed := carbon.DisplacedFactor(unit.Displaced); claimed {
		gross, net, litres := float64(carbon.Kilograms(claim.Gross)), float64(carbon.Kilograms(claim.Net())), float64(claim.Litres())
		a.Factor, a.GrossKg, a.NetKg, a.Litres = &f, &gross, &net, &litres
	}
	if assumed == "" { // without the kinds of the supplies there is no telling whose emissions these are
		one, two := float64(carbon.Kilograms(claim.Inventory.Scope1)), float64(carbon.Kilograms(claim.Inventory.Scope2))
		a.Scope1Kg, a.Scope2Kg = &one, &two
	}
	if assumed != "" {
		var named int64
		a.Origins, named = originsByNumber(entries)
		claim.By[carbon.FromUnexplained] = max(0, claim.By[carbon.FromUnexplained]-named)
	}
	for o := range carbon.OriginCount {
		if claim.By[o] > 0 {
			a.Origins = append(a.Origins, auditOrigin{o.String(), float64(claim.By[o]) / 1e6})
		}
	}
	return a
}

// originsByNumber are the shares of the supplies in what was delivered, by
// their numbers: without a unit file a ledger names them no better. Each
// number's share is claimed by itself, as if it alone were the grid. sum is in
// mWh.
func originsByNumber(entries []bess.Entry) (list []auditOrigin, sum int64) {
	numbers := map[int]bool{}
	for i := range entries {
		for _, l := range entries[i].Legs {
			if l.Kind == bess.AccountFeeder && l.Index >= 0 && l.MilliWattHour != 0 {
				numbers[l.Index] = true
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(numbers)) {
		alone := bess.Unit{Feeders: make([]bess.Feeder, k+1)}
		for i := range alone.Feeders {
			alone.Feeders[i].Kind = bess.Solar
		}
		alone.Feeders[k].Kind = bess.Grid
		var claim carbon.Claim
		for i := range entries {
			claim.Add(&alone, &entries[i])
		}
		if got := claim.By[carbon.FromGrid]; got > 0 {
			sum += got
			list = append(list, auditOrigin{fmt.Sprintf("supply %d", k+1), float64(got) / 1e6})
		}
	}
	return list, sum
}

func (a *audit) print(con *console) error {
	out := con.out
	fmt.Fprintf(out, "%s: entries %d to %d, head %s\n", a.File, a.First, a.Last, a.Head)
	if a.Holds {
		fmt.Fprintf(out, "the chain holds: %d hashes recomputed, every sum is zero\n", a.Entries)
	}
	for _, b := range a.Breaches {
		fmt.Fprintf(out, "BREACH %s\n", b)
	}
	for _, g := range a.Gaps {
		fmt.Fprintf(out, "gap of %.1f s after entry %d\n", float64(g.Millis)/1000, g.After)
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(what, value, unit, note string) { fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", what, value, unit, note) }
	row("delivered", amount(a.DeliveredKWh), "kWh", "to vehicles and circuits")
	for _, o := range a.Origins {
		note := ""
		if strings.HasPrefix(o.From, "supply ") {
			note = "give --unit FILE to name it"
		}
		row("  from "+o.From, amount(o.KWh), "kWh", note)
	}
	factor := "no displaced generator is configured"
	if a.Factor != nil {
		factor = a.Factor.String()
	}
	row("fuel not burnt", maybe(a.Litres), "L", "from the delivered load profile")
	row("gross", maybe(a.GrossKg), "kg CO2e", factor)
	row("refill", amount(a.RefillKg), "kg CO2e", "carbon of the delivered energy, by origin, as booked")
	row("net", maybe(a.NetKg), "kg CO2e", "gross - refill; avoided, beside the inventory")
	row("hours covered", amount(a.HoursCovered), "h", "by the entries")
	row("hours of use", amount(a.HoursOfUse), "h", "energy was delivered or stored")
	row("generator-hours", amount(a.GeneratorHours), "h", "energy was delivered: the displaced set would have run")
	row("unmeasured", amount(a.Unmeasured*100), "%", "of what all sinks took")
	row("scope 1", maybe(a.Scope1Kg), "kg CO2e", "inventory: fuel burnt on site")
	row("scope 2", maybe(a.Scope2Kg), "kg CO2e", "inventory: purchased energy, location-based")
	row("scope 3", "-", "kg CO2e", carbon.Inventory{}.Scope3().Why)
	if a.AboveKWh > 0 {
		row("above rating", amount(a.AboveKWh), "kWh", "more than the displaced set could have carried")
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if a.Assumed != "" {
		fmt.Fprintf(out, "\n%s.\n", a.Assumed)
	}
	return nil
}

// maybe prints an amount, or a dash when it is unknown.
func maybe(x *float64) string {
	if x == nil {
		return "-"
	}
	return amount(*x)
}
