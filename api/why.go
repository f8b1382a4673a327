package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"reprise/bess"
)

// Explainer says why the unit did what it did.
type Explainer interface {
	// Explain answers for a moment of wall time, ms, and for one part, or all when it is empty. It reads what the
	// unit has kept and never holds up the unit. ErrNotKept and ErrNoPart are the fault of the question.
	Explain(ctx context.Context, q WhyQuery) (*bess.Explanation, error)
}

// WhyQuery is a question for the reason.
type WhyQuery struct {
	At     int64     // wall time, ms
	Around bess.Span // how far before and after it events are told
	Part   string    // such as "pack 3"; empty: every part
}

// What an Explainer says of a question that has no answer.
var (
	ErrNotKept = errors.New("the journal does not tell of that moment") // constant: compared, never written
	ErrNoPart  = errors.New("the unit has no such part")                // constant: compared, never written
	ErrBusy    = errors.New("another explanation is being made")        // constant: compared, never written
)

// whyTimeout bounds how long an explanation may take: an hour's file is read, and at most some minutes are run again.
const whyTimeout = 20 * time.Second

func (s *Server) whyRoutes() {
	why := get("why", "/api/v1/why", tagUnit, "Why did it do that",
		"What decided at a moment: the safety rules that acted, the choice behind each part's power, every limit in force "+
			"with who set it and until when, what was ordered and measured, and what happened around it. It is read from the "+
			"unit's journal by running the controller again on what was kept, so the last seconds are not there yet.")
	why.Errors = append(why.Errors, http.StatusNotFound, http.StatusUnprocessableEntity)
	huma.Register(s.api, why, s.why)
}

type whyInput struct {
	At     int64   `query:"at" required:"true" minimum:"1" maximum:"4102444800000" doc:"Wall time of the moment, ms."`
	Part   string  `query:"part" maxLength:"80" doc:"One part only: its kind and number counted from one, such as pack 3, or its name."`
	Around float64 `query:"around_s" default:"30" minimum:"1" maximum:"600" doc:"Seconds before and after the moment in which events are told."`
}

type whyOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         *bess.Explanation
}

func (s *Server) why(ctx context.Context, in *whyInput) (*whyOutput, error) {
	if s.Explainer == nil {
		return nil, absent("no journal to explain from: start it with a data folder")
	}
	ctx, cancel := context.WithTimeout(ctx, whyTimeout)
	defer cancel()
	a, err := s.Explainer.Explain(ctx, WhyQuery{At: in.At, Part: in.Part, Around: bess.Span(in.Around * float64(bess.Second))})
	switch {
	case err == nil:
		return &whyOutput{CacheControl: "no-store", Body: a}, nil
	case errors.Is(err, ErrNotKept):
		return nil, huma.Error404NotFound(err.Error())
	case errors.Is(err, ErrNoPart):
		return nil, wrong("query.part", err.Error(), in.Part)
	case errors.Is(err, ErrBusy):
		return nil, huma.Error503ServiceUnavailable("another explanation is being made: try again in a few seconds")
	}
	return nil, s.failed("explaining", err)
}
