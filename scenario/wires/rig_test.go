package wires

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"reprise/bess"
	"reprise/config"
	"reprise/device"
	"reprise/scenario"
	"reprise/store"
	"reprise/study"
	"reprise/twin"
	"reprise/twin/serve"
	"reprise/unit"
	"reprise/wire/can"
	"reprise/wire/ocpp"
)

// act is something that no story can say: it is done to a wire.
type act struct {
	at bess.Span
	do func(*rig)
}

// rig is a unit and its twin with every wire between them.
type rig struct {
	t        *testing.T
	sc       *scenario.Scenario
	tables   []*device.PackTable
	world    *twin.World
	server   *serve.Server
	director *study.Director
	network  *ocpp.Memory
	stations atomic.Pointer[device.Stations]
	machine  atomic.Pointer[unit.Machine]
	packs    []cable
	keeper   keeper
	asks     chan bess.Request
	power    chan bool // of the controller

	last   atomic.Pointer[bess.Picture] // newest that any controller showed
	sensed bess.Snapshot                // the world's own report, for the judge
	judge  judge
}

// cable is the wire of one channel; a cut one neither carries frames nor can be dialled.
type cable struct {
	mu  sync.Mutex
	cut bool
	bus can.Bus
}

func (c *cable) dial(of device.DialCAN) device.DialCAN {
	return func(ctx context.Context) (can.Bus, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.cut {
			return nil, can.ErrClosed
		}
		bus, err := of(ctx)
		c.bus = bus
		return bus, err
	}
}

func (c *cable) sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	if c.bus != nil {
		_ = c.bus.Close()
	}
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}

// verbose shows what the unit tells, for whoever writes a story.
func verbose() bool { return os.Getenv("WIRES_VERBOSE") != "" }

// keeper is a store in memory whose disk answers at once; a killed controller writes nothing more.
type keeper struct {
	mu     sync.Mutex
	dead   bool
	mark   uint64
	state  []byte
	number uint64
	head   [32]byte
}

func (k *keeper) Offer(b store.Batch) {
	if verbose() {
		for _, e := range b.Events {
			fmt.Println(e.At, e.Where, e.What, e.Level)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return
	}
	k.mark = max(k.mark, b.Mark)
	if b.State != nil {
		k.state = b.State
	}
	if b.Done != nil {
		b.Done()
	}
	for i := range b.Entries {
		k.number, k.head = b.Entries[i].Number, b.Entries[i].Hash
	}
}

func (k *keeper) DurableUpTo() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mark
}

func (*keeper) Trouble() string { return "" }

func (k *keeper) power(on bool) unit.Restart {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dead = !on
	return unit.Restart{Known: true, Checkpoint: k.state, Number: k.number, Head: k.head}
}

// play plays a scenario over the wires in a bubble of virtual time.
func play(t *testing.T, sc *scenario.Scenario, acts ...act) {
	t.Helper()
	types, err := config.BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := unit.PackTables(sc.Unit, types)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		r := &rig{
			t: t, sc: sc, tables: tables, network: ocpp.NewMemory("127.0.0.1"), packs: make([]cable, len(sc.Unit.Packs)),
			asks: make(chan bess.Request, 64), power: make(chan bool, 1), sensed: bess.NewSnapshot(sc.Unit), judge: judge{sc: sc},
		}
		r.run(acts)
	})
}

func (r *rig) run(acts []act) {
	t := r.t
	start := twin.Start{Clock: r.sc.Civil(0)}
	for _, p := range r.sc.Packs {
		start.SoC = append(start.SoC, p.SoC)
		start.Ambient = p.Temperature
	}
	r.world = twin.New(r.sc.Unit, r.sc.Seed, start)
	var err error
	r.director, err = study.NewDirector(r.sc, study.Stage{World: r.world, Ask: func(q bess.Request) { r.asks <- q }, Process: r.process})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ocpp/{station}", func(w http.ResponseWriter, q *http.Request) {
		if s := r.stations.Load(); s != nil {
			s.ServeHTTP(w, q)
			return
		}
		http.Error(w, "no central system is running", http.StatusServiceUnavailable)
	})
	closeNetwork := r.network.Serve(mux)
	defer closeNetwork()
	r.server, err = serve.New(r.world, r.sc.Unit, serve.Options{Packs: r.tables, Central: "ws://central/ocpp", Client: r.network.Client(), PowerLoss: everyHabit(len(r.sc.Unit.Outlets))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	r.director.Begin()
	all.Go(func() { _ = r.server.Run(ctx) })
	all.Go(func() { r.controllers(ctx) })
	all.Go(func() { r.tell(ctx) })
	for now := bess.Span(0); now < r.sc.For; now += 100 {
		for len(acts) > 0 && acts[0].at <= now {
			acts[0].do(r)
			acts = acts[1:]
		}
		r.look(ctx, now)
		time.Sleep(serve.Tick) // real clock: never, it runs in a bubble
	}
	r.judge.finish(t)
}

// look plays what is due and judges what is there.
func (r *rig) look(ctx context.Context, now bess.Span) {
	if m := r.machine.Load(); m != nil {
		if p := m.Latest(); p != nil {
			r.last.Store(p)
		}
	}
	err := r.server.Do(ctx, func(w *twin.World) {
		r.director.Play(now)
		w.Sense(&r.sensed)
		if p := r.last.Load(); p != nil {
			r.judge.look(r.t, scene{picture: p, truth: w.Truth(), sensed: &r.sensed}, now)
		}
	})
	if err != nil {
		r.t.Error(err)
	}
}

// process is the story's word about the controller.
func (r *rig) process(name string, up bool) {
	if name == "controller" {
		if !up {
			r.keeper.power(false) // as SIGKILL: nothing is written after this moment
		}
		r.power <- up
	}
}

// controllers runs one controller after the other, each from what the one before left.
func (r *rig) controllers(ctx context.Context) {
	for ctx.Err() == nil {
		life, end := context.WithCancel(ctx)
		over := make(chan struct{})
		go func() {
			defer close(over)
			r.live(life)
		}()
		select {
		case <-ctx.Done():
		case <-r.power:
		}
		end()
		<-over
		select {
		case <-ctx.Done():
		case <-r.power:
		}
	}
}

// live is one life of the controller.
func (r *rig) live(ctx context.Context) {
	clock := func() bess.Instant { return r.machine.Load().Now() }
	begun := time.Now()
	from := bess.Span(begun.UnixMilli() - bubbleStart)
	c := unit.Config{
		Unit: r.sc.Unit, Twin: true, Keeper: &r.keeper, Restart: r.keeper.power(true),
		Wall: func() bess.Civil { return r.sc.Civil(from + bess.Span(time.Since(begun).Milliseconds())) },
	}
	if p := r.last.Load(); p != nil {
		c.Restart.Alive = unit.Alive{Now: p.Now, Civil: p.UnixMilli}
	}
	wires := r.server.Memory(ctx)
	for i := range wires.Packs {
		wires.Packs[i] = r.packs[i].dial(wires.Packs[i])
	}
	ports, err := serve.Ports(r.sc.Unit, r.tables, wires, clock)
	if err != nil {
		r.t.Error(err)
		return
	}
	for _, p := range ports {
		c.Ports = append(c.Ports, p)
	}
	stations, err := device.NewStations(device.StationsOptions{Clock: clock, Unit: r.sc.Unit, FreeVend: true})
	if err != nil {
		r.t.Error(err)
		return
	}
	c.Ports = append(c.Ports, stations)
	m, err := unit.New(c)
	if err != nil {
		r.t.Error(err)
		return
	}
	r.machine.Store(m)
	r.stations.Store(stations)
	defer r.machine.Store(nil)
	defer r.stations.Store(nil)
	if err := m.Run(ctx); err != nil {
		r.t.Error(err)
	}
}

// bubbleStart is the wall clock at the start of every bubble, ms.
const bubbleStart = 946684800000

// tell lays the story's requests on the desk of whichever controller runs.
func (r *rig) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-r.asks:
			for ctx.Err() == nil {
				if m := r.machine.Load(); m != nil && m.Latest() != nil {
					if q.Expires == 0 {
						q.Expires = m.Now().Add(bess.Minute)
					}
					if _, err := m.Ask(ctx, q); err == nil {
						break
					}
				}
				time.Sleep(200 * time.Millisecond) // real clock: never, it runs in a bubble
			}
		}
	}
}
