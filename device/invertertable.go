package device

import (
	"time"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/wire/modbus"
	"reprise/wire/sunspec"
)

// VendorBase is the first register of our own block beside the SunSpec models: modes that SunSpec has no order for.
const VendorBase = 60000

// Points of the inverter's own block, in its order.
const (
	vendorMode = iota
	vendorFault
	vendorLoss
	vendorDCVolts
	vendorOrder
	vendorImport
	vendorVolts
	vendorHertz
	vendorReference
)

// InverterTable is our own block beside SunSpec 701, 704, 714 and 715 of the grid-forming inverter.
func InverterTable() modbus.Table {
	return modbus.Table{
		Name: "Inverter, own block",
		Doc: "SunSpec models 1, 701, 704, 715 and 714 begin at 40000; this block adds what they have no order for. " +
			"The heartbeat is ControllerHb of model 715; when it stands still the inverter stops following at once, and stops forming " +
			"after its island hold. Export is limited by WMaxLimPct of model 704, reactive power is its VarSet. " +
			"It refuses to form while a supply contactor is closed. Model 714 has one port, the DC bus: power positive into the bus, " +
			"class 0.5 of the reading or better, so that the inverter's loss can be told from it; a device without model 714 is served too, " +
			"and its loss is then estimated. Its own comparators block it when the bus is too high or too low (port alarms, and Fault); " +
			"order 0 clears that once the bus is back in its window.",
		Points: []modbus.Point{
			vendorMode:    {Name: "Mode", Address: VendorBase, Max: 2, Doc: "0 off, 1 following, 2 forming"},
			vendorFault:   flagPoint("Fault", VendorBase+1, "tripped; order 0 clears it when its cause is gone"),
			vendorLoss:    flagPoint("LossOfMains", VendorBase+2, "its loss-of-mains protection tripped"),
			vendorDCVolts: {Name: "DCVolts", Address: VendorBase + 3, Scale: 0.1, Unit: "V", Doc: "DC bus"},
			vendorOrder:   order(modbus.Point{Name: "Order", Address: VendorBase + 4, Max: 2, Doc: "0 off, 1 follow, 2 form"}),
			vendorImport:  order(modbus.Point{Name: "ImportLimit", Address: VendorBase + 5, Type: modbus.U32, Unit: "W", Max: 1e7, Doc: "never more out of the AC bus"}),
			vendorVolts:   order(modbus.Point{Name: "Volts", Address: VendorBase + 7, Scale: 0.1, Unit: "V", Max: 400, Doc: "forming: line to neutral"}),
			vendorReference: order(modbus.Point{Name: "DCReference", Address: VendorBase + 9, Scale: 0.1, Unit: "V", Max: 2000,
				Doc: "following: the DC bus voltage that it holds within its limits; 0 takes the nominal one. Beside packs switched straight onto the bus, the limits are the power"}),
			vendorHertz: order(modbus.Point{Name: "Frequency", Address: VendorBase + 8, Scale: 0.01, Unit: "Hz", Max: 70, Doc: "forming"}),
		},
	}
}

// sunSpecBase is where the chain of our inverters begins.
const sunSpecBase = 40000

// exponents of the models that we serve: 10 W, 0.1 V, 0.1 A, 0.01 Hz, 0.1 degC, 0.01 %.
func exponents() (measure, controls []modbus.Setting) {
	return []modbus.Setting{
			{Point: sunspec.ACMeasurementWSF, Physical: 1}, {Point: sunspec.ACMeasurementVASF, Physical: 1},
			{Point: sunspec.ACMeasurementVarSF, Physical: 1}, {Point: sunspec.ACMeasurementVSF, Physical: -1},
			{Point: sunspec.ACMeasurementASF, Physical: -1}, {Point: sunspec.ACMeasurementHzSF, Physical: -2},
			{Point: sunspec.ACMeasurementTmpSF, Physical: -1}, {Point: sunspec.ACMeasurementTotWhSF, Physical: 0},
		}, []modbus.Setting{
			{Point: sunspec.ACControlsWMaxLimPctSF, Physical: -2}, {Point: sunspec.ACControlsVarSetSF, Physical: 1},
			{Point: sunspec.ACControlsWSetSF, Physical: 1}, {Point: sunspec.ACControlsPFSF, Physical: -2},
		}
}

// newChain is a SunSpec device with the models that our drivers use, and more.
func newChain(model string, now func() time.Time, more ...*sunspec.Layout) (*sunspec.Bank, error) {
	layouts := make([]*sunspec.Layout, 0, 5)
	for _, m := range []sunspec.Model{sunspec.Common(), sunspec.ACMeasurement(), sunspec.ACControls(), sunspec.Control()} {
		layout, err := m.Layout(0)
		if err != nil {
			return nil, err
		}
		layouts = append(layouts, layout)
	}
	layouts = append(layouts, more...)
	chain, err := sunspec.NewBank(sunSpecBase, now, layouts...)
	if err != nil {
		return nil, err
	}
	if err := chain.Model(1).SetText(sunspec.CommonMn, "Reprise"); err != nil {
		return nil, err
	}
	if err := chain.Model(1).SetText(sunspec.CommonMd, model); err != nil {
		return nil, err
	}
	measure, controls := exponents()
	if err := chain.Model(701).Update(measure...); err != nil {
		return nil, err
	}
	return chain, chain.Model(704).Update(controls...)
}

// InverterBank is the far side of the inverter: the SunSpec chain and our own block.
type InverterBank struct {
	own   *bank
	chain *sunspec.Bank
	rated si.VoltAmps
	port  [4]int        // points of the DC port in model 714: power, voltage, status, alarms
	beats chan struct{} // capacity 1: a sign of life since the last look
	count uint64
}

// NewInverterBank makes the registers of an inverter.
func NewInverterBank(rated si.VoltAmps, now func() time.Time) (*InverterBank, error) {
	table, err := InverterTable().Compile()
	if err != nil {
		return nil, err
	}
	b := &InverterBank{own: newBank(table, now, -1), rated: rated, beats: make(chan struct{}, 1)}
	direct, err := sunspec.DCMeasurement().Layout(1)
	if err != nil {
		return nil, err
	}
	if b.chain, err = newChain("Inverter", now, direct); err != nil {
		return nil, err
	}
	b.port = portPoints()
	if err := b.chain.Model(714).Update(
		modbus.Setting{Point: sunspec.DCMeasurementNPrt, Physical: 1},
		modbus.Setting{Point: sunspec.DCMeasurementDCWSF, Physical: 1}, modbus.Setting{Point: sunspec.DCMeasurementDCVSF, Physical: -1},
		modbus.Setting{Point: sunspec.DCMeasurement().Repeated(0, sunspec.DCMeasurementPrtPrtTyp), Physical: portBidirectional},
	); err != nil {
		return nil, err
	}
	control, last := b.chain.Model(715), -1.0
	b.chain.OnWrite(func(s *sunspec.Section, point int) {
		if s != control || point != sunspec.ControlControllerHb {
			return
		}
		if v := s.Value(point); v.Valid && v.Physical != last {
			last = v.Physical
			select {
			case b.beats <- struct{}{}:
			default:
			}
		}
	})
	return b, nil
}

// ReadRegisters answers from the chain or from our own block.
func (b *InverterBank) ReadRegisters(kind modbus.Kind, unit uint8, addr uint16, into []uint16) error {
	if addr >= VendorBase {
		return b.own.ReadRegisters(kind, unit, addr, into)
	}
	return b.chain.ReadRegisters(kind, unit, addr, into)
}

// WriteRegisters writes to the chain or to our own block.
func (b *InverterBank) WriteRegisters(unit uint8, addr uint16, values []uint16) error {
	if addr >= VendorBase {
		return b.own.WriteRegisters(unit, addr, values)
	}
	return b.chain.WriteRegisters(unit, addr, values)
}

// Beats is how often the controller gave a sign of life between looks; for one goroutine.
func (b *InverterBank) Beats() uint64 {
	select {
	case <-b.beats:
		b.count++
	default:
	}
	return b.count
}

// Publish sets the readings. What is missing is "not implemented".
func (b *InverterBank) Publish(v *bess.InverterView) {
	own, m := b.own.Bank, b.chain.Model(701)
	tell(own, vendorMode, v.Mode, 1)
	tellFlag(own, vendorFault, v.Fault)
	tellFlag(own, vendorLoss, v.LossOfMain)
	tell(own, vendorDCVolts, v.DCVolts, 1)
	state, mode, alarm := float64(sunspec.StateOff), 0.0, 0.0
	if v.Running.State == bess.Yes {
		state = sunspec.StateMPPT
	}
	switch bess.InverterMode(v.Mode.Value) {
	case bess.InverterFollow:
		mode = sunspec.ModeGridFollowing
	case bess.InverterForm:
		mode = sunspec.ModeGridForming
	case bess.InverterOff:
	}
	if v.Fault.State == bess.Yes {
		state, alarm = sunspec.StateFault, sunspec.AlarmManufacturer
	}
	if v.OverVolts.State == bess.Yes {
		alarm = sunspec.AlarmDCOverVoltage
	}
	b.publishDirect(v)
	_ = m.Update(
		modbus.Setting{Point: sunspec.ACMeasurementACType, Physical: sunspec.ThreePhase},
		modbus.Setting{Point: sunspec.ACMeasurementInvSt, Physical: state},
		modbus.Setting{Point: sunspec.ACMeasurementDERMode, Physical: mode},
		modbus.Setting{Point: sunspec.ACMeasurementAlrm, Physical: alarm},
	)
	show(m, sunspec.ACMeasurementW, v.Power)
	show(m, sunspec.ACMeasurementVar, v.Reactive)
	show(m, sunspec.ACMeasurementHz, v.Hertz)
	show(m, sunspec.ACMeasurementTmpSnk, v.Heatsink)
	for k := range v.PhaseVolts {
		step := k * (sunspec.ACMeasurementWL2 - sunspec.ACMeasurementWL1)
		show(m, sunspec.ACMeasurementWL1+step, v.PhasePower[k])
		show(m, sunspec.ACMeasurementVL1+step, v.PhaseVolts[k])
		show(m, sunspec.ACMeasurementAL1+step, v.PhaseAmps[k])
	}
}

// Ports of model 714: bidirectional, and its statuses.
const (
	portBidirectional = 5
	portOff, portOn   = 0, 1
	portError         = 3
)

// portPoints are the points of the one DC port: power, voltage, status, alarms.
func portPoints() [4]int {
	m := sunspec.DCMeasurement()
	return [4]int{
		m.Repeated(0, sunspec.DCMeasurementPrtDCW), m.Repeated(0, sunspec.DCMeasurementPrtDCV),
		m.Repeated(0, sunspec.DCMeasurementPrtDCSta), m.Repeated(0, sunspec.DCMeasurementPrtDCAlrm),
	}
}

// publishDirect sets the DC side: model 714 with one port.
func (b *InverterBank) publishDirect(v *bess.InverterView) {
	m := b.chain.Model(714)
	status, alarms, ports := float64(portOff), 0.0, 0.0
	if v.Running.State == bess.Yes {
		status = portOn
	}
	if v.OverVolts.State == bess.Yes {
		alarms += sunspec.PortAlarmOverVoltage
	}
	if v.UnderVolts.State == bess.Yes {
		alarms += sunspec.PortAlarmUnderVoltage
	}
	if alarms > 0 {
		status, ports = portError, 1
	}
	_ = m.Update(
		modbus.Setting{Point: sunspec.DCMeasurementPrtAlrms, Physical: ports},
		modbus.Setting{Point: b.port[2], Physical: status}, modbus.Setting{Point: b.port[3], Physical: alarms},
	)
	show(m, sunspec.DCMeasurementDCW, v.DCPower)
	show(m, b.port[0], v.DCPower)
	show(m, b.port[1], v.DCVolts)
}

// show puts a reading into a model.
func show[T ~float64](s *sunspec.Section, point int, r bess.Reading[T]) {
	if r.Quality != bess.Good || s.Set(point, float64(r.Value)) != nil {
		s.SetMissing(point)
	}
}

// Ordered is the order in the registers; its lease is for the caller to judge by Beats.
func (b *InverterBank) Ordered() bess.InverterCommand {
	c := b.chain.Model(704)
	order := bess.InverterCommand{
		Mode: bess.InverterMode(b.own.physical(vendorOrder)), Import: si.Watts(b.own.physical(vendorImport)),
		Volts: si.Volts(b.own.physical(vendorVolts)), Hertz: si.Hertz(b.own.physical(vendorHertz)),
		DCVolts: si.Volts(b.own.physical(vendorReference)),
		Export:  si.Watts(b.rated),
	}
	if c.Value(sunspec.ACControlsWMaxLimPctEna).Physical == sunspec.Enabled {
		order.Export = si.Watts(float64(b.rated) * c.Value(sunspec.ACControlsWMaxLimPct).Physical / 100)
	}
	if c.Value(sunspec.ACControlsVarSetEna).Physical == sunspec.Enabled {
		order.Reactive = si.VoltAmps(c.Value(sunspec.ACControlsVarSet).Physical)
	}
	return order
}
