package journal

import "reprise/bess"

// snapshot lists every field of a snapshot but Now, which every tick carries.
func (w *words) snapshot(s *bess.Snapshot) {
	w.civil(&s.Civil)
	for i := range s.Packs {
		w.pack(&s.Packs[i])
	}
	for i := range s.Converters {
		w.converter(&s.Converters[i])
	}
	w.inverter(&s.Inverter)
	reading(w, &s.Bus.Volts)
	reading(w, &s.Bus.Insulation)
	reading(w, &s.Bus.OwnUse)
	for i := range s.Feeders {
		w.feeder(&s.Feeders[i])
	}
	for i := range s.Circuits {
		w.circuit(&s.Circuits[i])
	}
	for i := range s.Outlets {
		w.outlet(&s.Outlets[i])
	}
	w.io(&s.IO)
	code(w, &s.Store.DurableUpTo)
	flag(w, &s.Store.Full)
	flag(w, &s.Store.Failed)
	reading(w, &s.Store.Free)
	reading(w, &s.Ambient)
}

func (w *words) pack(p *bess.PackView) {
	code(w, &p.Identity)
	reading(w, &p.Volts)
	reading(w, &p.LinkVolts)
	reading(w, &p.Current)
	reading(w, &p.SoC)
	reading(w, &p.SoCLow)
	reading(w, &p.SoCHigh)
	reading(w, &p.SoH)
	reading(w, &p.Available)
	reading(w, &p.CellHigh)
	reading(w, &p.CellLow)
	reading(w, &p.Hot)
	reading(w, &p.Cold)
	reading(w, &p.Average)
	reading(w, &p.Discharge)
	reading(w, &p.Charge)
	reading(w, &p.DischargePeak)
	reading(w, &p.ChargePeak)
	flag(w, &p.Contactor)
	flag(w, &p.Precharging)
	flag(w, &p.Interlock)
	flag(w, &p.IsolationLow)
	flag(w, &p.Weld)
	flag(w, &p.OpenNow)
	flag(w, &p.OpenSoon)
	flag(w, &p.DerateWanted)
	flag(w, &p.NoCharge)
	reading(w, &p.Alive)
	code(w, &p.Garbage)
}

func (w *words) converter(c *bess.ConverterView) {
	flag(w, &c.Running)
	flag(w, &c.Fault)
	reading(w, &c.Power)
	reading(w, &c.PackVolts)
	reading(w, &c.PackAmps)
	reading(w, &c.BusVolts)
	reading(w, &c.Heatsink)
	reading(w, &c.Losses)
	flag(w, &c.OverVolts)
}

func (w *words) inverter(v *bess.InverterView) {
	flag(w, &v.Running)
	flag(w, &v.Fault)
	flag(w, &v.LossOfMain)
	reading(w, &v.Mode)
	reading(w, &v.Power)
	reading(w, &v.Reactive)
	phases(w, &v.PhasePower)
	phases(w, &v.PhaseVolts)
	phases(w, &v.PhaseAmps)
	reading(w, &v.Hertz)
	reading(w, &v.DCVolts)
	reading(w, &v.DCPower)
	reading(w, &v.Heatsink)
	flag(w, &v.OverVolts)
	flag(w, &v.UnderVolts)
}

func (w *words) feeder(f *bess.FeederView) {
	phases(w, &f.PhaseVolts)
	reading(w, &f.Hertz)
	phases(w, &f.PhaseAmps)
	reading(w, &f.Power)
	reading(w, &f.Imported)
	reading(w, &f.Exported)
	flag(w, &f.Contactor)
	flag(w, &f.Forward)
	flag(w, &f.Neutral)
	reading(w, &f.NeutralToE)
	flag(w, &f.Running)
	flag(w, &f.Fault)
	reading(w, &f.Fuel)
	flag(w, &f.Plugged)
	flag(w, &f.Locked)
	reading(w, &f.PostVolts)
	reading(w, &f.PostCurrent)
	reading(w, &f.PostPower)
	reading(w, &f.Intensity)
	reading(w, &f.Price)
}

func (w *words) circuit(c *bess.CircuitView) {
	flag(w, &c.Closed)
	flag(w, &c.Tripped)
	reading(w, &c.Power)
	phases(w, &c.PhaseAmps)
	reading(w, &c.Drawn)
}

func (w *words) outlet(o *bess.OutletView) {
	flag(w, &o.Online)
	flag(w, &o.Plugged)
	flag(w, &o.Charging)
	flag(w, &o.Fault)
	flag(w, &o.Tripped)
	reading(w, &o.Power)
	phases(w, &o.PhaseAmps)
	reading(w, &o.Drawn)
	reading(w, &o.Offered)
	reading(w, &o.OfferedDC)
	reading(w, &o.Vehicle)
	reading(w, &o.VehicleWants)
	code(w, &o.Visit)
}

func (w *words) io(v *bess.IOView) {
	for i := range v.Inputs {
		flag(w, &v.Inputs[i])
	}
	reading(w, &v.TwelveVolt)
	flag(w, &v.OutletSupply)
	flag(w, &v.Bond)
	flag(w, &v.Inhibit)
	flag(w, &v.Coils)
	flag(w, &v.LocalLock)
	flag(w, &v.Guard)
	reading(w, &v.Coolant)
	reading(w, &v.Alive)
}

// commands lists every field of the orders.
func (w *words) commands(c *bess.Commands) {
	for i := range c.Packs {
		p := &c.Packs[i]
		truth(w, &p.Wake, &p.Precharge, &p.Close)
		w.lease(&p.Lease)
	}
	for i := range c.Converters {
		p := &c.Converters[i]
		code(w, &p.Mode)
		float(w, &p.Power)
		float(w, &p.Reference)
		float(w, &p.Slope)
		float(w, &p.Discharge)
		float(w, &p.Charge)
		w.lease(&p.Lease)
	}
	v := &c.Inverter
	code(w, &v.Mode)
	float(w, &v.Import)
	float(w, &v.Export)
	float(w, &v.Reactive)
	float(w, &v.Volts)
	float(w, &v.Hertz)
	float(w, &v.DCVolts)
	w.lease(&v.Lease)
	for i := range c.Feeders {
		p := &c.Feeders[i]
		truth(w, &p.Close, &p.Run)
		float(w, &p.Limit)
		float(w, &p.Volts)
		w.lease(&p.Lease)
	}
	for i := range c.Circuits {
		truth(w, &c.Circuits[i].Close)
		w.lease(&c.Circuits[i].Lease)
	}
	for i := range c.Outlets {
		p := &c.Outlets[i]
		truth(w, &p.Enable)
		float(w, &p.Current)
		float(w, &p.Power)
		code(w, &p.Why)
		w.lease(&p.Lease)
	}
	o := &c.IO
	truth(w, &o.HoldIn, &o.OutletSupply, &o.Bond, &o.Beacon, &o.Pump, &o.Fan, &o.Heater)
	w.lease(&o.Lease)
}
