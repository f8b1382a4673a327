package v16

import (
	"context"
	"fmt"
	"time"

	"reprise/wire/ocpp"
)

// Station is the life of an OCPP 1.6 station: it connects, boots until it is accepted, sends heartbeats and begins again
// after a lost connection.
type Station struct {
	Point ocpp.PointOptions       // how to connect and what to answer
	Boot  BootNotificationRequest // who it is
	// Accepted runs in its own goroutine after each accepted boot, until its context ends with the connection. It should
	// send the state of every connector first. May be nil.
	Accepted func(ctx context.Context, point *ocpp.Point, answer *BootNotificationResponse)
	// Down is told why a connection, or an attempt to make one, ended. May be nil.
	Down func(why error)
	// Retry is the first pause after a lost connection; it doubles with each failure up to RetryMost. Zero stands for 1 s
	// and 60 s.
	Retry, RetryMost time.Duration
}

// defaultInterval is the pause between boot attempts or heartbeats when the central system leaves it to the station.
const defaultInterval = 60 * time.Second

// Run keeps the station alive until ctx ends; its error is then that of ctx.
func (s *Station) Run(ctx context.Context) error {
	first, most := s.Retry, s.RetryMost
	if first <= 0 {
		first = time.Second
	}
	if most <= 0 {
		most = 60 * time.Second
	}
	pause := first
	for {
		accepted, err := s.connection(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if s.Down != nil {
			s.Down(err)
		}
		if accepted {
			pause = first
		}
		if err := wait(ctx, nil, pause); err != nil {
			return err
		}
		pause = min(2*pause, most)
	}
}

// connection lives one connection and says whether it came as far as an accepted boot.
func (s *Station) connection(ctx context.Context) (accepted bool, err error) {
	point, err := ocpp.Connect(ctx, s.Point)
	if err != nil {
		return false, err
	}
	defer point.Close()
	answer, err := s.boot(ctx, point)
	if err != nil {
		return false, err
	}
	if s.Accepted != nil {
		inner, cancel := context.WithCancel(ctx)
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			s.Accepted(inner, point, answer)
		}()
		defer func() { <-finished }()
		defer cancel()
	}
	return true, beat(ctx, point, interval(answer))
}

// boot sends BootNotification until it is accepted, at the pace that the central system asks for.
func (s *Station) boot(ctx context.Context, point *ocpp.Point) (*BootNotificationResponse, error) {
	for {
		answer, err := ocpp.Ask(ctx, point, s.Boot)
		pause := defaultInterval
		if err == nil {
			if answer.Status == RegistrationStatusAccepted {
				return answer, nil
			}
			pause = interval(answer)
		}
		if err := wait(ctx, point, pause); err != nil {
			return nil, err
		}
	}
}

// beat sends a heartbeat at every interval until the connection ends. One that fails is not the end: the connection itself
// finds out whether the other side is still there.
func beat(ctx context.Context, point *ocpp.Point, every time.Duration) error {
	for {
		if err := wait(ctx, point, every); err != nil {
			return err
		}
		if _, err := point.Call(ctx, HeartbeatRequest{}); err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// interval is the pause that a boot answer asks for.
func interval(answer *BootNotificationResponse) time.Duration {
	const day = 24 * 60 * 60
	if answer.Interval <= 0 {
		return defaultInterval
	}
	return time.Duration(min(answer.Interval, day)) * time.Second
}

// wait lets time pass; it ends early with an error when the context or the connection ends. point may be nil.
func wait(ctx context.Context, point *ocpp.Point, pause time.Duration) error {
	var lost <-chan struct{}
	if point != nil {
		lost = point.Done()
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-lost:
		return fmt.Errorf("serving the central system: %w", point.Cause())
	}
}
