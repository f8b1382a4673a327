package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
	"reprise/device"
	"reprise/scenario"
	"reprise/study"
	"reprise/twin"
	"reprise/twin/serve"
	"reprise/unit"
)

// stage is a twin with its director and the controller in front of it: at speed 1 over the wires, above without.
// The controller may be killed and comes back from what it left on disk.
type stage struct {
	sc       *scenario.Scenario
	world    *twin.World
	director *study.Director
	tables   []*device.PackTable
	house    *house
	front    *front
	log      *slog.Logger
	host     string // address that the stations call: this program's own HTTP server
	ways     []unit.Way

	asks   chan bess.Request
	change chan want

	mu    sync.Mutex
	speed float64
	do    func(context.Context, func(*twin.World)) error // runs between two steps of the world
}

// want is what the bench asks of the stage.
type want struct {
	speed float64       // 0: as it is
	kill  time.Duration // 0: nobody is killed
}

func newStage(sc *scenario.Scenario, types config.PackTypes, h *house, f *front, log *slog.Logger) (*stage, error) {
	tables, err := unit.PackTables(sc.Unit, types)
	if err != nil {
		return nil, err
	}
	start := twin.Start{Clock: sc.Civil(0), Ambient: 15}
	for _, p := range sc.Packs {
		start.SoC = append(start.SoC, p.SoC)
		start.Ambient = p.Temperature
	}
	s := &stage{
		sc: sc, tables: tables, house: h, front: f, log: log, world: twin.New(sc.Unit, sc.Seed, start),
		asks: make(chan bess.Request, 256), change: make(chan want, 8), speed: 1,
	}
	s.director, err = study.NewDirector(sc, study.Stage{World: s.world, Ask: s.ask, Process: s.process})
	return s, err
}

// ask leaves a request of the story; it is laid on the desk as soon as a controller runs.
func (s *stage) ask(r bess.Request) {
	select {
	case s.asks <- r:
	default:
		s.log.Warn("a request of the story was lost: too many are waiting", "verb", r.Verb.String())
	}
}

// process is the story's "kill controller"; "restart controller" brings it back after the same half minute as the
// bench, since nothing else would.
func (s *stage) process(name string, up bool) {
	if name == "controller" && !up {
		s.wish(want{kill: 30 * time.Second})
	}
}

func (s *stage) wish(w want) {
	select {
	case s.change <- w:
	default:
	}
}

// elapsed is how much of the scenario has passed on the twin's own clock.
func (s *stage) elapsed() bess.Span { return bess.Span(s.world.Civil().UnixMilli - s.sc.Start) }

// Speed is the twin's speed now.
func (s *stage) Speed() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.speed
}

// With runs do between two steps of the world.
func (s *stage) With(ctx context.Context, do func(*twin.World)) error {
	s.mu.Lock()
	run := s.do
	s.mu.Unlock()
	if run == nil {
		return errors.New("the twin is being switched over: try again in a second")
	}
	return run(ctx, do)
}

func (s *stage) owner(run func(context.Context, func(*twin.World)) error) {
	s.mu.Lock()
	s.do = run
	s.mu.Unlock()
}

// run plays until ctx ends, switching between wires and the fast loop as asked.
func (s *stage) run(ctx context.Context) error {
	s.director.Begin()
	go s.tell(ctx)
	for ctx.Err() == nil {
		var err error
		if s.Speed() == 1 {
			err = s.overWires(ctx)
		} else {
			err = s.fast(ctx)
		}
		s.owner(nil)
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// tell lays the story's requests on the desk, in order.
func (s *stage) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.asks:
			for ctx.Err() == nil {
				once, cancel := context.WithTimeout(ctx, 5*time.Second)
				q := r
				if p := s.front.Latest(); p != nil && q.Expires == 0 {
					q.Expires = p.Now.Add(bess.Minute)
				}
				_, err := s.front.lay(once, q)
				cancel()
				if err == nil {
					break
				}
				pause(ctx, 200*time.Millisecond)
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// overWires runs the twin behind the real protocols until the speed changes.
func (s *stage) overWires(ctx context.Context) error {
	leg, cancel := context.WithCancel(ctx)
	defer cancel()
	server, err := serve.New(s.world, s.sc.Unit, serve.Options{Packs: s.tables, Central: "ws://" + s.host + "/ocpp", Guarded: true})
	if err != nil {
		return err
	}
	at, wait, err := server.Listen(leg, "127.0.0.1")
	if err != nil {
		return err
	}
	defer wait()
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- server.Run(leg) }()
	defer func() { cancel(); _ = <-served }()
	s.owner(server.Do)
	go s.play(leg, server.Do)
	guarded := aside(func() error { s.guarded(leg, at); return nil })
	defer func() { cancel(); _ = <-guarded }()
	for {
		next, err := s.control(leg, func() (unit.Config, error) { return s.wired(at) })
		if err != nil || leg.Err() != nil {
			return err
		}
		if next.speed != 0 && next.speed != 1 {
			s.setSpeed(next.speed)
			return nil
		}
		pause(leg, next.kill)
	}
}

// play lets the director move the world's surroundings and story, ten times a second.
func (s *stage) play(ctx context.Context, do func(context.Context, func(*twin.World)) error) {
	ticker := time.NewTicker(serve.Tick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := do(ctx, func(*twin.World) { s.director.Play(s.elapsed()) }); err != nil {
				return
			}
		}
	}
}

// wired is a machine whose ports are real drivers on real sockets.
func (s *stage) wired(at serve.Addresses) (unit.Config, error) {
	c := unit.Config{Unit: s.sc.Unit, Twin: true, Wall: s.wall(), Ways: s.ways}
	if err := s.durable(&c); err != nil {
		return c, err
	}
	clock := func() bess.Instant {
		if m := s.front.machine.Load(); m != nil {
			return m.Now()
		}
		return 0
	}
	ports, err := serve.Ports(s.sc.Unit, s.tables, at.Wires(), clock)
	if err != nil {
		return c, err
	}
	for _, p := range ports {
		c.Ports = append(c.Ports, p)
	}
	stations, err := device.NewStations(device.StationsOptions{Clock: clock, Unit: s.sc.Unit, FreeVend: true})
	if err != nil {
		return c, err
	}
	surroundings := device.NewSurroundings(clock, len(s.sc.Unit.Feeders))
	c.Ports = append(c.Ports, stations, surroundings, &told{stage: s, to: surroundings})
	var handler http.Handler = stations
	s.front.stations.Store(&handler)
	return c, nil
}

// wall is the scenario's wall clock, which runs on from where the twin stands.
func (s *stage) wall() func() bess.Civil {
	from, begun := s.elapsed(), time.Now()
	return func() bess.Civil { return s.sc.Civil(from + bess.Span(time.Since(begun).Milliseconds())) }
}

func (s *stage) durable(c *unit.Config) error {
	if s.house.journal == nil {
		if err := s.house.openJournal(s.sc.Unit, s.sc.Seed, s.sc.Civil(s.elapsed())); err != nil {
			return err
		}
	}
	err := s.house.configure(c, s.log)
	s.house.journal = nil // the machine closes it
	return err
}

// control runs one machine until the stage is asked for something else, and says what.
func (s *stage) control(ctx context.Context, configure func() (unit.Config, error)) (want, error) {
	leg, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := configure()
	if err != nil {
		return want{}, err
	}
	m, err := unit.New(c)
	if err != nil {
		return want{}, err
	}
	s.front.machine.Store(m)
	defer s.front.machine.Store(nil)
	ended := aside(func() error { return m.Run(leg) })
	select {
	case w := <-s.change:
		cancel()
		return w, <-ended
	case err := <-ended:
		return want{}, err
	case <-ctx.Done():
		return want{}, <-ended
	}
}

// aside runs f aside and gives its end.
func aside(f func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	return ended
}

func (s *stage) setSpeed(speed float64) {
	s.mu.Lock()
	s.speed = speed
	s.mu.Unlock()
}

// fast runs the twin at function level, without wires, until the speed is 1 again.
func (s *stage) fast(ctx context.Context) error {
	leg, cancel := context.WithCancel(ctx)
	defer cancel()
	fast := &fastPlant{stage: s}
	s.world.WireGuard(false) // there is no wire for a guard: its half is taken for given
	s.owner(fast.with)
	for {
		fast.ahead(s.front)
		next, err := s.control(leg, func() (unit.Config, error) {
			c := unit.Config{Unit: s.sc.Unit, Twin: true, Plant: fast, Speed: s.Speed(), Wall: func() bess.Civil { return s.world.Civil() }, Ways: s.ways}
			return c, s.durable(&c)
		})
		if err != nil || leg.Err() != nil {
			return err
		}
		if next.speed != 0 {
			s.setSpeed(next.speed)
		}
		if next.speed == 1 {
			return nil
		}
		fast.alone(leg, next.kill, s.Speed())
	}
}

// fastPlant is the world as the fast loop drives it.
type fastPlant struct {
	stage *stage
	mu    sync.Mutex
}

// Step moves the world on under the orders.
func (p *fastPlant) Step(orders *bess.Commands, dt si.Seconds) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage.director.Play(p.stage.elapsed())
	p.stage.world.Step(orders, dt)
}

// Sense reads the world.
func (p *fastPlant) Sense(snap *bess.Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage.world.Sense(snap)
}

func (p *fastPlant) with(_ context.Context, do func(*twin.World)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	do(p.stage.world)
	return nil
}

// ahead brings the world's clock up to the controller's, which ran on its own over the wires.
func (p *fastPlant) ahead(f *front) {
	if last := f.last.Load(); last != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.stage.world.Forward(last.Now)
	}
}

// alone lets the world run without anybody at the controls.
func (p *fastPlant) alone(ctx context.Context, d time.Duration, speed float64) {
	const tick = 100 * time.Millisecond
	for t := time.Duration(0); t < d && ctx.Err() == nil; t += tick {
		p.Step(nil, si.Seconds(tick.Seconds()))
		pause(ctx, time.Duration(float64(tick)/speed))
	}
}

// told passes the carbon intensity and price of the scenario's supplies on, as a feed from outside would.
type told struct {
	stage *stage
	to    *device.Surroundings
}

// Run tells every few seconds until ctx ends.
func (t *told) Run(ctx context.Context) error {
	ticker := time.NewTicker(2 * time.Second)
	defer ticker.Stop()
	for {
		_ = t.stage.With(ctx, func(*twin.World) { // an error only says that the stage ends
			for i, x := range t.stage.director.Supplies() {
				if x.Priced {
					t.to.Tell(bess.FeederID(i), x.Intensity, x.Price)
				}
			}
		})
		select {
		case <-ctx.Done():
			return fmt.Errorf("telling prices: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// Sense has nothing of its own.
func (*told) Sense(*bess.Snapshot, bess.Instant) {}

// Obey takes no orders.
func (*told) Obey(*bess.Commands, bess.Instant) {}
