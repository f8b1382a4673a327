package safety

import (
	"reprise/bess"
	"reprise/bess/si"
)

// rowCase makes the signal of one row have a value. For yes-or-no rows the
// value is 0 or 1.
type rowCase struct {
	id      bess.RuleID
	subject int
	prep    func(b *bench)
	set     func(b *bench, x float64)
}

func yesNo(b *bench, x float64) bess.Flag { return bess.FlagOf(x > 0.5, b.snap.Now) }
func noYes(b *bench, x float64) bess.Flag { return bess.FlagOf(x < 0.5, b.snap.Now) }

func reading[T si.Number](b *bench, x float64) bess.Reading[T] { return bess.Of(T(x), b.snap.Now) }

func stage(s bess.PackStage) func(b *bench) { return func(b *bench) { b.stages.Packs[2] = s } }

func island(b *bench) {
	b.stages.Network, b.stages.Live = bess.NetworkIsland, bess.Nobody
	b.ordered.Feeders[gridFeeder].Close = false
	b.ordered.Inverter.Mode = bess.InverterForm
}

// packCases are on pack 2.
func packCases() []rowCase {
	pack := func(b *bench) *bess.PackView { return &b.snap.Packs[2] }
	quietIf := func(b *bench, x float64) {
		if x > 0.5 {
			pack(b).CellHigh = bess.Reading[si.Volts]{}
		}
	}
	doubt := func(d bess.Doubt) func(b *bench, x float64) {
		return func(b *bench, x float64) {
			b.est.Packs[2].Doubt = bess.DoubtNone
			if x > 0.5 {
				b.est.Packs[2].Doubt = d
			}
		}
	}
	who := func(bad bess.Identity) func(b *bench, x float64) {
		return func(b *bench, x float64) {
			if x > 0.5 {
				pack(b).Identity = bad
			}
		}
	}
	at := func(bad bess.PackStage) func(b *bench, x float64) {
		return func(b *bench, x float64) {
			b.stages.Packs[2] = bess.PackJoined
			if x > 0.5 {
				b.stages.Packs[2] = bad
			}
		}
	}
	high := func(b *bench, x float64) { pack(b).CellHigh = reading[si.Volts](b, x) }
	low := func(b *bench, x float64) { pack(b).CellLow = reading[si.Volts](b, x) }
	spread := func(b *bench, x float64) { pack(b).CellLow = reading[si.Volts](b, 3.71-x) }
	hot := func(b *bench, x float64) { pack(b).Hot = reading[si.Celsius](b, x) }
	cold := func(b *bench, x float64) { pack(b).Cold = reading[si.Celsius](b, x) }
	return []rowCase{
		{packUnheard, 2, stage(bess.PackWaking), quietIf},
		{packSilentStop, 2, nil, quietIf},
		{packSilentOpen, 2, nil, quietIf},
		{packFrozen, 2, nil, doubt(bess.DoubtFrozen)},
		{packImplausible, 2, nil, func(b *bench, x float64) { pack(b).Volts = reading[si.Volts](b, 96*(3.71+x)) }},
		{packVoltsDisagree, 2, nil, func(b *bench, x float64) { b.snap.Converters[2].PackVolts = reading[si.Volts](b, 355+x) }},
		{packAmpsDisagree, 2, nil, func(b *bench, x float64) { b.snap.Converters[2].PackAmps = reading[si.Amps](b, 14-x) }},
		{packDrifted, 2, nil, doubt(bess.DoubtDrifted)},
		{packWrong, 2, stage(bess.PackOpen), who(bess.WrongPack)},
		{packUnconfirmed, 2, nil, who(bess.FamilyKnown)},
		{packUnidentified, 2, stage(bess.PackOpen), who(bess.FamilyKnown)},
		{packOpenNow, 2, nil, func(b *bench, x float64) { pack(b).OpenNow = yesNo(b, x) }},
		{packOpenSoonStop, 2, nil, func(b *bench, x float64) { pack(b).OpenSoon = yesNo(b, x) }},
		{packOpenSoonOpen, 2, nil, func(b *bench, x float64) { pack(b).OpenSoon = yesNo(b, x) }},
		{packDerateWanted, 2, nil, func(b *bench, x float64) { pack(b).DerateWanted = yesNo(b, x) }},
		{packNoCharge, 2, nil, func(b *bench, x float64) { pack(b).NoCharge = yesNo(b, x) }},
		{packInterlock, 2, nil, func(b *bench, x float64) { pack(b).Interlock = noYes(b, x) }},
		{packIsolation, 2, nil, func(b *bench, x float64) { pack(b).IsolationLow = yesNo(b, x) }},
		{packPrecharge, 2, nil, at(bess.PackLockedOut)},
		{packWelded, 2, nil, at(bess.PackWelded)},
		{packCurrentOpen, 2, stage(bess.PackOpen), func(b *bench, x float64) {
			pack(b).Current, b.snap.Converters[2].PackAmps = reading[si.Amps](b, -x), reading[si.Amps](b, -x)
		}},
		{packStuckOpen, 2, nil, func(b *bench, x float64) { pack(b).Contactor = noYes(b, x) }},
		{packClosedAlone, 2, func(b *bench) { b.stages.Packs[2] = bess.PackOpen; b.ordered.Packs[2].Close = false },
			func(b *bench, x float64) { pack(b).Contactor = yesNo(b, x) }},
		{packOvercurrent, 2, nil, func(b *bench, x float64) { pack(b).Current = reading[si.Amps](b, -150*x) }},
		{cellHighNoCharge, 2, nil, high}, {cellHighStop, 2, nil, high}, {cellHighOpen, 2, nil, high},
		{cellLowDerate, 2, nil, low}, {cellLowStop, 2, nil, low}, {cellLowOpen, 2, nil, low},
		{cellSpreadDerate, 2, nil, spread}, {cellSpreadStop, 2, nil, spread},
		{packVoltsHigh, 2, nil, func(b *bench, x float64) { pack(b).Volts = reading[si.Volts](b, x) }},
		{packWarm, 2, nil, hot}, {packHotStop, 2, nil, hot}, {packTemperatureTrip, 2, nil, hot},
		{packHeatRate, 2, nil, func(b *bench, x float64) {
			b.state.Traces[2] = Trace{Begun: true, Hot: 27, At: b.snap.Now, Rise: x, Told: true}
		}},
		{packTooCold, 2, nil, cold}, {packColdCharge, 2, nil, cold},
	}
}

func busCases() []rowCase {
	conv := func(b *bench) *bess.ConverterView { return &b.snap.Converters[3] }
	heat := func(b *bench, x float64) { conv(b).Heatsink = reading[si.Celsius](b, x) }
	power := func(from float64) func(b *bench, x float64) {
		return func(b *bench, x float64) { conv(b).Power = reading[si.Watts](b, from+25e3*x) }
	}
	gone := func(b *bench, x float64) {
		if x > 0.5 {
			conv(b).Power = bess.Reading[si.Watts]{}
		}
	}
	volts := func(b *bench, x float64) { b.snap.Bus.Volts = reading[si.Volts](b, x) }
	leak := func(b *bench, x float64) { b.snap.Bus.Insulation = reading[si.Ohms](b, 750*x) }
	inv := func(b *bench) *bess.InverterView { return &b.snap.Inverter }
	load := func(b *bench, x float64) { inv(b).PhaseAmps[1] = reading[si.Amps](b, x*100e3/690) }
	sink := func(b *bench, x float64) { inv(b).Heatsink = reading[si.Celsius](b, x) }
	return []rowCase{
		{converterFault, 3, nil, func(b *bench, x float64) { conv(b).Fault = yesNo(b, x) }},
		{converterOverLimit, 3, nil, power(20e3)},
		{converterRunaway, 3, func(b *bench) { b.ordered.Converters[3] = bess.ConverterCommand{} }, power(0)},
		{converterIgnores, 3, nil, power(5e3)},
		{converterSilentStop, 3, nil, gone}, {converterSilentOpen, 3, nil, gone},
		{converterHot, 3, nil, heat}, {converterTooHot, 3, nil, heat},
		{busHigh, 0, nil, volts}, {busLow, 0, nil, volts}, {busDark, 0, nil, volts},
		{busUnregulated, 0, nil, func(b *bench, x float64) { inv(b).Running = noYes(b, x) }},
		{busUnknown, 0, nil, func(b *bench, x float64) {
			if x > 0.5 {
				b.snap.Bus.Volts, inv(b).DCVolts = bess.Reading[si.Volts]{}, bess.Reading[si.Volts]{}
				for i := range b.snap.Converters {
					b.snap.Converters[i].BusVolts = bess.Reading[si.Volts]{}
				}
			}
		}},
		{insulationWarn, 0, nil, leak}, {insulationTrip, 0, nil, leak},
		{inverterFault, 0, nil, func(b *bench, x float64) { inv(b).Fault = yesNo(b, x) }},
		{inverterOverload, 0, nil, load}, {inverterOverloadShed, 0, nil, load},
		{inverterHot, 0, nil, sink}, {inverterTooHot, 0, nil, sink},
		{inverterRunaway, 0, func(b *bench) { b.ordered.Inverter.Mode = bess.InverterOff },
			func(b *bench, x float64) { inv(b).Power = reading[si.Watts](b, -100e3*x) }},
		{inverterIgnores, 0, nil, func(b *bench, x float64) { inv(b).Running = noYes(b, x) }},
		{inverterSilent, 0, nil, func(b *bench, x float64) {
			if x > 0.5 {
				inv(b).Power = bess.Reading[si.Watts]{}
			}
		}},
		{lossOfMains, 0, nil, func(b *bench, x float64) { inv(b).LossOfMain = yesNo(b, x) }},
		{bondMissing, 0, island, func(b *bench, x float64) { b.snap.IO.Bond = noYes(b, x) }},
		{bondDouble, 0, nil, func(b *bench, x float64) { b.snap.IO.Bond = yesNo(b, x) }},
	}
}

func feederCases() []rowCase {
	grid := func(b *bench) *bess.FeederView { return &b.snap.Feeders[gridFeeder] }
	set := func(b *bench) *bess.FeederView { return &b.snap.Feeders[generatorFeeder] }
	onSet := func(b *bench) {
		b.stages.Network, b.stages.Live = bess.NetworkGenerator, generatorFeeder
		b.stages.Generators[generatorFeeder] = bess.GeneratorRunning
	}
	lowest := func(b *bench, x float64) { grid(b).PhaseVolts[1] = reading[si.Volts](b, x) }
	hertz := func(b *bench, x float64) { grid(b).Hertz = reading[si.Hertz](b, x) }
	neutral := func(b *bench, x float64) { grid(b).NeutralToE = reading[si.Volts](b, x) }
	power := func(b *bench, x float64) { grid(b).Power = reading[si.Watts](b, 40e3*x) }
	amps := func(b *bench, x float64) { grid(b).PhaseAmps[2] = reading[si.Amps](b, 63*x) }
	closedSet := func(sign float64) func(b *bench, x float64) {
		return func(b *bench, x float64) {
			set(b).Contactor, set(b).Power = bess.FlagOf(true, b.snap.Now), reading[si.Watts](b, sign*60e3*x)
		}
	}
	return []rowCase{
		{feederPhaseLost, gridFeeder, nil, lowest}, {feederVoltsLow, gridFeeder, nil, lowest},
		{feederNeutralLost, gridFeeder, nil, func(b *bench, x float64) { grid(b).Neutral = noYes(b, x) }},
		{feederReversed, gridFeeder, nil, func(b *bench, x float64) { grid(b).Forward = noYes(b, x) }},
		{feederVoltsHigh, gridFeeder, nil, func(b *bench, x float64) { grid(b).PhaseVolts[0] = reading[si.Volts](b, x) }},
		{feederHertzLow, gridFeeder, nil, hertz}, {feederHertzHigh, gridFeeder, nil, hertz},
		{feederNeutralVolts, gridFeeder, nil, neutral}, {feederNeutralVoltsWarn, gridFeeder, nil, neutral},
		{feederMainsLost, gridFeeder, nil, func(b *bench, x float64) {
			for k := range grid(b).PhaseVolts {
				grid(b).PhaseVolts[k] = reading[si.Volts](b, 231*(1-x))
			}
		}},
		{feederUnchecked, gridFeeder, nil, func(b *bench, x float64) {
			b.standing.Records[gridFeeder].Person = "A"
			if x > 0.5 {
				b.standing.Records[gridFeeder].Person = ""
			}
		}},
		{feederUnheard, gridFeeder, nil, func(b *bench, x float64) {
			if x > 0.5 {
				grid(b).Hertz = bess.Reading[si.Hertz]{}
			}
		}},
		{feederWelded, generatorFeeder, nil, func(b *bench, x float64) { set(b).Contactor = yesNo(b, x) }},
		{feederStuckOpen, gridFeeder, nil, func(b *bench, x float64) { grid(b).Contactor = noYes(b, x) }},
		{feederFault, gridFeeder, nil, func(b *bench, x float64) { grid(b).Fault = yesNo(b, x) }},
		{generatorFailed, generatorFeeder, nil, func(b *bench, x float64) {
			b.stages.Generators[generatorFeeder] = bess.GeneratorOff
			if x > 0.5 {
				b.stages.Generators[generatorFeeder] = bess.GeneratorFailed
			}
		}},
		{generatorFuel, generatorFeeder, nil, func(b *bench, x float64) { set(b).Fuel = reading[si.Ratio](b, x) }},
		{inletUnlocked, inletFeeder, nil, func(b *bench, x float64) {
			v := &b.snap.Feeders[inletFeeder]
			v.Contactor, v.Locked = bess.FlagOf(true, b.snap.Now), noYes(b, x)
		}},
		{feederOverImport, gridFeeder, nil, power}, {feederOverImportStop, gridFeeder, nil, power},
		{feederPhaseOver, gridFeeder, nil, amps}, {feederPhaseOverStop, gridFeeder, nil, amps},
		{feederExport, gridFeeder, nil, func(b *bench, x float64) { grid(b).Power = reading[si.Watts](b, -x) }},
		{generatorReverse, generatorFeeder, onSet, closedSet(-1)},
		{generatorOverload, generatorFeeder, onSet, closedSet(1)},
	}
}

func loadCases() []rowCase {
	out := func(b *bench) *bess.OutletView { return &b.snap.Outlets[4] }
	draw := func(b *bench, x float64) { out(b).PhaseAmps[1] = reading[si.Amps](b, 17.5*x) }
	io := func(n bess.Input) func(b *bench, x float64) {
		return func(b *bench, x float64) { b.snap.IO.Inputs[n] = yesNo(b, x) }
	}
	silent := func(b *bench, x float64) {
		if x > 0.5 {
			b.snap.IO.Alive = bess.Reading[si.Ratio]{}
		}
	}
	volts := func(b *bench, x float64) { b.snap.IO.TwelveVolt = reading[si.Volts](b, x) }
	guard := func(b *bench, x float64) { b.snap.IO.Guard = noYes(b, x) }
	return []rowCase{
		{circuitTripped, 1, nil, func(b *bench, x float64) { b.snap.Circuits[1].Tripped = yesNo(b, x) }},
		{circuitOverload, 1, nil, func(b *bench, x float64) { b.snap.Circuits[1].PhaseAmps[0] = reading[si.Amps](b, 32*x) }},
		{circuitStuckClosed, 1, func(b *bench) { b.ordered.Circuits[1].Close = false },
			func(b *bench, x float64) { b.snap.Circuits[1].Closed = yesNo(b, x) }},
		{outletTripped, 4, nil, func(b *bench, x float64) { out(b).Tripped = yesNo(b, x) }},
		{outletFault, 4, nil, func(b *bench, x float64) { out(b).Fault = yesNo(b, x) }},
		{outletSilent, 4, nil, func(b *bench, x float64) { out(b).Online = noYes(b, x) }},
		{outletOverdraw, 4, nil, draw}, {outletOverdrawOff, 4, nil, draw},
		{emergencyStop, 0, nil, io(bess.EmergencyStop)}, {interlockLoop, 0, nil, io(bess.HVIL)}, {unitRCD, 0, nil, io(bess.RCD)},
		{smoke, 0, nil, io(bess.Smoke)}, {gas, 0, nil, io(bess.Gas)}, {water, 0, nil, io(bess.Water)}, {tilt, 0, nil, io(bess.Tilt)},
		{door, 0, nil, io(bess.Door)}, {coolantLow, 0, nil, io(bess.CoolantLow)},
		{ioSilentStop, 0, nil, silent}, {ioSilentOpen, 0, nil, silent},
		{twelveVoltLow, 0, nil, volts}, {twelveVoltStop, 0, nil, volts},
		{localLock, 0, nil, func(b *bench, x float64) { b.snap.IO.LocalLock = yesNo(b, x) }},
		{coilsOff, 0, nil, func(b *bench, x float64) { b.snap.IO.Inhibit = yesNo(b, x) }},
		{guardMissing, 0, nil, guard}, {guardLong, 0, nil, guard},
		{clockUntrusted, 0, nil, func(b *bench, x float64) {
			if x > 0.5 {
				b.snap.Civil.Trust = bess.TrustNone
			}
		}},
		{clockJumped, 0, nil, func(b *bench, x float64) {
			if x > 1 {
				b.snap.Civil.UnixMilli -= int64(x)
			}
		}},
		{diskFull, 0, nil, func(b *bench, x float64) { b.snap.Store.Full = yesNo(b, x) }},
		{diskFailed, 0, nil, func(b *bench, x float64) { b.snap.Store.Failed = yesNo(b, x) }},
	}
}
