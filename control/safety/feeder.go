package safety

import "reprise/bess"

// Rule numbers of supplies: 40x quality, 42x power.
const (
	feederPhaseLost bess.RuleID = 401 + iota
	feederNeutralLost
	feederReversed
	feederVoltsHigh
	feederVoltsLow
	feederHertzLow
	feederHertzHigh
	feederNeutralVolts
	feederNeutralVoltsWarn
	feederMainsLost
	feederUnchecked
	feederWelded
	feederStuckOpen
	feederFault
	generatorFailed
	generatorFuel
	inletUnlocked
	feederUnheard
)

// supplied is a signal of a live AC supply; anything else is quiet.
func supplied(read func(x *look, f *feederLook) (float64, bool), quiet float64) func(x *look) (float64, bool) {
	return func(x *look) (float64, bool) {
		f := &x.feeder
		if !f.ac || !f.ready || f.most.ok && !f.energised(x.u) {
			return quiet, true
		}
		return read(x, f)
	}
}

func phaseVolts(ratio float64) func(*bess.Unit, int) float64 {
	return func(u *bess.Unit, _ int) float64 { return float64(ratio * float64(u.Inverter.PhaseVolts)) }
}

// feederSupplyRules: is the supply fit to be connected. A supply that is off,
// such as a grid in an outage or a set at rest, is not faulty; solar and the
// vehicle inlet have no network of their own. The sequence leaves a bad supply
// within 200 ms; these rows keep it away and say why.
func feederSupplyRules() []Rule {
	rows := []Rule{
		{
			ID: feederPhaseLost, Name: "supply-phase-lost", Unit: "V",
			Watches: "its lowest phase while another is live", Bound: "70 % of nominal", limit: phaseVolts(0.7),
			Qualify: 300 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{Back: 20, After: 5 * bess.Second},
			signal: supplied(func(_ *look, f *feederLook) (float64, bool) { return f.least.x, f.least.ok }, quietHigh),
			What:   "A phase of the supply is missing.",
			MayDo:  "Check the supply's fuses and plug.",
			Why:    "Motors burn and neutrals overload on two phases. 300 ms rides through a dip.",
		},
		{
			ID: feederNeutralLost, Name: "supply-neutral-lost",
			Watches: "its neutral is missing",
			Qualify: 200 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, After: 5 * bess.Second},
			Unknown: Lost(10 * bess.Second),
			signal: supplied(func(x *look, f *feederLook) (float64, bool) {
				present, known := told(f.v.Neutral, x.now, fastAge)
				return 1 - present, known
			}, 0),
			What:  "The supply has lost its neutral.",
			MayDo: "Have the supply checked; single-phase equipment may have seen 400 V.",
			Why:   "The fastest way to burn a site's equipment.",
		},
		{
			ID: feederReversed, Name: "supply-rotation-reversed",
			Watches: "its phases rotate the other way",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, After: 5 * bess.Second},
			signal: supplied(func(x *look, f *feederLook) (float64, bool) {
				forward, known := told(f.v.Forward, x.now, fastAge)
				return 1 - forward, known
			}, 0),
			What:  "The supply's phase rotation is reversed.",
			MayDo: "Swap two phases at the plug, then repeat the arrival check.",
			Why:   "Motors would run backwards. Somebody has rewired since the arrival check.",
		},
		{
			ID: feederVoltsHigh, Name: "supply-voltage-high", Unit: "V",
			Watches: "its highest phase", Bound: "114 % of nominal", Above: true, limit: phaseVolts(1.14),
			Qualify: bess.Second, Level: bess.LevelOpen, Clear: Clear{Back: 5, After: 5 * bess.Second},
			signal: supplied(func(_ *look, f *feederLook) (float64, bool) { return f.most.x, f.most.ok }, quietLow),
			What:   "The supply's voltage is too high.",
			MayDo:  "Tell the site's electrician.",
			Why:    "Figure and time of interface protection (ENA EREC G99, over-voltage stage 1).",
		},
		{
			ID: feederVoltsLow, Name: "supply-voltage-low", Unit: "V",
			Watches: "its lowest phase while live", Bound: "80 % of nominal", limit: phaseVolts(0.8),
			Qualify: 2500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{Back: 10, After: 5 * bess.Second},
			signal: supplied(func(_ *look, f *feederLook) (float64, bool) { return f.least.x, f.least.ok }, quietHigh),
			What:   "The supply's voltage is too low.",
			MayDo:  "Draw less, or ask for a stronger supply.",
			Why:    "Figure and time of interface protection (ENA EREC G99, under-voltage).",
		},
		{
			ID: feederHertzLow, Name: "supply-frequency-low", Unit: "Hz",
			Watches: "its frequency while live", Bound: "47 Hz", limit: constant(47),
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{Back: 0.5, After: 5 * bess.Second},
			signal: supplied(readHertz, quietHigh),
			What:   "The supply's frequency is too low.",
			MayDo:  "A generator set is overloaded or ill governed: have it checked.",
			Why:    "Figure and time of interface protection (ENA EREC G99, under-frequency stage 2).",
		},
		{
			ID: feederHertzHigh, Name: "supply-frequency-high", Unit: "Hz",
			Watches: "its frequency while live", Bound: "52 Hz", Above: true, limit: constant(52),
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{Back: 0.5, After: 5 * bess.Second},
			signal: supplied(readHertz, quietLow),
			What:   "The supply's frequency is too high.",
			MayDo:  "A generator set is ill governed: have it checked.",
			Why:    "Figure and time of interface protection (ENA EREC G99, over-frequency).",
		},
		{
			ID: feederNeutralVolts, Name: "supply-neutral-live", Unit: "V",
			Watches: "neutral against earth", Bound: "50 V", Above: true, limit: constant(50),
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{By: ClearedByPage, Back: 25, After: 5 * bess.Second},
			signal: supplied(readNeutralVolts, quietLow),
			What:   "The supply's neutral is live against earth.",
			MayDo:  "Do not touch; have the supply's earthing checked.",
			Why:    "50 V is the usual limit of a touch voltage.",
		},
		{
			ID: feederNeutralVoltsWarn, Name: "supply-neutral-raised", Unit: "V",
			Watches: "neutral against earth", Bound: "10 V", Above: true, limit: constant(10),
			Qualify: bess.Minute, Level: bess.LevelInform, Clear: Clear{Back: 3, After: bess.Minute},
			signal: supplied(readNeutralVolts, quietLow),
			What:   "The supply's neutral is raised against earth.",
			MayDo:  "Have the supply's earthing checked at the next chance.",
			Why:    "A few volts are the drop along a cable; ten are a poor neutral or a shared one.",
		},
	}
	return family(FamilyFeeder, bess.OfFeeder, rows)
}

func readHertz(x *look, f *feederLook) (float64, bool) {
	h := of(f.v.Hertz, x.now, fastAge)
	return h.x, h.ok
}

func readNeutralVolts(x *look, f *feederLook) (float64, bool) {
	v := of(f.v.NeutralToE, x.now, fastAge)
	return max(v.x, -v.x), v.ok
}

// feederStateRules: arrival check and contactors.
func feederStateRules() []Rule {
	return family(FamilyFeeder, bess.OfFeeder, []Rule{
		{
			ID: feederMainsLost, Name: "supply-lost",
			Watches: "a checked grid supply is dead",
			Qualify: bess.Second, Level: bess.LevelInform, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				return is(f.f.Kind == bess.Grid && f.ac && f.record.Person != "" && !x.standing.FeederOff[x.i] &&
					f.most.ok && f.most.x < float64(x.u.Network.DeadBelow))
			},
			Did:   "The unit goes on by itself where it may form a network.",
			What:  "The grid supply is dead.",
			MayDo: "Look at its breaker; else wait.",
			Why:   "A supply that is off is not dangerous, but people want to know.",
		},
		{
			ID: feederUnchecked, Name: "supply-unchecked",
			Watches: "closed without a valid arrival check",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{After: bess.Second},
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				return number(f.ac && f.closed && !f.record.Holds(x.now)), f.closed || f.open
			},
			What:  "The supply is connected but nobody has checked it.",
			MayDo: "Run the arrival check.",
			Why:   "Earthing, poles and rotation are a named person's word; without it nothing is closed.",
		},
		{
			ID: feederUnheard, Name: "supply-unheard",
			Watches: "voltage or frequency of the supply that carries the network is not measured",
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				return is(f.ac && f.live && !(f.most.ok && of(f.v.Hertz, x.now, fastAge).ok))
			},
			What:  "Nobody measures the supply that carries the network.",
			MayDo: "Check the meter's plug and link.",
			Why:   "An unmeasured supply may be in any state; the sequence leaves it sooner, this keeps it away.",
		},
		{
			ID: feederWelded, Name: "supply-contactor-stuck-closed",
			Watches: "ordered open, feedback says closed",
			Qualify: 2 * bess.Second, Level: bess.LevelOpen, Clear: Clear{By: ClearedAtUnit, After: bess.Second},
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				return number(f.closed && !x.ordered.Feeders[x.i].Close), f.closed || f.open
			},
			Did:   "The inverter may not form a network until it is proven open.",
			What:  "The supply's contactor does not open.",
			MayDo: "Switch the supply off at its source; have the contactor replaced.",
			Why:   "Forming a network on a closed supply contactor would feed the grid in an outage.",
		},
		{
			ID: feederStuckOpen, Name: "supply-contactor-stuck-open",
			Watches: "ordered closed, feedback says open",
			Qualify: 2 * bess.Second, Level: bess.LevelInform, Clear: Clear{After: 5 * bess.Second},
			signal: func(x *look) (float64, bool) {
				// An inlet closes when it has agreed with its post, solar by its own inverter.
				return is(x.feeder.ac && x.ordered.Feeders[x.i].Close && x.feeder.v.Contactor.IsNot(x.now, fastAge))
			},
			Did:   "The transfer is given up and tried again later.",
			What:  "The supply's contactor does not close.",
			MayDo: "Have the contactor and its interlock checked.",
			Why:   "An open contactor harms nobody. A solar inverter may refuse by itself when the bus is dead.",
		},
	})
}

// feederDeviceRules: faults that the supply tells, the generator, the inlet.
func feederDeviceRules() []Rule {
	return family(FamilyFeeder, bess.OfFeeder, []Rule{
		{
			ID: feederFault, Name: "supply-fault",
			Watches: "it reports a fault",
			Qualify: 500 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) { return told(x.feeder.v.Fault, x.now, fastAge) },
			What:   "The supply reports a fault.",
			MayDo:  "Read the fault at the supply.",
			Why:    "Ten seconds keep it from pumping.",
		},
		{
			ID: generatorFailed, Name: "generator-failed",
			Watches: "the set did not start, or died, as often as it may be tried",
			Level:   bess.LevelStop,
			signal:  func(x *look) (float64, bool) { return is(x.stages.Generators[x.i] == bess.GeneratorFailed) },
			Did:     "It is not started any more.",
			What:    "The generator failed.",
			MayDo:   "Check fuel, starter battery and emergency stop of the set, then set it back to automatic.",
			Why:     "Endless cranking empties its battery. The sequence's count of tries is the latch.",
		},
		{
			ID: generatorFuel, Name: "generator-fuel-low", Unit: "of tank",
			Watches: "fuel left", Bound: "10 %", limit: constant(0.10),
			Qualify: 10 * bess.Second, Level: bess.LevelInform, Clear: Clear{Back: 0.05, After: 10 * bess.Second},
			signal: func(x *look) (float64, bool) {
				if x.feeder.f.Kind != bess.Generator || x.feeder.f.Set.Tank <= 0 {
					return quietHigh, true
				}
				fuel := of(x.feeder.v.Fuel, x.now, slowAge)
				return fuel.x, fuel.ok
			},
			What:  "The generator's tank is nearly empty.",
			MayDo: "Refuel. A diesel that ran dry must be bled.",
			Why:   "A tenth of a 200 L tank is about an hour at half load of a 100 kW set.",
		},
		{
			ID: inletUnlocked, Name: "inlet-unlocked",
			Watches: "the vehicle inlet is live and its plug is not locked",
			Qualify: 300 * bess.Millisecond, Level: bess.LevelOpen, Clear: Clear{After: 5 * bess.Second},
			Unknown: Lost(2 * bess.Second),
			signal: func(x *look) (float64, bool) {
				f := &x.feeder
				if f.f.Kind != bess.CCS || f.open {
					return 0, true
				}
				locked, known := told(f.v.Locked, x.now, fastAge)
				return 1 - locked, known && f.closed
			},
			What:  "The charging plug of the inlet is not locked.",
			MayDo: "Push the plug home and start the charge again.",
			Why:   "A plug pulled under direct current draws an arc.",
		},
	})
}
