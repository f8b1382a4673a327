package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"reprise/bess"
	"reprise/bess/si"
)

func (s *Server) requestRoutes() {
	huma.Register(s.api, post("ask", "/api/v1/requests", tagUnit, "Ask the unit for something",
		"A wish with a person and an expiry. Who acts on the machine is named; a driver's need, a booking and an emergency "+
			"stop need no name. The unit decides: the answer is granted, or refused with the reason. A limit "+
			"can only be lowered. What only a person at the unit may do is refused here."), s.ask)
	huma.Register(s.api, post("test-alarm", "/api/v1/alarms/test", tagUnit, "Send a test alarm",
		"Sends a test alarm by every configured way and says where it arrived."), s.testAlarm)
}

// RequestBody is a request as people and programs send it.
type RequestBody struct {
	Verb     string      `json:"verb" enum:"start,stop,black-start,outlet-on,outlet-off,circuit-on,circuit-off,circuit-priority,reset,pack-out,pack-in,visit-need,visit-end,booking,feeder-record,feeder-on,feeder-off,import-cap,reserve,generator-run,generator-auto,transport-on,transport-off,emergency-stop" doc:"What is asked for."`
	Target   *int        `json:"target,omitempty" minimum:"0" maximum:"255" doc:"Which part, counted from zero. For reset: the subject of the alarm."`
	Number   int         `json:"number,omitempty" minimum:"0" maximum:"65535" doc:"Priority, booking number, or rule number, by verb."`
	EnergyWh float64     `json:"energy_wh,omitempty" minimum:"0" maximum:"10000000" doc:"Wh, for visit-need, booking, reserve."`
	PowerW   float64     `json:"power_w,omitempty" minimum:"0" maximum:"10000000" doc:"W, for import-cap and booking."`
	From     int64       `json:"from,omitempty" minimum:"0" maximum:"4102444800000" doc:"Wall time, ms, of a booking."`
	Until    int64       `json:"until,omitempty" minimum:"0" maximum:"4102444800000" doc:"Wall time, ms, of departure."`
	Text     string      `json:"text,omitempty" maxLength:"80" doc:"For pack-in: the serial number read from the pack."`
	Person   string      `json:"person,omitempty" maxLength:"80" doc:"Who asks; kept with the event. Needed for everything that acts on the machine, which is every verb but visit-need, visit-end and booking, and emergency-stop, which is never refused for a name."`
	Record   *RecordBody `json:"record,omitempty" doc:"For feeder-record: what was found on arrival."`
	Expires  float64     `json:"expires_in_s,omitempty" minimum:"1" maximum:"604800" doc:"Not considered after this many seconds; absent: 10, and for a booking its end."`
}

// RecordBody is what a person found at a supply before anything was closed.
type RecordBody struct {
	Earthing    string  `json:"earthing" enum:"TN-S,PME,TT,generator" doc:"Earthing arrangement (BS 7671)."`
	Poles       int     `json:"poles" minimum:"1" maximum:"3" doc:"Phases found live."`
	Neutral     bool    `json:"neutral" doc:"Neutral is present."`
	Earth       bool    `json:"earth" doc:"Earth is present."`
	Forward     *bool   `json:"forward,omitempty" doc:"Rotation is L1-L2-L3; absent on one phase."`
	NeutralToE  float64 `json:"neutral_to_earth_v" minimum:"0" maximum:"1000" doc:"V, measured."`
	AgreedW     float64 `json:"agreed_w" minimum:"0" maximum:"10000000" doc:"W, the agreed cap."`
	Parallel    bool    `json:"parallel,omitempty" doc:"Running in parallel was permitted."`
	ExportCapW  float64 `json:"export_cap_w,omitempty" minimum:"0" maximum:"10000000" doc:"W, permitted export."`
	Reference   string  `json:"reference,omitempty" maxLength:"120" doc:"Reference of the permission."`
	Override    string  `json:"override,omitempty" maxLength:"120" doc:"Why the named person lets a grave finding pass, where the standard leaves room: reversed rotation, 10 to 50 V from neutral to earth, PME with vehicles. Kept with the record. Without it such a record is refused."`
	ValidInDays int     `json:"valid_in_days,omitempty" minimum:"1" maximum:"90" default:"30" doc:"The record and every permission in it end after this many days, at most 90; a check is then due again and the supply stays open until it is made."`
}

// AnswerBody says what became of a request.
type AnswerBody struct {
	ID      uint64 `json:"id" doc:"Number of the request in the unit's journal."`
	Granted bool   `json:"granted"`
	Why     string `json:"why" doc:"The reason of a refusal, with what to do."`
}

type askInput struct{ Body RequestBody }

type askOutput struct{ Body AnswerBody }

func (s *Server) ask(ctx context.Context, in *askInput) (*askOutput, error) {
	p, err := s.latest()
	if err != nil {
		return nil, err
	}
	request, err := in.Body.request(p, s.Source)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := s.Machine.Ask(ctx, request)
	if err != nil {
		return nil, s.failed("asking the unit", err)
	}
	return &askOutput{Body: AnswerBody{ID: answer.ID, Granted: answer.Granted, Why: answer.Why.Sentence()}}, nil
}

// request is the body in the unit's own terms: times on its clock, source and expiry on every wish.
func (b *RequestBody) request(p *bess.Picture, by bess.Source) (bess.Request, error) {
	verb, ok := bess.ParseVerb(b.Verb)
	if !ok {
		return bess.Request{}, wrong("body.verb", "there is no such verb", b.Verb)
	}
	if err := b.complete(verb); err != nil {
		return bess.Request{}, err
	}
	if verb == bess.FeederRecord {
		if err := b.Record.permitted(len(p.Outlets) > 0); err != nil {
			return bess.Request{}, err
		}
	}
	target := bess.Nobody
	if b.Target != nil {
		target = *b.Target
	}
	civil := func(ms int64) bess.Civil {
		if ms == 0 {
			return bess.Civil{}
		}
		return bess.Civil{UnixMilli: ms, ZoneOffset: p.ZoneOffset, Trust: trustOf(p.ClockTrust)}
	}
	return bess.Request{
		By:      by,
		Person:  strings.TrimSpace(b.Person),
		Expires: p.Now.Add(b.life(verb, p)),
		Verb:    verb,
		Target:  target,
		Number:  b.Number,
		Energy:  si.WattHours(b.EnergyWh),
		Power:   si.Watts(b.PowerW),
		From:    civil(b.From),
		Until:   civil(b.Until),
		Text:    strings.TrimSpace(b.Text),
		Record:  b.record(p),
	}, nil
}

// usualLife is how long a wish stands that names no expiry.
const usualLife = 10 * bess.Second

// life is how long the wish stands: as told, or until its end for a booking, which is a standing wish.
func (b *RequestBody) life(verb bess.Verb, p *bess.Picture) bess.Span {
	switch {
	case b.Expires > 0:
		return bess.SpanOf(si.Seconds(b.Expires))
	case verb == bess.Booking:
		return max(usualLife, bess.Span(b.Until-p.UnixMilli))
	default:
		return usualLife
	}
}

// complete reports what a verb needs and the body lacks. Whether the wish can be granted is the unit's to say.
func (b *RequestBody) complete(verb bess.Verb) error {
	switch verb {
	case bess.OutletOn, bess.OutletOff, bess.CircuitOn, bess.CircuitOff, bess.CircuitPriority, bess.ResetLatch,
		bess.PackOut, bess.PackIn, bess.VisitNeed, bess.VisitEnd, bess.Booking, bess.FeederRecord, bess.FeederOn,
		bess.FeederOff, bess.GeneratorRun, bess.GeneratorAuto:
		if b.Target == nil {
			return wrong("body.target", "say which part, counted from zero", nil)
		}
	default: // the whole unit
	}
	switch verb {
	case bess.VisitNeed, bess.VisitEnd, bess.Booking, bess.EmergencyStopWanted: // a driver's own, a program's, and danger
	default:
		if strings.TrimSpace(b.Person) == "" {
			return wrong("body.person", "say who asks: this is kept with the record", nil)
		}
	}
	switch {
	case verb == bess.PackIn && strings.TrimSpace(b.Text) == "":
		return wrong("body.text", "read the serial number from the pack", nil)
	case verb == bess.FeederRecord && b.Record == nil:
		return wrong("body.record", "say what was found at the supply", nil)
	case verb == bess.FeederRecord && b.Record.Poles > 1 && b.Record.Forward == nil:
		return wrong("body.record.forward", "measure the rotation: the supply has more than one phase", nil)
	case verb == bess.Booking && (b.From == 0 || b.Until <= b.From):
		return wrong("body.until", "a booking needs from, and until after it", b.Until)
	}
	return nil
}

func (b *RequestBody) record(p *bess.Picture) *bess.SiteRecord {
	if b.Record == nil {
		return nil
	}
	r := b.Record
	earthing := map[string]bess.Earthing{"TN-S": bess.TNS, "PME": bess.PME, "TT": bess.TT, "generator": bess.GeneratorEarth}
	record := &bess.SiteRecord{
		Person:     strings.TrimSpace(b.Person),
		At:         bess.Civil{UnixMilli: p.UnixMilli, ZoneOffset: p.ZoneOffset, Trust: trustOf(p.ClockTrust)},
		Earthing:   earthing[r.Earthing],
		Poles:      r.Poles,
		Neutral:    bess.Truth(r.Neutral),
		Earth:      bess.Truth(r.Earth),
		NeutralToE: si.Volts(r.NeutralToE),
		Agreed:     si.Watts(r.AgreedW),
		Parallel:   r.Parallel,
		ExportCap:  si.Watts(r.ExportCapW),
		Reference:  r.reference(len(p.Outlets) > 0),
		Expires:    p.Now.Add(bess.Span(max(1, r.ValidInDays)) * bess.Day),
	}
	if r.Forward != nil {
		record.Forward = bess.Truth(*r.Forward)
	}
	return record
}

func trustOf(name string) bess.Trust {
	switch name {
	case "high":
		return bess.TrustHigh
	case "local":
		return bess.TrustLocal
	default:
		return bess.TrustNone
	}
}

type testInput struct {
	Body struct {
		Person string `json:"person" minLength:"1" maxLength:"80" doc:"Who tests; written into the alarm."`
	}
}

type testOutput struct {
	Body struct {
		Deliveries []Delivery `json:"deliveries"`
	}
}

func (s *Server) testAlarm(ctx context.Context, in *testInput) (*testOutput, error) {
	if s.Alarms == nil {
		return nil, absent("no address for alarms: name a webhook or a mail server in its configuration")
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	deliveries, err := s.Alarms.TestAlarm(ctx, in.Body.Person)
	if err != nil {
		return nil, s.failed("sending the test alarm", err)
	}
	out := &testOutput{}
	out.Body.Deliveries = append([]Delivery{}, deliveries...)
	return out, nil
}

func (s *Server) benchRoutes() {
	none := func() error { return absent("no bench: only a simulated unit may be tampered with") }
	huma.Register(s.api, get("bench", "/api/v1/bench", tagBench, "What may be done to the twin", "Only on a simulated unit."),
		func(context.Context, *struct{}) (*benchOutput, error) {
			if s.Bench == nil {
				return nil, none()
			}
			return &benchOutput{Body: s.Bench.Bench()}, nil
		})
	act := post("bench-act", "/api/v1/bench", tagBench, "Do something to the twin", "Answers with the bench after it.")
	act.Errors = append(act.Errors, http.StatusNotFound, http.StatusConflict)
	huma.Register(s.api, act, func(ctx context.Context, in *benchInput) (*benchOutput, error) {
		if s.Bench == nil {
			return nil, none()
		}
		ctx, cancel := context.WithTimeout(ctx, askTimeout)
		defer cancel()
		if err := s.Bench.Act(ctx, in.Body); err != nil {
			return nil, huma.Error409Conflict("the bench cannot do this now: " + err.Error())
		}
		return &benchOutput{Body: s.Bench.Bench()}, nil
	})
}

type benchInput struct{ Body BenchOrder }

type benchOutput struct{ Body BenchState }
