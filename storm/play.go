package storm

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"reprise/bess"
	"reprise/scenario"
	"reprise/study"
	"reprise/twin"
)

// Violation is one promise that did not hold.
type Violation struct {
	Checker string    `json:"checker"`
	At      bess.Span `json:"at_ms"` // since the start
	What    string    `json:"what"`
}

// Outcome is what became of a storm.
type Outcome struct {
	Violations []Violation // the first of each checker
	Cover      Coverage
	Faults     int    // that befell the unit
	Mended     []Line // what the caretaker did
	Played     bess.Span
}

// Options says how a story is played.
type Options struct {
	Names     []string // per line of the story: which chaos begins with it; empty: none
	Caretaker bool     // a person mends and restarts
	Until     string   // stop at the first violation of this checker; empty: play to the end
	Only      []string // checkers that look on; empty: all
}

// PlayPlan plays a plan as its text reads.
func PlayPlan(ctx context.Context, p *Plan, o Options) (*Outcome, error) {
	sc, err := p.Scenario()
	if err != nil {
		return nil, err
	}
	o.Names = nil
	for _, l := range p.Lines {
		o.Names = append(o.Names, l.Chaos)
	}
	return Play(ctx, sc, o)
}

// stage is a story being played with checkers looking on.
type stage struct {
	sc       *scenario.Scenario
	o        Options
	loop     *study.Loop
	director *study.Director
	scene    Scene
	troubles Troubles
	checkers []Checker
	said     []bool
	out      *Outcome
	next     int
	inserted int // lines that the caretaker put in at this moment
	down     bool
	up       bess.Span // since when the controller runs
	care     *caretaker
	before   bess.Commands
}

// Play plays a scenario with the checkers looking on.
func Play(ctx context.Context, sc *scenario.Scenario, o Options) (out *Outcome, err error) {
	g, err := newStage(sc, o)
	if err != nil {
		return nil, err
	}
	now := bess.Span(0)
	defer func() {
		if trouble := recover(); trouble != nil {
			g.out.Violations = append(g.out.Violations, Violation{"crash", now, fmt.Sprintf("%v\n%s", trouble, firstFrames(string(debug.Stack())))})
			out, err = g.out, nil
		}
	}()
	const step = bess.Span(100)
	for ; now < sc.For; now += step {
		if now%bess.Minute == 0 && ctx.Err() != nil {
			return g.out, ctx.Err()
		}
		g.tick(now)
		if g.done() {
			break
		}
	}
	g.out.Played = now
	return g.out, nil
}

// firstFrames keeps the frames of our own code.
func firstFrames(stack string) string {
	var kept []string
	for line := range strings.SplitSeq(stack, "\n") {
		if strings.HasPrefix(line, "reprise/") && !strings.HasPrefix(line, "reprise/storm") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[:min(len(kept), 5)], "\n")
}

func newStage(sc *scenario.Scenario, o Options) (*stage, error) {
	start := twin.Start{Clock: sc.Civil(0)}
	healthy := false
	for _, p := range sc.Packs {
		start.SoC = append(start.SoC, p.SoC)
		start.SoH = append(start.SoH, p.Health)
		start.Ambient = p.Temperature
		healthy = healthy || p.Health > 0
	}
	if !healthy {
		start.SoH = nil
	}
	loop := study.NewLoop(sc.Unit, twin.New(sc.Unit, sc.Seed, start))
	g := &stage{sc: sc, o: o, loop: loop, out: &Outcome{}, before: bess.NewCommands(sc.Unit)}
	director, err := study.NewDirector(sc, study.Stage{
		World: loop.World, Ask: func(r bess.Request) { loop.Ask(r) }, Process: g.process,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", sc.Name, err)
	}
	g.director = director
	for _, k := range Checkers(sc.Unit) {
		if len(o.Only) == 0 || slices.Contains(o.Only, k.Name()) {
			g.checkers = append(g.checkers, k)
		}
	}
	g.said = make([]bool, len(g.checkers))
	g.scene = Scene{
		Unit: sc.Unit, Inside: loop.World.NewInside(), Troubles: &g.troubles, Orders: &loop.Out.Commands, Before: &g.before, Snap: &loop.In.Snapshot,
	}
	if o.Caretaker {
		g.care = newCaretaker(g)
	}
	director.Begin()
	return g, nil
}

func (g *stage) process(name string, up bool) {
	if name == "controller" {
		g.down = !up
	}
}

// tick plays one tick and lets everybody look.
func (g *stage) tick(now bess.Span) {
	g.troubles.now = now
	if g.care != nil {
		g.care.look(now)
	}
	g.story(now)
	was := g.down
	g.director.Play(now)
	g.before.CopyFrom(&g.loop.Out.Commands)
	if g.down {
		g.loop.Idle()
	} else {
		g.loop.Tick()
	}
	if g.down || was {
		g.up = now
	}
	g.look(now)
}

// story notes the lines that are due and counts what they cover.
func (g *stage) story(now bess.Span) {
	g.scene.Asked = g.scene.Asked[:0]
	for ; g.next < len(g.sc.Story) && g.sc.Story[g.next].At <= now; g.next++ {
		line := &g.sc.Story[g.next]
		g.troubles.note(line, now)
		if ask, ok := line.Statement.(scenario.Ask); ok {
			g.scene.Asked = append(g.scene.Asked, ask)
		}
		if g.next < len(g.o.Names) && g.o.Names[g.next] != "" {
			g.out.Faults++
			g.out.Cover.add(g.o.Names[g.next], g.loop.State().Stages.Network)
		}
	}
}

// look shows the tick to the checkers.
func (g *stage) look(now bess.Span) {
	l, s := g.loop, &g.scene
	state := l.State()
	s.Now, s.At, s.Truth, s.Alive, s.Run = now, l.World.Now(), l.World.Truth(), !g.down, now-g.up
	s.Stages, s.Visits, s.Last = &state.Stages, state.Session.Visits, now+100 >= g.sc.For
	s.Cap = state.Standing.ImportCap.Power
	s.Events, s.Entries = l.Out.Events, l.Out.Entries
	if g.down {
		s.Events, s.Entries = nil, nil
	}
	l.World.Look(s.Inside)
	for i, k := range g.checkers {
		if what := k.Look(s); what != "" && !g.said[i] {
			g.said[i] = true
			g.out.Violations = append(g.out.Violations, Violation{k.Name(), now, what})
		}
	}
}

// done reports whether the checker that is waited for has spoken.
func (g *stage) done() bool {
	return g.o.Until != "" && slices.ContainsFunc(g.out.Violations, func(v Violation) bool { return v.Checker == g.o.Until })
}

// insert puts a line into the story at this moment.
func (g *stage) insert(l Line) {
	lines, faults := scenario.Story(fmt.Sprintf("%s  %s", g.moment(l.At), l), g.sc.Story[0].Place, g.sc)
	if faults != nil || len(lines) != 1 {
		panic(fmt.Sprintf("the caretaker cannot say %q: %v", l, faults))
	}
	g.sc.Story = slices.Insert(g.sc.Story, g.next+g.inserted, lines[0])
	if g.next < len(g.o.Names) {
		g.o.Names = slices.Insert(g.o.Names, g.next+g.inserted, "")
	}
	g.inserted++
	g.out.Mended = append(g.out.Mended, l)
}

// moment is a time of the story as text.
func (g *stage) moment(at bess.Span) string {
	minute := int64(g.sc.Civil(at).ZoneOffset)*1000 + g.sc.Start + int64(at)
	return seconds(bess.Span(minute) % bess.Day)
}
