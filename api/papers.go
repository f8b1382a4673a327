package api

import (
	"context"
	"encoding/hex"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"reprise/bess"
	"reprise/ledger"
)

func (s *Server) paperRoutes() {
	huma.Register(s.api, get("entries", "/api/v1/entries", tagPapers, "Entries of the ledger",
		"Energy in mWh and carbon in mg, as integers; the legs of an entry sum to zero; each entry carries the hash of the one before it."), s.entries)
	huma.Register(s.api, binary(get("entries-csv", "/api/v1/entries.csv", tagPapers, "The ledger as CSV", "One line a leg, all entries after the given number."),
		"text/csv", "The ledger."), s.entriesCSV)
	huma.Register(s.api, binary(get("report", "/api/v1/report.pdf", tagPapers, "The hire report", "One page: energy, peak, hours, outages, carbon, faults."),
		"application/pdf", "The report."), s.report)
}

type entriesInput struct {
	After uint64 `query:"after" doc:"Number of the last entry already known; 0: from the first."`
	Limit int    `query:"limit" default:"200" minimum:"1" maximum:"2000"`
}

type entriesOutput struct {
	Body struct {
		Entries []EntryBody `json:"entries"`
	}
}

// EntryBody is an entry of the ledger as it prints.
type EntryBody struct {
	Number uint64    `json:"number"`
	From   int64     `json:"from" doc:"Wall time, ms."`
	To     int64     `json:"to" doc:"Wall time, ms."`
	Note   string    `json:"note" doc:"Why it was made: period, visit-end, gap."`
	Legs   []LegBody `json:"legs"`
	Prev   string    `json:"prev" doc:"Hash of the entry before, hexadecimal."`
	Hash   string    `json:"hash"`
}

// LegBody is one side of an entry.
type LegBody struct {
	Account       string `json:"account" doc:"feeder, pack, outlet, circuit, own-use, loss, export, unmeasured"`
	Index         int    `json:"index"`
	MilliWattHour int64  `json:"mwh"`
	Milligram     int64  `json:"mg_co2e"`
}

func noteOf(n bess.EntryNote) string {
	switch n {
	case bess.NoteVisitEnd:
		return "visit-end"
	case bess.NoteGap:
		return "gap"
	default:
		return "period"
	}
}

func (s *Server) entries(ctx context.Context, in *entriesInput) (*entriesOutput, error) {
	if s.Books == nil {
		return nil, absent("no ledger: the store is not running")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	entries, err := s.Books.Entries(ctx, in.After, in.Limit)
	if err != nil {
		return nil, s.failed("reading the ledger", err)
	}
	out := &entriesOutput{}
	out.Body.Entries = make([]EntryBody, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		body := EntryBody{
			Number: e.Number, From: e.From.UnixMilli, To: e.To.UnixMilli, Note: noteOf(e.Note), Legs: make([]LegBody, 0, len(e.Legs)),
			Prev: hex.EncodeToString(e.Prev[:]), Hash: hex.EncodeToString(e.Hash[:]),
		}
		for _, leg := range e.Legs {
			body.Legs = append(body.Legs, LegBody{leg.Kind.String(), leg.Index, leg.MilliWattHour, leg.Milligram})
		}
		out.Body.Entries = append(out.Body.Entries, body)
	}
	return out, nil
}

type csvInput struct {
	After uint64 `query:"after" doc:"Number of the last entry already known; 0: from the first."`
}

// csvBatch is how many entries are held at once while the ledger is written out.
const csvBatch = 500

func (s *Server) entriesCSV(ctx context.Context, in *csvInput) (*huma.StreamResponse, error) {
	if s.Books == nil {
		return nil, absent("no ledger: the store is not running")
	}
	// The first batch is read before anything is sent, so that a failure is still an error and not a short file.
	batch, err := s.Books.Entries(ctx, in.After, csvBatch)
	if err != nil {
		return nil, s.failed("reading the ledger", err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		hctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		hctx.SetHeader("Content-Disposition", `attachment; filename="ledger.csv"`)
		hctx.SetHeader("Cache-Control", "no-store")
		if err := s.writeCSV(hctx.Context(), hctx.BodyWriter(), batch); err != nil {
			s.Log.Warn("api: writing the ledger as CSV ended early", "cause", err)
		}
	}}, nil
}

// writeCSV streams the ledger in the form that an auditor's check reads.
func (s *Server) writeCSV(ctx context.Context, w io.Writer, batch []bess.Entry) error {
	if err := ledger.WriteCSV(w, batch); err != nil {
		return err
	}
	for len(batch) > 0 {
		var err error
		if batch, err = s.Books.Entries(ctx, batch[len(batch)-1].Number, csvBatch); err != nil {
			return err
		}
		if err := ledger.WriteCSVRows(w, batch); err != nil {
			return err
		}
	}
	return nil
}

type reportInput struct {
	From int64 `query:"from" minimum:"0" doc:"Wall time, ms; 0: since the unit arrived."`
	To   int64 `query:"to" minimum:"0" doc:"Wall time, ms; 0: now."`
}

type reportOutput struct {
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (s *Server) report(ctx context.Context, in *reportInput) (*reportOutput, error) {
	if s.Reporter == nil {
		return nil, absent("no hire report: the store is not running")
	}
	p, err := s.latest()
	if err != nil {
		return nil, err
	}
	to := in.To
	if to == 0 {
		to = p.UnixMilli
	}
	if in.From >= to {
		return nil, wrong("query.from", "it must be before to", in.From)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	pdf, err := s.Reporter.Report(ctx, in.From, to)
	if err != nil {
		return nil, s.failed("writing the hire report", err)
	}
	return &reportOutput{
		ContentType: "application/pdf", Disposition: `inline; filename="hire-report.pdf"`, CacheControl: "no-store", Body: pdf,
	}, nil
}
