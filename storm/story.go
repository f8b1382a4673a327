package storm

import (
	"fmt"

	"reprise/bess"
)

// quietEnd is the calm at the end of every story, in which people mend what
// is left and service has to come back.
const quietEnd = 20 * bess.Minute

// drawStory writes a story: slot after slot the network is brought to a state,
// then something goes wrong in it, and ends. Each seed knows only a part of
// the catalogue, so that rare faults meet each other undisturbed by common
// ones.
func (p *Plan) drawStory(c chance) {
	var known []Chaos
	share := c.between(0.1, 0.7, 0.05)
	for _, k := range Catalogue() {
		if c.odds(share) && len(p.targets(&k)) > 0 {
			known = append(known, k)
		}
	}
	p.drawVisits(newChance(p.Seed, 4))
	d := &drawing{Plan: p, chance: c, known: known}
	for at := 4 * bess.Minute; at < p.For-quietEnd-6*bess.Minute && len(known) > 0; {
		at = d.slot(at)
	}
	d.calm(p.For - quietEnd)
	p.sort()
}

// drawing is a story being drawn.
type drawing struct {
	*Plan
	chance
	known []Chaos
	group int
	off   bool // supplies were failed to steer the network
	set   bool // the generator was asked to run
	dead  bool // the unit was asked to stop
}

func (d *drawing) say(at bess.Span, group int, text string) {
	d.Lines = append(d.Lines, Line{At: at, Text: text, Group: group})
}

func (d *drawing) on(at bess.Span, group int, part bess.SubjectKind, index int, text string) {
	d.Lines = append(d.Lines, Line{At: at, Part: part, Index: index, Text: text, Group: group})
}

// feeders are the indices of supplies of a kind.
func (p *Plan) feeders(kind bess.FeederKind) []int {
	var list []int
	for i := range p.Machine.Feeders {
		if p.Machine.Feeders[i].Kind == kind {
			list = append(list, i)
		}
	}
	return list
}

// supplies fails or restores all grid supplies.
func (d *drawing) supplies(at bess.Span, live bool) {
	verb := "restore feeder %d"
	if !live {
		verb = "fail feeder %d"
	}
	d.group++
	for _, i := range d.feeders(bess.Grid) {
		d.on(at, d.group, bess.OfFeeder, i, verb)
	}
	d.off = !live
}

// slot is one state of the network with what goes wrong in it; it returns when
// the next one may begin.
func (d *drawing) slot(at bess.Span) bess.Span {
	wait := d.steer(at, bess.NetworkState(d.whole(int(bess.NetworkDead), int(bess.NetworkTransferring))))
	at += wait
	end := at
	count := 1
	if d.odds(0.35) {
		count = d.whole(2, 3)
	}
	for i := range count {
		begin := at
		if i > 0 {
			begin += d.span(0, 40*bess.Second)
		}
		end = max(end, d.strike(begin))
	}
	return end + d.span(bess.Minute, 3*bess.Minute)
}

// steer brings the network to a state, as far as this unit can, and says after
// what time the state should stand.
func (d *drawing) steer(at bess.Span, want bess.NetworkState) bess.Span {
	sets := d.feeders(bess.Generator)
	if d.dead {
		d.dead = false
		d.group++
		d.say(at, d.group, "ask start")
		at += 2 * bess.Second
	}
	if d.set && want != bess.NetworkGenerator && want != bess.NetworkTransferring {
		d.set = false
		d.group++
		d.on(at, d.group, bess.OfFeeder, sets[0], "ask generator-auto %d")
	}
	switch want {
	case bess.NetworkGrid:
		if d.off {
			d.supplies(at, true)
		}
		return 110 * bess.Second
	case bess.NetworkIsland:
		if !d.off {
			d.supplies(at, false)
		}
		return 50 * bess.Second
	case bess.NetworkGenerator:
		if len(sets) == 0 {
			return 30 * bess.Second
		}
		if !d.off {
			d.supplies(at, false)
		}
		if !d.set {
			d.group++
			d.on(at, d.group, bess.OfFeeder, sets[0], "ask generator-run %d")
			d.set = true
		}
		return 60 * bess.Second
	case bess.NetworkTransferring:
		if d.off {
			d.supplies(at, true)
			at += 90 * bess.Second
			d.supplies(at, false)
			return 90*bess.Second + d.span(bess.Second, 6*bess.Second)
		}
		d.supplies(at, false)
		return d.span(bess.Second, 6*bess.Second)
	default:
		d.dead = true
		d.group++
		d.say(at, d.group, "ask stop")
		return 25 * bess.Second
	}
}

// strike lets one thing go wrong and end.
func (d *drawing) strike(at bess.Span) bess.Span {
	k := d.known[d.IntN(len(d.known))]
	targets := d.targets(&k)
	i := targets[d.IntN(len(targets))]
	d.group++
	for n, text := range k.Begin(d.chance) {
		when := at
		if n > 0 && len(k.End) == 0 {
			when += bess.Span(n) * bess.Second
		} else if n > 0 {
			when += d.span(0, 20*bess.Second)
		}
		d.on(when, d.group, k.On, i, text)
		if n == 0 {
			d.Lines[len(d.Lines)-1].Chaos = k.Name
		}
	}
	end := at + d.span(k.Lasts[0], k.Lasts[1])
	end = min(max(end, at+bess.Second), d.For-quietEnd)
	for n, text := range k.End {
		when := end
		if n > 0 {
			when += bess.Span(n)*bess.Second + 20*bess.Second
		}
		d.on(when, d.group, k.On, i, text)
	}
	return end
}

// targets are the parts that it can befall; a single 0 for the unit itself.
func (p *Plan) targets(k *Chaos) []int {
	count := 1
	switch k.On {
	case bess.OfPack:
		count = len(p.Machine.Packs)
	case bess.OfConverter:
		count = len(p.Machine.Packs)
		if p.Machine.Switched {
			count = 0
		}
	case bess.OfCircuit:
		count = len(p.Machine.Circuits)
	case bess.OfOutlet:
		count = len(p.Machine.Outlets)
	case bess.OfFeeder:
		var list []int
		for i := range p.Machine.Feeders {
			if k.Feeder(p.Machine.Feeders[i].Kind) {
				list = append(list, i)
			}
		}
		return list
	default: // the unit
	}
	list := make([]int, count)
	for i := range list {
		list[i] = i
	}
	return list
}

// calm ends everything: supplies back, service wanted.
func (d *drawing) calm(at bess.Span) {
	d.supplies(at, true)
	d.group++
	for _, i := range d.feeders(bess.Generator) {
		d.on(at, d.group, bess.OfFeeder, i, "ask generator-auto %d")
	}
	d.say(at+5*bess.Second, d.group, "ask start")
}

// drawVisits lets vehicles come and go.
func (p *Plan) drawVisits(c chance) {
	group := 10000
	for i := range p.Machine.Outlets {
		for at := c.span(0, 40*bess.Minute); at < p.For-10*bess.Minute; {
			group++
			kind := "phev"
			if p.Machine.Outlets[i].Rapid {
				kind = "car"
			}
			stay := c.span(10*bess.Minute, 100*bess.Minute)
			text := fmt.Sprintf("plug outlet %%d %s soc %s %%", kind, number(c.between(5, 80, 1)))
			if c.odds(0.7) {
				text += fmt.Sprintf(" need %s kWh", number(c.between(1, 18, 0.5)))
				if by := p.Begin + at + c.span(10*bess.Minute, 80*bess.Minute); c.odds(0.8) && by < bess.Day && by < p.Begin+p.For {
					text += " by " + clock(by)
				}
			}
			p.Lines = append(p.Lines, Line{At: at, Part: bess.OfOutlet, Index: i, Text: text, Group: group})
			at += stay
			if at < p.For {
				p.Lines = append(p.Lines, Line{At: at, Part: bess.OfOutlet, Index: i, Text: "unplug outlet %d", Group: group})
			}
			at += c.span(2*bess.Minute, 60*bess.Minute)
		}
	}
	for _, i := range p.feeders(bess.CCS) {
		if c.odds(0.6) {
			group++
			at := c.span(0, p.For/2)
			p.Lines = append(p.Lines,
				Line{At: at, Part: bess.OfFeeder, Index: i, Text: "plug inlet %d 50 kW 500 V", Group: group},
				Line{At: at + c.span(5*bess.Minute, 40*bess.Minute), Part: bess.OfFeeder, Index: i, Text: "unplug inlet %d", Group: group})
		}
	}
}
