package device

import (
	"slices"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// charge is the transaction of a station, as the central system believes it. Only the station knows: one that lost its
// supply may go on with the transaction, tell its end later, or have forgotten it. Until it shows which, the transaction is
// in doubt, and no profile is bound to it.
type charge struct {
	number      int // 0: none
	start       v16.StartTransactionRequest
	stopped     int       // the last transaction that was stopped
	lost        int       // the last one that its station no longer knew; should it name it again, it goes on
	doubt       time.Time // since when the number is in doubt; zero: it is not
	restarted   bool      // the station booted since it last named its transaction
	interrupted bool      // it ended without anybody's known wish: its vehicle is invited again even while it is "finishing"
	named       bool      // its meter values name it
	unnamed     int       // meter values in a row that do not
	refused     int       // profiles bound to it that were refused
	askedStart  time.Time
}

// How much is asked of a station in doubt.
const (
	// doubtMost is how long a station without a running charge may take to name its transaction; it reports every 2 s.
	doubtMost = 5 * time.Second
	// unnamedMost is how many meter values without the number speak against a transaction that they named before.
	unnamedMost = 3
	// boundMost is how many profiles bound to one transaction may be refused; the later ones are bound to the outlet.
	boundMost = 3
	// refusedMost is how many profiles in a row a station may refuse, or not answer, until it counts as faulty.
	refusedMost = 4
)

// bound is the number that profiles are bound to, 0: to none.
func (c *charge) bound() int {
	if !c.doubt.IsZero() || c.refused >= boundMost {
		return 0
	}
	return c.number
}

// take makes a number the running transaction.
func (l *stationLink) take(number int) {
	c := &l.charge
	*c = charge{number: number, start: c.start, stopped: c.stopped, askedStart: c.askedStart}
	l.view.Visit = uint64(number)
	l.look()
}

// drop ends the transaction; interrupted when nobody wished it to end.
func (l *stationLink) drop(interrupted bool) {
	c := &l.charge
	*c = charge{start: c.start, stopped: c.stopped, lost: c.lost, askedStart: c.askedStart, interrupted: interrupted}
	if interrupted {
		l.soon()
	}
	l.view.Visit = 0
	l.look()
}

// soon has a plugged vehicle invited after a moment, in which its station may yet resume by itself.
func (l *stationLink) soon() { l.charge.askedStart = time.Now().Add(stationRetry - startRetry) }

// suspect puts the running transaction in doubt.
func (l *stationLink) suspect() {
	if l.charge.number != 0 {
		l.charge.doubt, l.charge.unnamed = time.Now(), 0
		l.look()
	}
}

// reboot is a station's restart: what it said before of its connector and its currents is void.
func (l *stationLink) reboot() {
	l.status, l.refused = "", 0
	l.forgetMeter()
	l.charge.restarted = l.charge.number != 0
	l.suspect()
	l.soon()
}

// weigh takes the connector's state as evidence about the transaction.
func (l *stationLink) weigh(status v16.ChargePointStatus) {
	c := &l.charge
	switch status {
	case v16.ChargePointStatusAvailable, v16.ChargePointStatusReserved:
		// A station that says it is free has no transaction, whatever became of its StopTransaction.
		l.drop(false)
		c.askedStart, c.lost = time.Time{}, 0 // the next vehicle is another
	case v16.ChargePointStatusCharging, v16.ChargePointStatusSuspendedEV, v16.ChargePointStatusSuspendedEVSE:
		c.doubt = time.Time{}
	case v16.ChargePointStatusPreparing, v16.ChargePointStatusFinishing, v16.ChargePointStatusFaulted, v16.ChargePointStatusUnavailable:
		l.suspect()
	}
}

// settle gives a transaction up that was long enough in doubt.
func (l *stationLink) settle(now time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	c := &l.charge
	if c.number == 0 || c.doubt.IsZero() || now.Sub(c.doubt) < doubtMost {
		return
	}
	switch l.status {
	case v16.ChargePointStatusPreparing:
		c.lost = c.number
		l.drop(true)
	case v16.ChargePointStatusFinishing:
		c.lost = c.number
		l.drop(c.restarted)
	default: // a fault may pass and the charge go on; only meter values can speak against it
		if c.named && c.unnamed >= unnamedMost {
			c.lost = c.number
			l.drop(true)
		}
	}
}

// begin answers a StartTransaction. The same start told again, after a lost connection, is the same visit.
func (s stationHooks) begin(l *stationLink, r *v16.StartTransactionRequest) ocpp.Response {
	info, c := s.may(l.index, r.IDTag), &l.charge
	again := c.start.IDTag == r.IDTag && c.start.ConnectorID == r.ConnectorID && c.start.MeterStart == r.MeterStart &&
		c.start.Timestamp.Equal(r.Timestamp.Time)
	switch {
	case again && c.number != 0:
		return v16.StartTransactionResponse{IDTagInfo: info, TransactionID: c.number}
	case again && c.stopped != 0:
		return v16.StartTransactionResponse{IDTagInfo: info, TransactionID: c.stopped}
	}
	number := s.nextVisit()
	c.start = *r
	if info.Status == v16.AuthorizationStatusAccepted {
		l.take(number)
		l.suspect() // its station does not know the number before it has the answer
	}
	return v16.StartTransactionResponse{IDTagInfo: info, TransactionID: number}
}

// end takes a StopTransaction; a late one, of a transaction that is over, changes nothing but why it ended.
func (l *stationLink) end(r *v16.StopTransactionRequest) {
	l.read(r.TransactionData, l.heard)
	c := &l.charge
	unwished := slices.Contains([]v16.Reason{v16.ReasonPowerLoss, v16.ReasonReboot, v16.ReasonHardReset, v16.ReasonSoftReset}, r.Reason)
	switch r.TransactionID {
	case 0: // no number of ours
	case c.number:
		if counted := si.WattHours(r.MeterStop); l.view.Drawn.Quality == bess.Good && counted > l.view.Drawn.Value {
			l.view.Drawn = bess.Of(counted, l.heard)
		}
		c.stopped = c.number
		l.drop(unwished)
	default: // one that seemed lost, or of which only another central system knew
		if c.number == 0 && r.TransactionID != c.stopped {
			c.stopped, c.interrupted = r.TransactionID, unwished
		}
	}
}

// meter takes meter values. A transaction that is not known began while we were away, or is one that seemed lost: it is
// taken over.
func (l *stationLink) meter(r *v16.MeterValuesRequest) {
	if r.ConnectorID > 1 {
		l.tally.garbage()
		return
	}
	c, number := &l.charge, 0
	if r.TransactionID != nil && *r.TransactionID > 0 {
		number = *r.TransactionID
	}
	switch {
	case number == 0:
		c.unnamed++
	case number == c.number:
		c.doubt, c.restarted, c.named, c.unnamed = time.Time{}, false, true, 0
	case (c.number == 0 || !c.doubt.IsZero()) && number != c.stopped:
		l.take(number)
		l.charge.named = true
	}
	l.pulse.beat(l.heard)
	l.read(r.MeterValue, l.heard)
}

// pulse is the pace of a station's meter values: when they stay away for much longer, they no longer say what flows. A
// station that lost its supply cannot end its connection, which then seems to live for half a minute.
type pulse struct {
	last      bess.Instant // 0: none on this connection
	gap, pace bess.Span
}

// beat notes meter values.
func (p *pulse) beat(now bess.Instant) {
	if p.last != 0 {
		gap := now.Since(p.last)
		p.pace, p.gap = max(gap, p.gap), gap
	}
	p.last = max(1, now)
}

// over reports whether they have stopped: three are missing.
func (p *pulse) over(now bess.Instant) bool {
	return p.last != 0 && p.pace != 0 && now.Since(p.last) > min(3*max(p.pace, stationSamples*bess.Second), bess.Minute)
}

// late reports whether values were held back by their station while it had no connection: they say what was counted, not
// what flows. A station's clock may be wrong by any time: what counts is the age on arrival, beside the one before it. An
// odd age that stays the same is a clock that was set, since values that were held back differ in age.
func (l *stationLink) late(stamped, now time.Time) bool {
	age := now.Sub(stamped)
	within := func(a, b, by time.Duration) bool { return a-b <= by && b-a <= by }
	if age <= l.behind.usual+heldBack {
		l.behind.usual, l.behind.times = age, 0
		return false
	}
	if !within(age, l.behind.odd, time.Second) {
		l.behind.times = 0
	}
	l.behind.odd = age
	if l.behind.times++; l.behind.times < 3 {
		return true
	}
	l.behind.usual, l.behind.times = age, 0
	return false
}

// heldBack is how much older than usual values arrive that were not sent at once.
const heldBack = 10 * time.Second

// behind is how old a station's values are on arrival, by its own clock.
type behind struct {
	usual, odd time.Duration
	times      int // that the odd age was seen in a row
}
