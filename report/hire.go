package report

import (
	"fmt"
	"io"

	"reprise/bess"
)

// Hire is all that a hire report says. Energies are kWh, powers kW, fuel L,
// emissions kg CO2e; what is unknown is an unknown figure with its reason.
type Hire struct {
	Unit, Site, Hirer string
	From, To          int64 // ms since 1970
	Zones             Zones
	Delivered         bess.Figure // kWh to vehicles and circuits
	Peak              bess.Figure // kW, with its time
	PeakAt            int64
	HoursOfUse        bess.Figure // h in which energy was delivered or stored
	Lines             []HireLine  // outlets and circuits
	Visits            []HireVisit
	Outages           []HireOutage
	Faults            []HireFault
	Unused            bess.Figure // kWh deliverable at the end
	Carbon            HireCarbon
	Profile           []Series // kW, both positive: what was delivered, what came in
	Link              string   // for the QR code: where the ledger and the details are; empty: none
	Head              string   // hash of the last ledger entry
	Version           string
}

// HireLine is what went through one outlet or circuit.
type HireLine struct {
	Name string
	Hue  Hue
	KWh  bess.Figure
	Peak bess.Figure // kW
}

// HireVisit is one vehicle's stay.
type HireVisit struct {
	Outlet   string
	From, To int64
	Asked    bess.Figure // kWh
	Got      bess.Figure // kWh
	By       int64       // promised time; 0: none was asked
	Kept     bess.Tri    // promise kept; unknown: none was given
	Why      string      // when not kept
	Running  bool        // still there at the end of the span, and its promise not due yet
}

// HireOutage is a time without supply to a load.
type HireOutage struct {
	From, To int64
	Where    string
	Why      string
}

// HireFault is a fault and what was done.
type HireFault struct {
	At         int64
	What, Done string
}

// HireCarbon is the claim of the hire, beside the inventory.
type HireCarbon struct {
	Gross, Refill, Net bess.Figure // kg
	Litres             bess.Figure // fuel not burnt
	GeneratorHours     bess.Figure // displaced
	SetHours           bess.Figure // h that a generator on site ran
	SetLitres          bess.Figure // L that it burnt
	Factors            []string    // each complete: value, unit, gas, scope, year, source
}

// WriteHire writes the hire report: one A4 page, PDF. What does not fit is
// counted, not dropped in silence.
func WriteHire(w io.Writer, h Hire) error {
	if h.To <= h.From {
		return fmt.Errorf("writing the hire report: it ends (%s) before it begins (%s)", h.Zones.full(h.To), h.Zones.full(h.From))
	}
	page, err := newHirePage(&h)
	if err != nil {
		return fmt.Errorf("writing the hire report: %w", err)
	}
	text, err := page.bytes()
	if err != nil {
		return fmt.Errorf("writing the hire report: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("writing the hire report: %w", err)
	}
	return nil
}
