package device

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/ocpp"
	"reprise/wire/ocpp/v16"
)

// Profiles that we give a station. The fallback has no end; the others end with the order's lease, so that a dead central
// system leaves the fallback and nothing more.
const (
	profileFallback = 1 // TxDefaultProfile, lowest level, without end
	profileDefault  = 2 // TxDefaultProfile above it, with a duration
	profileVisit    = 3 // TxProfile of the running transaction, with a duration
)

// Pauses of a station's worker.
const (
	stationLook  = 250 * time.Millisecond
	stationRetry = 2 * time.Second
	startRetry   = 30 * time.Second
	retryMost    = 30 * time.Second // what the pause after a refused profile grows to
	// bootWait is how long a new connection may take to boot; a station that only lost its connection does not boot.
	bootWait = 2 * time.Second
	// staleOffer is how old a reading of the offer may be before it is asked for.
	staleOffer = 5 * bess.Second
)

// offer is what an outlet is allowed.
type offer struct {
	limit       float64 // A, or W at a rapid outlet
	transaction int
}

// drive keeps one connected station under its orders until the connection ends.
func (s *Stations) drive(ctx context.Context, l *stationLink, station *ocpp.Station) {
	var sent offer
	var sentAt, askedOffer time.Time
	setUp, notBefore, pause := false, time.Now().Add(bootWait), stationRetry
	for {
		l.mutex.Lock()
		if l.fresh {
			l.fresh, setUp, sentAt, pause = false, false, time.Time{}, stationRetry
			if l.booted {
				notBefore = time.Time{}
			}
		}
		l.mutex.Unlock()
		l.settle(time.Now())
		if now := time.Now(); !now.Before(notBefore) {
			if !setUp {
				setUp = l.setUp(ctx, station)
			}
			want, span, ordered := l.wanted(s.options.Clock())
			due := ordered && (want != sent || sentAt.IsZero() || time.Since(sentAt) >= span/3)
			switch {
			case !setUp:
				notBefore, pause = now.Add(jittered(pause)), min(2*pause, retryMost)
			case due && l.assert(ctx, station, want, span):
				sent, sentAt, pause = want, time.Now(), stationRetry
				l.readBack(ctx, station, s.options.Clock)
				askedOffer = time.Now()
			case due && want.transaction != 0 && l.unbound():
				// the limit itself is tried again at once
			case due:
				notBefore, pause = now.Add(jittered(pause)), min(2*pause, retryMost)
			case s.options.FreeVend && l.waiting():
				l.invite(ctx, station)
			case time.Since(askedOffer) >= duration(staleOffer) && l.offerStale(s.options.Clock()):
				askedOffer = time.Now()
				l.readBack(ctx, station, s.options.Clock)
			}
		}
		timer := time.NewTimer(stationLook)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-l.nudge:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// jittered is a pause between half and one and a half.
func jittered(span time.Duration) time.Duration { return span/2 + rand.N(span) }

// wanted is the offer that stands ordered and for how long. Whole amps, rounded down; less than the vehicle's minimum is
// nothing. Nothing is said while the loop is not heard: the profile runs out by itself.
func (l *stationLink) wanted(now bess.Instant) (offer, time.Duration, bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.box.judge(l.order.Lease, now) != inForce {
		return offer{}, 0, false
	}
	want := offer{transaction: l.charge.bound()}
	if l.order.Enable {
		if l.outlet.Kind == bess.Rapid {
			want.limit = math.Floor(math.Max(finite(float64(l.order.Power)), 0))
			if l.outlet.Rated > 0 {
				want.limit = math.Min(want.limit, float64(l.outlet.Rated))
			}
		} else {
			want.limit = math.Floor(min(finite(float64(l.order.Current)), float64(l.outlet.Current)))
			if want.limit < max(float64(l.outlet.Minimum), 1) {
				want.limit = 0
			}
		}
	}
	left := min(l.order.Lease.Until.Since(now), l.outlet.Hold)
	return want, max(duration(left).Truncate(time.Second), time.Second), true
}

func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// setUp prepares a station that booted or came back: how often it reports, and what it offers when nobody orders. Only the
// fallback must succeed.
func (l *stationLink) setUp(ctx context.Context, station *ocpp.Station) bool {
	for _, c := range [...]v16.ChangeConfigurationRequest{
		{Key: "MeterValuesSampledData", Value: "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Current.Offered,SoC"},
		{Key: "MeterValueSampleInterval", Value: strconv.Itoa(stationSamples)},
		{Key: "ClockAlignedDataInterval", Value: strconv.Itoa(stationSamples)},
		{Key: "HeartbeatInterval", Value: strconv.Itoa(stationHeartbeat)},
	} {
		// A station that does not know a key keeps its own ways; its readings then are older, and their age says so.
		if _, err := ocpp.Ask(ctx, station, c); err != nil {
			l.tally.garbage()
			break
		}
	}
	fallback := float64(l.outlet.Fallback)
	if l.outlet.Kind == bess.Rapid {
		fallback = float64(l.outlet.FallbackDC)
	}
	one := 1
	_, _ = ocpp.Ask(ctx, station, v16.TriggerMessageRequest{RequestedMessage: v16.MessageTriggerStatusNotification, ConnectorID: &one})
	return l.set(ctx, station, v16.ChargingProfile{
		ChargingProfileID: profileFallback, ChargingProfilePurpose: v16.ChargingProfilePurposeTxDefaultProfile,
		ChargingSchedule: l.schedule(fallback, 0),
	})
}

// schedule is one constant limit from now on; without an end for a duration of zero.
func (l *stationLink) schedule(limit float64, span time.Duration) v16.ChargingSchedule {
	begin := ocpp.At(time.Now())
	schedule := v16.ChargingSchedule{
		StartSchedule: &begin, ChargingRateUnit: l.rateUnit(),
		ChargingSchedulePeriod: []v16.ChargingSchedulePeriod{{Limit: math.Floor(limit)}},
	}
	if span > 0 {
		seconds := int(span / time.Second)
		schedule.Duration = &seconds
	}
	return schedule
}

func (l *stationLink) rateUnit() v16.ChargingRateUnit {
	if l.outlet.Kind == bess.Rapid {
		return v16.ChargingRateUnitW
	}
	return v16.ChargingRateUnitA
}

// assert gives the station the offer for a duration.
func (l *stationLink) assert(ctx context.Context, station *ocpp.Station, want offer, span time.Duration) bool {
	profile := v16.ChargingProfile{
		ChargingProfileID: profileDefault, StackLevel: 1, ChargingProfilePurpose: v16.ChargingProfilePurposeTxDefaultProfile,
		ChargingSchedule: l.schedule(want.limit, span),
	}
	if want.transaction != 0 {
		profile.ChargingProfileID, profile.ChargingProfilePurpose = profileVisit, v16.ChargingProfilePurposeTxProfile
		profile.TransactionID = &want.transaction
	}
	return l.set(ctx, station, profile)
}

func (l *stationLink) set(ctx context.Context, station *ocpp.Station, profile v16.ChargingProfile) bool {
	profile.ChargingProfileKind = v16.ChargingProfileKindAbsolute
	answer, err := ocpp.Ask(ctx, station, v16.SetChargingProfileRequest{ConnectorID: 1, CSChargingProfiles: profile})
	accepted := err == nil && answer.Status == v16.ChargingProfileStatusAccepted
	if err == nil && !accepted {
		l.tally.mismatch()
	}
	if err == nil && !accepted && profile.ChargingProfilePurpose == v16.ChargingProfilePurposeTxProfile {
		l.disown(ctx, station, *profile.TransactionID)
		return false
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if accepted {
		l.refused = 0
	} else {
		l.refused++
	}
	return accepted
}

// disown doubts a transaction whose profile its station refused, and asks the station for what it has.
func (l *stationLink) disown(ctx context.Context, station *ocpp.Station, number int) {
	l.mutex.Lock()
	if l.charge.number == number {
		l.charge.refused++
		l.suspect()
	}
	l.mutex.Unlock()
	one := 1
	for _, what := range [...]v16.MessageTrigger{v16.MessageTriggerStatusNotification, v16.MessageTriggerMeterValues} {
		_, _ = ocpp.Ask(ctx, station, v16.TriggerMessageRequest{RequestedMessage: what, ConnectorID: &one})
	}
}

// unbound reports whether profiles are no longer bound to a transaction.
func (l *stationLink) unbound() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.charge.bound() == 0
}

// readBack asks what the station offers now; stations that cannot say so are judged by their meter alone.
func (l *stationLink) readBack(ctx context.Context, station *ocpp.Station, clock Clock) {
	answer, err := ocpp.Ask(ctx, station, v16.GetCompositeScheduleRequest{ConnectorID: 1, Duration: 60, ChargingRateUnit: l.rateUnit()})
	if err != nil || answer.Status != v16.GetCompositeScheduleStatusAccepted || answer.ChargingSchedule == nil ||
		len(answer.ChargingSchedule.ChargingSchedulePeriod) == 0 || answer.ChargingSchedule.ChargingRateUnit != l.rateUnit() {
		return
	}
	limit := answer.ChargingSchedule.ChargingSchedulePeriod[0].Limit
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.outlet.Kind == bess.Rapid {
		l.view.OfferedDC = bess.Of(si.Watts(limit), clock())
	} else {
		l.view.Offered = bess.Of(si.Amps(limit), clock())
	}
}

func (l *stationLink) offerStale(now bess.Instant) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.outlet.Kind == bess.Rapid {
		_, ok := l.view.OfferedDC.Fresh(now, staleOffer)
		return !ok
	}
	_, ok := l.view.Offered.Fresh(now, staleOffer)
	return !ok
}

// waiting reports whether a vehicle is plugged, no charge runs and none was asked for just now. One whose charge was cut
// off is "finishing" at many stations until it is unplugged, and may be started again.
func (l *stationLink) waiting() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	c := &l.charge
	ready := l.status == v16.ChargePointStatusPreparing || l.status == v16.ChargePointStatusFinishing && c.interrupted
	if !ready || c.number != 0 || time.Since(c.askedStart) < startRetry {
		return false
	}
	c.askedStart = time.Now()
	return true
}

// freeTag is the tag of a charge that nobody identified for.
const freeTag = "FREE"

// invite starts a charge for a plugged vehicle.
func (l *stationLink) invite(ctx context.Context, station *ocpp.Station) {
	one := 1
	answer, err := ocpp.Ask(ctx, station, v16.RemoteStartTransactionRequest{ConnectorID: &one, IDTag: freeTag})
	if err != nil || answer.Status != v16.RemoteStartStopStatusAccepted {
		l.tally.mismatch()
	}
}
