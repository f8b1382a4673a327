package api

import (
	"context"
	"math"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"reprise/bess"
)

// Machine is the unit as this package needs it. Pictures are never changed after they were published.
type Machine interface {
	// Latest is the newest picture, or nil before the first tick has ended.
	Latest() *bess.Picture
	// Subscribe gives every new picture until ctx ends, then the channel is closed. The channel is bounded: who
	// reads too slowly loses pictures and never holds up the unit.
	Subscribe(ctx context.Context) <-chan *bess.Picture
	// Ask lays a request on the desk and waits for its answer. It gives the request its number; Request.ID is
	// zero. An error means that there was no answer, not that it was no.
	Ask(ctx context.Context, request bess.Request) (bess.Answer, error)
	// History is what the series store keeps for the span that q names.
	History(ctx context.Context, q HistoryQuery) (History, error)
}

// HistoryQuery is a span of wall time, ms since 1970, From before To, and how many points are wanted at most. Series
// names the wanted series; empty: all that the unit keeps for its page.
type HistoryQuery struct {
	From, To int64
	Points   int
	Series   []string
}

// History is a set of series on one time axis. Times after Now are a plan, not a measurement.
type History struct {
	Now    int64    `json:"now" doc:"Wall time of the unit, ms. Later points are planned, earlier ones measured."`
	StepMS int64    `json:"step_ms" doc:"Length of one point, ms. A point stands at the end of its time."`
	Times  []int64  `json:"times" doc:"Wall times, ms, rising."`
	Series []Series `json:"series"`
}

// Series is one line of a chart. Low and High are the band of an estimate and as long as Values, or empty.
type Series struct {
	Name   string   `json:"name" doc:"Identifier, such as soc, grid, solar, packs, vehicles, loads."`
	Title  string   `json:"title" doc:"Name for people."`
	Unit   string   `json:"unit" doc:"W, Wh, 1 for ratios, degC, g/kWh."`
	Values []Sample `json:"values"`
	Low    []Sample `json:"low,omitempty"`
	High   []Sample `json:"high,omitempty"`
}

// Sample is one value of a series. NaN is "not known" and prints as null.
type Sample float64

// MarshalJSON prints what is not finite as null.
func (s Sample) MarshalJSON() ([]byte, error) {
	x := float64(s)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, x, 'g', 6, 64), nil
}

// Schema says the same in the generated description.
func (Sample) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Nullable: true}
}

// Chronicle keeps what happened, in words.
type Chronicle interface {
	// Events are the newest events at or after since (wall ms), newest first, at most limit.
	Events(ctx context.Context, since int64, limit int) ([]Event, error)
}

// Event is something that happened, ready to be read.
type Event struct {
	At     int64  `json:"at" doc:"Wall time, ms."`
	Kind   string `json:"kind" doc:"Kind of event, such as alarm-raised, pack, network, promise, request."`
	Level  string `json:"level" doc:"How serious: none, inform, derate, stop, open, open all."`
	Where  string `json:"where" doc:"Part of the machine."`
	What   string `json:"what" doc:"One sentence."`
	Person string `json:"person,omitempty" doc:"Who asked for it, where a person did."`
}

// Books is the energy and carbon ledger.
type Books interface {
	// Entries are the entries numbered above after, in order, at most limit.
	Entries(ctx context.Context, after uint64, limit int) ([]bess.Entry, error)
}

// Reporter writes the hire report.
type Reporter interface {
	// Report is one PDF page on the span of wall time, ms.
	Report(ctx context.Context, from, to int64) ([]byte, error)
}

// AlarmTester sends a test alarm by every way that is configured.
type AlarmTester interface {
	TestAlarm(ctx context.Context, person string) ([]Delivery, error)
}

// Delivery says whether an alarm reached one of its addresses.
type Delivery struct {
	Way string `json:"way" doc:"Webhook or e-mail, and where to."`
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty" doc:"Why it did not arrive, and what to do."`
}

// Bench is the test bench of a simulated unit. A real unit has none.
type Bench interface {
	// Bench says what may be done to the twin now.
	Bench() BenchState
	// Act does it. An error says why not.
	Act(ctx context.Context, order BenchOrder) error
}

// BenchState is what the bench offers.
type BenchState struct {
	Speed  float64    `json:"speed" doc:"Of the twin's time against ours."`
	Speeds []float64  `json:"speeds" doc:"What may be chosen. Above 1 no real protocol is in the loop (no wires)."`
	Acts   []BenchAct `json:"acts"`
}

// BenchAct is one thing that may be done to the twin: heat a cell, fail a feeder, pull a plug, kill a process.
type BenchAct struct {
	Name    string        `json:"name" doc:"Identifier for the order."`
	Title   string        `json:"title" doc:"What it does, in words."`
	Targets []BenchTarget `json:"targets" doc:"Where it may be done; empty: it has no target."`
	Unit    string        `json:"unit,omitempty" doc:"Unit of its value; empty: it has none."`
	Least   float64       `json:"least,omitempty"`
	Most    float64       `json:"most,omitempty"`
	Usual   float64       `json:"usual,omitempty"`
	Undo    bool          `json:"undo" doc:"It lasts until it is undone."`
}

// BenchTarget is one part that an act may be done to.
type BenchTarget struct {
	Index  int    `json:"index"`
	Name   string `json:"name"`
	Active bool   `json:"active" doc:"The act is in force here now."`
}

// BenchOrder is one order to the bench. The act "speed" sets the speed to Value.
type BenchOrder struct {
	Act    string  `json:"act" maxLength:"40" doc:"Name of an act, or speed."`
	Target int     `json:"target,omitempty" minimum:"0" maximum:"255"`
	Value  float64 `json:"value,omitempty" minimum:"-100000" maximum:"1000000"`
	Undo   bool    `json:"undo,omitempty"`
}
