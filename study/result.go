package study

import (
	"reprise/bess"
	"reprise/bess/si"
	"reprise/carbon"
	"reprise/control/safety"
	"reprise/ledger"
)

// sums are what only the truth tells: peaks, and loads that went unserved.
type sums struct {
	feederPeak, loadPeak si.Watts
	importOver           bess.Span // above the site's cap by more than 2 %
	ticks                uint64
}

func (s *sums) add(l *Loop) {
	t := l.World.Flows()
	s.ticks++
	in, load := si.Watts(0), si.Watts(0)
	for i := range t.FeederNow {
		if l.Unit.Feeders[i].Kind == bess.Grid {
			in += t.FeederNow[i]
		}
	}
	for _, p := range t.OutletNow {
		load += p
	}
	for _, p := range t.CircuitNow {
		load += p
	}
	s.feederPeak, s.loadPeak = max(s.feederPeak, in), max(s.loadPeak, load)
	if in > si.Mul(l.Unit.Site.ImportCap, 1.02) {
		s.importOver += 100
	}
}

// Result is what a study found, as --json prints it. Energies are kWh, powers
// kW, carbon kg CO2e, ratios 0..1.
type Result struct {
	Name               string         `json:"name"`
	Unit               string         `json:"unit"`
	Site               string         `json:"site"`
	From               int64          `json:"from_ms"`
	To                 int64          `json:"to_ms"`
	Seed               uint64         `json:"seed"`
	Hash               string         `json:"hash"`
	EnergyBalanceError float64        `json:"energy_balance_error"` // the twin's truth, of throughput
	LedgerSum          LedgerSum      `json:"ledger_sum"`
	UnmeasuredShare    float64        `json:"unmeasured_share"`
	Energy             Energy         `json:"energy"`
	Carbon             Carbon         `json:"carbon"`
	Sessions           Sessions       `json:"sessions"`
	Visits             []VisitResult  `json:"visits"`
	Promises           []PromiseEvent `json:"promises"`
	Expectations       []Expectation  `json:"expectations"`
	Alarms             []AlarmResult  `json:"alarms"`
	Notes              []string       `json:"notes"`
	SoC                [2]float64     `json:"soc_start_end"` // true share of the packs' usable windows; above 1: charged beyond them
	PeakImport         float64        `json:"peak_import_kw"`
	PeakLoad           float64        `json:"peak_load_kw"`
	ImportOverSeconds  float64        `json:"import_over_cap_s"`
	Unserved           float64        `json:"unserved_kwh"`
	Operations         int            `json:"contactor_operations"`
	Trips              int            `json:"trips"`
}

// LedgerSum is zero in both, over all legs of all entries.
type LedgerSum struct {
	MilliWattHour int64  `json:"mwh"`
	Milligram     int64  `json:"mg"`
	Entries       int    `json:"entries"`
	Breaches      int    `json:"breaches"`
	Head          string `json:"head"`
}

// Energy is the ledger's totals.
type Energy struct {
	In         float64            `json:"in"`
	ByFeeder   map[string]float64 `json:"by_feeder"`
	Vehicles   float64            `json:"vehicles"`
	Circuits   float64            `json:"circuits"`
	Export     float64            `json:"export"`
	OwnUse     float64            `json:"own_use"`
	Loss       float64            `json:"loss"`
	Estimated  float64            `json:"loss_estimated"` // of Loss: by a nominal curve, because nobody measures it
	Stored     float64            `json:"stored"`
	Unmeasured float64            `json:"unmeasured"`
}

// Carbon is the claim.
type Carbon struct {
	Gross          float64 `json:"gross"`
	Refill         float64 `json:"refill"`
	Net            float64 `json:"net"`
	Litres         float64 `json:"litres_displaced"`
	GeneratorHours float64 `json:"generator_hours_displaced"`
	Factor         string  `json:"factor"`
	Scope1         float64 `json:"scope1"`
	Scope2         float64 `json:"scope2_location"`
}

// Sessions counts visits.
type Sessions struct {
	Visits   int     `json:"visits"`
	Told     int     `json:"told_need"` // the driver said what was needed
	Kept     int     `json:"promise_kept"`
	Broken   int     `json:"promise_broken"`
	Revised  int     `json:"revised_down"`
	Need     float64 `json:"need"`
	Energy   float64 `json:"delivered"`
	FirstSum float64 `json:"first_promises"`
}

// VisitResult is one visit. Of one that was not booked, From is 0.
type VisitResult struct {
	Outlet    string  `json:"outlet"`
	Number    uint64  `json:"number"`
	Booked    bool    `json:"booked"`
	From      int64   `json:"from_ms"`
	Until     int64   `json:"until_ms"`
	MadeAt    int64   `json:"made_at_ms"` // of the first word; 0: none
	Need      float64 `json:"need"`
	First     float64 `json:"first_promise"`
	Promised  float64 `json:"promised"`
	Delivered float64 `json:"delivered"`
	Grams     float64 `json:"g_co2e"`
	Revisions int     `json:"revisions"` // the first word is the first
	Broken    bool    `json:"broken"`
	Why       string  `json:"why"`
}

// PromiseEvent is one promise made or revised. Outlet, From and Until say to
// whom: a booking has its own number, a visit gets one when the vehicle comes.
type PromiseEvent struct {
	At     int64   `json:"at_ms"`
	Outlet string  `json:"outlet"`
	Number uint64  `json:"number"`
	Booked bool    `json:"booking"` // nobody has come yet
	From   int64   `json:"from_ms"`
	Until  int64   `json:"until_ms"`
	MadeAt int64   `json:"made_at_ms"` // of the first word
	First  float64 `json:"first_kwh"`
	Energy float64 `json:"kwh"`
	Broken bool    `json:"broken"`
	Why    string  `json:"why"`
}

// Expectation is one line of the story that expected something.
type Expectation struct {
	Line  string `json:"line"`
	Place string `json:"place"`
	Held  bool   `json:"held"`
	Found string `json:"found,omitempty"`
}

// AlarmResult is one alarm raised.
type AlarmResult struct {
	At    int64  `json:"at_ms"`
	Rule  string `json:"rule"`
	On    string `json:"on"`
	Level string `json:"level"`
}

// Result sums the study up.
func (s *Study) Result() Result {
	l, sc := s.Loop, s.Scenario
	t := l.World.Truth()
	r := Result{
		Name: sc.Name, Unit: sc.Unit.Name, Site: sc.Unit.Site.Name, From: sc.Start, To: sc.End(), Seed: sc.Seed,
		Hash: s.Digest.Sum(), EnergyBalanceError: t.BalanceError(), Notes: sc.Notes,
		PeakImport: s.sums.feederPeak.KW(), PeakLoad: s.sums.loadPeak.KW(),
		ImportOverSeconds: float64(s.sums.importOver.Seconds()), Unserved: t.Unserved.KWh(),
		Trips: t.Counts.InverterTrips + t.Counts.ConverterTrips + t.Counts.GeneratorTrips + t.Counts.BreakerTrips + t.Counts.BusCollapses,
	}
	for i := range t.Packs {
		r.Operations += t.Packs[i].Operations
	}
	if p := s.Series.Truth.Points; len(p) > 0 {
		r.SoC = [2]float64{p[0].Value / 100, p[len(p)-1].Value / 100}
	}
	s.books(&r)
	s.stays(&r)
	for _, o := range s.Judge.Outcomes {
		r.Expectations = append(r.Expectations, Expectation{Line: o.Line, Place: o.Place, Held: o.Held, Found: o.Found})
	}
	for i := range s.Promises {
		p := &s.Promises[i]
		v := &p.Visit
		r.Promises = append(r.Promises, PromiseEvent{
			At: v.Promise.Revised.UnixMilli, Outlet: s.Loop.Unit.Outlets[p.Outlet].Name, Number: v.Number,
			Booked: v.State == bess.VisitBooked, From: v.From.UnixMilli, Until: v.Until.UnixMilli,
			MadeAt: v.Promise.MadeAt.UnixMilli, First: v.Promise.First.KWh(), Energy: v.Promise.Energy.KWh(),
			Broken: v.Promise.Broken, Why: reason(v),
		})
	}
	for i := range s.Events {
		s.event(&s.Events[i], &r)
	}
	return r
}

const milliWattHourPerKWh = 1e6

func (s *Study) books(r *Result) {
	totals := &s.Loop.State().Ledger.Totals
	kWh := func(mWh int64) float64 { return float64(mWh) / milliWattHourPerKWh }
	r.Energy = Energy{
		In: kWh(totals.In), Vehicles: kWh(totals.Vehicles), Circuits: kWh(totals.Circuits), Export: kWh(totals.Export),
		OwnUse: kWh(totals.OwnUse), Loss: kWh(totals.Loss), Estimated: kWh(totals.Estimated), Stored: kWh(totals.Stored), Unmeasured: kWh(totals.Unmeasured),
		ByFeeder: map[string]float64{},
	}
	r.UnmeasuredShare = totals.UnmeasuredShare()
	for i := range s.Entries {
		e := &s.Entries[i]
		mWh, mg := ledger.Sum(e.Legs)
		r.LedgerSum.MilliWattHour += mWh
		r.LedgerSum.Milligram += mg
		for k := range e.Legs {
			if e.Legs[k].Kind == bess.AccountFeeder {
				r.Energy.ByFeeder[s.Loop.Unit.Feeders[e.Legs[k].Index].Name] -= kWh(e.Legs[k].MilliWattHour)
			}
		}
	}
	r.LedgerSum.Entries = len(s.Entries)
	r.LedgerSum.Breaches = len(carbon.Verify(s.Entries))
	if n := len(s.Entries); n > 0 {
		r.LedgerSum.Head = hexOf(s.Entries[n-1].Hash)
	}
	c := &s.Claim
	r.Carbon = Carbon{
		Gross: float64(carbon.Kilograms(c.Gross)), Refill: float64(carbon.Kilograms(c.Refill)), Net: float64(carbon.Kilograms(c.Net())),
		Litres: float64(c.Litres()), GeneratorHours: carbon.Hours(c.GeneratorMillis),
		Scope1: float64(carbon.Kilograms(c.Inventory.Scope1)), Scope2: float64(carbon.Kilograms(c.Inventory.Scope2)),
	}
	if f, ok := carbon.DisplacedFactor(s.Loop.Unit.Displaced); ok {
		r.Carbon.Factor = f.String()
	}
}

func hexOf(h [32]byte) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, 64)
	for _, x := range h {
		b = append(b, digits[x>>4], digits[x&15])
	}
	return string(b)
}

func (s *Study) stays(r *Result) {
	for i := range s.Visits {
		v := &s.Visits[i].Visit
		p := &v.Promise
		r.Visits = append(r.Visits, VisitResult{
			Outlet: s.Loop.Unit.Outlets[s.Visits[i].Outlet].Name, Number: v.Number, Booked: v.Booked,
			From: v.From.UnixMilli, Until: v.Until.UnixMilli, MadeAt: p.MadeAt.UnixMilli, Need: v.Need.KWh(),
			First: p.First.KWh(), Promised: p.Energy.KWh(), Delivered: v.Delivered.KWh(),
			Grams: float64(s.Visits[i].Milligram) / 1000, Revisions: p.Revision, Broken: p.Broken, Why: reason(v),
		})
		r.Sessions.Visits++
		r.Sessions.Energy += v.Delivered.KWh()
		if !p.Made {
			continue
		}
		r.Sessions.Told++
		r.Sessions.Need += v.Need.KWh()
		r.Sessions.FirstSum += p.First.KWh()
		if p.Broken {
			r.Sessions.Broken++
		} else if float64(v.Delivered) >= 0.98*float64(p.Energy) {
			r.Sessions.Kept++
		}
		if p.Energy < p.First {
			r.Sessions.Revised++
		}
	}
}

// reason is why a visit was promised what it was; empty when none was asked.
func reason(v *bess.Visit) string {
	p := &v.Promise
	switch {
	case v.Need <= 0:
		return ""
	case !p.Made && p.Waits != bess.CauseNone:
		return "no word was given yet: " + p.Waits.Sentence()
	case !p.Made:
		return "it left before a word was given"
	case p.Full && p.First < v.Need:
		return "more was left than feared: in the end the whole need was promised"
	case p.Full:
		return "the whole need was promised"
	}
	return p.Why.Sentence()
}

func (s *Study) event(e *bess.Event, r *Result) {
	switch e.Kind {
	case bess.EventAlarmRaised:
		rule, _ := safety.Describe(e.Rule)
		r.Alarms = append(r.Alarms, AlarmResult{
			At: e.Civil.UnixMilli, Rule: rule.Name, On: subjectName(s.Loop.Unit, e.Subject), Level: e.Level.String(),
		})
	default: // the report does not tell of it
	}
}

// subjectName is a part as people call it.
func subjectName(u *bess.Unit, s bess.Subject) string {
	i := s.Index
	switch {
	case s.Kind == bess.OfPack && i >= 0 && i < len(u.Packs):
		return u.Packs[i].Name
	case s.Kind == bess.OfConverter && i >= 0 && i < len(u.Converters):
		return u.Converters[i].Name
	case s.Kind == bess.OfFeeder && i >= 0 && i < len(u.Feeders):
		return u.Feeders[i].Name
	case s.Kind == bess.OfCircuit && i >= 0 && i < len(u.Circuits):
		return u.Circuits[i].Name
	case s.Kind == bess.OfOutlet && i >= 0 && i < len(u.Outlets):
		return u.Outlets[i].Name
	case s.Kind == bess.OfIO && i >= 0:
		return bess.Input(i).String()
	}
	return s.Kind.String()
}
