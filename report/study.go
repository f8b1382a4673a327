package report

import (
	"bytes"
	_ "embed" // the page's style, script and skeleton are files beside this one
	"fmt"
	"html/template"
	"io"

	"reprise/bess"
)

// Study is all that a study report shows.
type Study struct {
	Title    string
	Subtitle string // one sentence: what was asked
	Unit     string
	Site     string
	From, To int64 // ms since 1970
	Zones    Zones
	Figures  []Headline  // the answers, most important first; four to eight
	In, Out  []Share     // energy balance, kWh: where it came from, where it went
	Balance  bess.Figure // error of the energy balance over throughput, ratio
	Carbon   *StudyCarbon
	Charts   []Chart
	Promises []Promise
	Events   []Event
	Ledger   *LedgerSummary
	Tables   []Table  // anything else
	Notes    []string // assumptions, substitutions, what was missing
	Command  string   // that makes this report again
	Seed     string
	Hash     string
	Version  string
}

// Headline is one answer.
type Headline struct {
	Name  string
	Value string // as text, rounded to what is known
	Unit  string
	Note  string
	Holds bess.Tri // against its promise, where there is one
}

// Share is a part of a sum.
type Share struct {
	Name string
	Hue  Hue
	KWh  float64 // never negative
}

// StudyCarbon is the claim beside the inventory; kg CO2e.
type StudyCarbon struct {
	Gross, Refill, Net     bess.Figure
	Litres                 bess.Figure // fuel not burnt
	GeneratorHours         bess.Figure // displaced
	HoursOfUse             bess.Figure
	Scope1, Scope2, Scope3 bess.Figure
	Factors                []string
}

// Level is a limit or a target drawn across a chart.
type Level struct {
	Name  string
	Value float64
	Hue   Hue
}

// Chart is one picture of series of one unit over the study's time.
type Chart struct {
	Title   string
	Unit    string
	Note    string // what to see
	Stacked bool   // sources above zero, uses below; otherwise lines
	Series  []Series
	Levels  []Level
	Fixed   bool // the axis runs from Low to High, whatever the samples
	Low     float64
	High    float64
}

// Promise is what one vehicle was told and got.
type Promise struct {
	Who      string
	Asked    bess.Figure // kWh
	By       int64       // ms; 0: not told
	Promised bess.Figure // kWh
	Got      bess.Figure // kWh
	Kept     bess.Tri
	Note     string
}

// Event is a line of the log.
type Event struct {
	At    int64
	Level bess.Tri // Yes: look; No: only to know; Unknown counts as No
	Stop  bool     // danger
	What  string
	Where string
	Did   string
}

// LedgerSummary is the ledger in a few numbers.
type LedgerSummary struct {
	Entries    uint64
	SumMWh     int64 // sums over all legs: zero
	SumMg      int64
	Unmeasured bess.Figure // share of throughput, ratio
	Head       string      // hash of the last entry
}

//go:embed study.html
var studyHTML string

//go:embed study.css
var studyCSS string

//go:embed study.js
var studyJS string

// WriteStudy writes the report as one HTML file that needs no network and no
// script; with script, one cursor reads all charts.
func WriteStudy(w io.Writer, s Study) error {
	if s.To <= s.From {
		return fmt.Errorf("writing the study report %q: it ends (%s) before it begins (%s)", s.Title, s.Zones.full(s.To), s.Zones.full(s.From))
	}
	skeleton, err := template.New("study").Parse(studyHTML)
	if err != nil {
		return fmt.Errorf("writing the study report %q: %w", s.Title, err)
	}
	var b bytes.Buffer
	if err := skeleton.Execute(&b, newStudyPage(&s)); err != nil {
		return fmt.Errorf("writing the study report %q: %w", s.Title, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the study report %q: %w", s.Title, err)
	}
	return nil
}
