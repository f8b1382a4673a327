package bess

import (
	"encoding/json"
	"fmt"
	"strconv"

	"reprise/bess/si"
)

// Figure is a number for people: its value, how sure it is, how old it is, or
// why there is none. It prints as JSON {"value":…,"sigma":…,"age":…} or, when
// unknown, {"why":…}, with "last" and "age" where it was known before; never
// as 0. What was is not what is: a last value is for reading, never for use.
type Figure struct {
	Value float64
	Sigma float64 // one standard deviation; 0: not an estimate
	Age   si.Seconds
	Known bool
	Last  bool   // not known now: Value is the last that was, Age its age
	Why   string // when not known
}

// Known is a figure that is certain and of now.
func Known[T si.Number](x T) Figure { return Figure{Value: float64(x), Known: true} }

// Estimated is a figure with its one standard deviation.
func Estimated[T si.Number](x, sigma T) Figure {
	return Figure{Value: float64(x), Sigma: float64(sigma), Known: true}
}

// Shown is a reading as a figure: with its age, and unknown when it is missing,
// bad or older than max.
func Shown[T si.Number](r Reading[T], now Instant, max Span) Figure {
	switch x, ok := r.Fresh(now, max); {
	case ok:
		return Figure{Value: float64(x), Known: true, Age: r.Age(now).Seconds()}
	case r.Quality == Missing:
		return Figure{Why: notMeasured}
	case r.Quality == Bad:
		return Figure{Why: "the last reading was not plausible"}
	default:
		return Figure{Why: "no reading for " + strconv.Itoa(int(r.Age(now)/Second)) + " s"}
	}
}

// notMeasured is why there is no figure of what was never heard.
const notMeasured = "not measured yet"

// After is the figure beside the one of the same quantity that was shown
// before: where it is not known now, it remembers the last value that was, with
// its age. passed is the time between the two.
func (f Figure) After(before Figure, passed si.Seconds) Figure {
	if f.Known || f.Last || !before.Known && !before.Last {
		return f
	}
	f.Value, f.Age, f.Last = before.Value, before.Age+max(0, passed), true
	if f.Why == notMeasured {
		f.Why = "no reading since"
	}
	return f
}

// MarshalJSON prints the figure; a value that is not finite counts as unknown.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known || !si.Finite(si.Watts(f.Value)) {
		b := strconv.AppendQuote([]byte(`{"why":`), f.Why)
		if f.Last && si.Finite(si.Watts(f.Value)) {
			b = strconv.AppendFloat(append(b, `,"last":`...), f.Value, 'g', 6, 64)
			b = strconv.AppendFloat(append(b, `,"age":`...), float64(f.Age), 'g', 4, 64)
		}
		return append(b, '}'), nil
	}
	b := strconv.AppendFloat([]byte(`{"value":`), f.Value, 'g', 6, 64)
	if f.Sigma != 0 {
		b = strconv.AppendFloat(append(b, `,"sigma":`...), f.Sigma, 'g', 3, 64)
	}
	if f.Age > 0.5 {
		b = strconv.AppendFloat(append(b, `,"age":`...), float64(f.Age), 'g', 4, 64)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON printed, for programs that follow a unit.
func (f *Figure) UnmarshalJSON(text []byte) error {
	var read struct {
		Value, Last *float64
		Sigma, Age  float64
		Why         string
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return fmt.Errorf("reading a figure: %w", err)
	}
	*f = Figure{Sigma: read.Sigma, Age: si.Seconds(read.Age), Why: read.Why}
	switch {
	case read.Value != nil:
		f.Value, f.Known = *read.Value, true
	case read.Last != nil:
		f.Value, f.Last = *read.Last, true
	}
	return nil
}

// Picture is all that anybody may know of a unit at one tick: the body of the
// live stream and of GET /api/v1/unit. A field named draw is W, positive. One
// named power is W and may go both ways: positive is what a supply feeds, a
// pack gives, and the inverter brings to the AC side. Energies are Wh, ratios
// 0..1, temperatures degree Celsius.
type Picture struct {
	Unit        string           `json:"unit"`
	Site        string           `json:"site"`
	Tick        uint64           `json:"tick"`
	Now         Instant          `json:"now"`        // ms since start
	UnixMilli   int64            `json:"unix_milli"` // wall time
	ZoneOffset  int32            `json:"zone_offset"`
	ClockTrust  string           `json:"clock_trust"` // none, local, high
	Speed       float64          `json:"speed"`       // 1: real time
	Twin        bool             `json:"twin"`        // a simulated machine
	Wires       bool             `json:"wires"`       // real protocols carry it
	Safe        Safe             `json:"safe"`
	Service     string           `json:"service"`
	ServiceStep string           `json:"service_step,omitempty"`
	Network     string           `json:"network"`
	LocalLock   string           `json:"local_lock"` // yes, no, unknown
	Store       StorePicture     `json:"store"`
	Bus         BusPicture       `json:"bus"`
	Inverter    InverterPicture  `json:"inverter"`
	Packs       []PackPicture    `json:"packs"`
	Feeders     []FeederPicture  `json:"feeders"`
	Circuits    []CircuitPicture `json:"circuits"`
	Outlets     []OutletPicture  `json:"outlets"`
	Bookings    []VisitPicture   `json:"bookings"`
	Carbon      CarbonPicture    `json:"carbon"`
	Alarms      []AlarmPicture   `json:"alarms"`
	Health      HealthPicture    `json:"health"`
}

// Safe is the first answer of the page.
type Safe struct {
	Level    string `json:"level"` // ok, look, stop
	Headline string `json:"headline"`
	Detail   string `json:"detail"`
	Danger   string `json:"danger,omitempty"` // what is still live after a stop, with its measured value; changes often
}

// StorePicture is the energy of the unit.
type StorePicture struct {
	SoC         Figure `json:"soc"`
	Nameplate   Figure `json:"nameplate"`   // gross as new
	FullToday   Figure `json:"full_today"`  // full at today's health
	Deliverable Figure `json:"deliverable"` // now, at the AC outlets
	Promised    Figure `json:"promised"`    // still owed to vehicles
	Reserve     Figure `json:"reserve"`
	ToEmpty     Figure `json:"to_empty"` // s at this load; unknown when not emptying
	ToEmptyLow  Figure `json:"to_empty_low"`
	ToEmptyHigh Figure `json:"to_empty_high"`
	ToFull      Figure `json:"to_full"` // s at this supply; unknown when not filling
	ToFullLow   Figure `json:"to_full_low"`
	ToFullHigh  Figure `json:"to_full_high"`
	Load        Figure `json:"load"`   // draw, positive
	Supply      Figure `json:"supply"` // feed, positive
}

// BusPicture is the DC bus.
type BusPicture struct {
	Volts      Figure `json:"volts"`
	Insulation Figure `json:"insulation"` // ohm
	OwnUse     Figure `json:"own_use"`    // draw, positive
	Regulator  string `json:"regulator"`
	Falling    Figure `json:"falling"` // V/s after a stop, positive while it falls; measured over ten seconds and more
	ToSafe     Figure `json:"to_safe"` // s until it is below 60 V, at least; unknown while it does not fall

	Marks [2]BusMark `json:"-"` // the readings from which the fall is measured, older first
}

// BusMark is a bus voltage at an instant, from which a fall is measured. The
// zero value is none.
type BusMark struct {
	Volts  si.Volts
	At     Instant
	Number int // counted from the stop, which is 1
}

// InverterPicture is the inverter.
type InverterPicture struct {
	Mode   string    `json:"mode"`
	Power  Figure    `json:"power"`
	Hertz  Figure    `json:"hertz"`
	Volts  [3]Figure `json:"volts"`
	Amps   [3]Figure `json:"amps"`
	Rated  Figure    `json:"rated"` // VA
	Ruling string    `json:"ruling"`
}

// PackPicture is one pack.
type PackPicture struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	StandIn   bool   `json:"stand_in"`
	Chemistry string `json:"chemistry"`
	Serial    string `json:"serial"`
	Identity  string `json:"identity"`
	Stage     string `json:"stage"`
	SoC       Figure `json:"soc"`          // ours
	SoCSaid   Figure `json:"soc_reported"` // the pack's
	SoH       Figure `json:"soh"`
	Doubt     string `json:"doubt"`
	Nameplate Figure `json:"nameplate"` // Wh as new
	Today     Figure `json:"today"`     // Wh full today
	Volts     Figure `json:"volts"`
	Amps      Figure `json:"amps"`
	Power     Figure `json:"power"` // bus side
	CellHigh  Figure `json:"cell_high"`
	CellLow   Figure `json:"cell_low"`
	Hot       Figure `json:"hot"`
	Cold      Figure `json:"cold"`
	TempTrip  Figure `json:"temp_trip"` // degree Celsius at which it is opened
	Discharge Figure `json:"discharge"` // W it could give now
	Charge    Figure `json:"charge"`    // W it could take now
	Why       string `json:"why"`       // why it carries what it carries
	LimitBy   string `json:"limit_by"`  // who set the limit that binds
	Ruling    string `json:"ruling"`    // level that safety holds it to
	Garbage   uint32 `json:"garbage"`
}

// FeederPicture is one supply.
type FeederPicture struct {
	Name      string    `json:"name"`
	Kind      string    `json:"kind"`
	State     string    `json:"state"` // open, closed, unknown
	Used      bool      `json:"used"`  // not switched off by a person
	Live      bool      `json:"live"`  // carries the network
	Power     Figure    `json:"power"`
	Cap       Figure    `json:"cap"`
	Volts     [3]Figure `json:"volts"`
	Amps      [3]Figure `json:"amps"`
	Hertz     Figure    `json:"hertz"`
	Intensity Figure    `json:"intensity"` // g/kWh
	Price     Figure    `json:"price"`     // GBP/kWh
	Fuel      Figure    `json:"fuel"`
	Generator string    `json:"generator,omitempty"`
	Checked   string    `json:"checked"` // person of the arrival record, empty: unchecked
	Earthing  string    `json:"earthing"`
	Until     int64     `json:"valid_until"` // wall ms at which that record ends; 0: it does not, or there is none
	Why       string    `json:"why"`
	LimitBy   string    `json:"limit_by"`
	Ruling    string    `json:"ruling"`
}

// CircuitPicture is one circuit for general loads.
type CircuitPicture struct {
	Name     string `json:"name"`
	State    string `json:"state"` // open, closed, unknown
	On       bool   `json:"on"`    // not switched off by a person
	Priority int    `json:"priority"`
	Draw     Figure `json:"draw"`  // W, positive
	Limit    Figure `json:"limit"` // A per phase
	Why      string `json:"why"`
	Ruling   string `json:"ruling"`
}

// OutletPicture is one outlet.
type OutletPicture struct {
	Name    string       `json:"name"`
	Kind    string       `json:"kind"` // ac, rapid
	Station string       `json:"station"`
	Online  string       `json:"online"` // yes, no, unknown
	Plugged string       `json:"plugged"`
	On      bool         `json:"on"`
	Phase   string       `json:"phase"`
	Draw    Figure       `json:"draw"`  // W, positive
	Amps    Figure       `json:"amps"`  // highest phase
	Offer   Figure       `json:"offer"` // A, or W on a rapid outlet
	Rated   Figure       `json:"rated"`
	Vehicle Figure       `json:"vehicle_soc"`
	Visit   VisitPicture `json:"visit"`
	Why     string       `json:"why"`
	LimitBy string       `json:"limit_by"`
	Held    string       `json:"held"` // what holds it back, in two or three words; empty: nothing
	Ruling  string       `json:"ruling"`
}

// VisitPicture is a vehicle's stay or a booking of one.
type VisitPicture struct {
	Number    uint64 `json:"number"`
	State     string `json:"state"`
	Outlet    int    `json:"outlet"`
	Need      Figure `json:"need"`
	Delivered Figure `json:"delivered"`
	Grams     Figure `json:"grams"` // g CO2e by origin
	From      int64  `json:"from"`  // ms; 0: none
	Until     int64  `json:"until"` // ms; 0: not told
	Promised  Figure `json:"promised"`
	By        int64  `json:"by"`
	Full      bool   `json:"full"` // the promise covers the need
	Why       string `json:"why"`
	Revised   int64  `json:"revised"`
	Paused    string `json:"paused,omitempty"` // why nothing moves now, so that no promise can be relied on
}

// CarbonPicture is the saving so far. Gross charges nothing for the refill.
type CarbonPicture struct {
	Gross      Figure `json:"gross"`  // kg CO2e of the generator displaced
	Refill     Figure `json:"refill"` // kg CO2e of the energy delivered, by origin
	Net        Figure `json:"net"`
	Delivered  Figure `json:"delivered"`  // Wh to vehicles and circuits
	Stored     Figure `json:"stored"`     // g/kWh of the energy in the packs now
	Factor     string `json:"factor"`     // factor, unit, gas basis, scope, year
	Unmeasured Figure `json:"unmeasured"` // share of throughput
	Entries    uint64 `json:"entries"`
}

// AlarmPicture is one alarm in the four lines of the page.
type AlarmPicture struct {
	Rule      string `json:"rule"` // identifier, such as pack-temperature-trip
	Level     string `json:"level"`
	What      string `json:"what"`
	Where     string `json:"where"`
	Did       string `json:"did"`
	MayDo     string `json:"may_do"`
	ClearedBy string `json:"cleared_by"` // self, person at the page, person at the unit
	Latched   bool   `json:"latched"`
	Acting    bool   `json:"acting"`
	Number    int    `json:"number"`  // rule number, for the reset request
	Subject   int    `json:"subject"` // target of the reset request
	Since     int64  `json:"since"`   // wall ms
	Value     Figure `json:"value"`
}

// HealthPicture is how the software itself is.
type HealthPicture struct {
	LoopMicros float64 `json:"loop_micros"` // mean of the last second
	LoopWorst  float64 `json:"loop_worst"`
	LateTicks  uint64  `json:"late_ticks"`
	Journal    string  `json:"journal"`
	Disk       Figure  `json:"disk"` // free ratio
	Version    string  `json:"version"`
}
