package unit

import (
	"fmt"

	"reprise/bess"
	"reprise/config"
	"reprise/device"
	"reprise/wire/can"
)

// PackTable is a pack description as its driver needs it.
func PackTable(d *config.PackDescription) (*device.PackTable, error) {
	database, err := can.Load(d.Type.Name+".dbc", d.DBC)
	if err != nil {
		return nil, fmt.Errorf("reading pack type %s: %w", d.Type.Name, err)
	}
	t := &device.PackTable{
		Name: d.Type.Name, Family: d.Type.Family, Database: database, Closing: d.Type.Closing,
		Series: d.Type.Series, Energy: d.Type.Energy,
		Evidence: device.Evidence{
			Identifiers: d.Evidence.Identifiers, Distinctive: d.Evidence.Distinctive, Absent: d.Evidence.Absent,
			VoltsMin: d.Evidence.VoltsMin, VoltsMax: d.Evidence.VoltsMax,
			CellCount: d.Evidence.CellCount, Serial: d.Evidence.Serial,
			Energy: d.Evidence.Energy, EnergyLow: d.Evidence.EnergyLow, EnergyHigh: d.Evidence.EnergyHigh,
		},
	}
	for _, r := range d.Roles {
		if r.Role == config.RoleNone || r.Role == config.RoleSerial {
			continue // serial bytes are evidence, not readings
		}
		quantity, err := device.ParseQuantity(r.Role.String())
		if err != nil {
			return nil, fmt.Errorf("reading pack type %s: %w", d.Type.Name, err)
		}
		t.Roles = append(t.Roles, device.Role{
			Quantity: quantity, Message: r.Message, Signal: r.Signal, Scale: r.Scale, Offset: r.Offset, Invert: r.Invert,
		})
	}
	for _, c := range d.Checks {
		t.Checks = append(t.Checks, can.Check{
			Message: c.Message, Counter: c.Counter, Modulus: c.Modulus, Checksum: c.Checksum, Rule: c.Rule.String(),
			First: c.First, Last: c.Last, Polynomial: c.Polynomial, Initial: c.Initial, Final: c.Final,
		})
	}
	for _, o := range d.Orders {
		why, err := device.ParseWhy(o.Why)
		if err != nil {
			return nil, fmt.Errorf("reading pack type %s: %w", d.Type.Name, err)
		}
		demand := device.Demand{Message: o.Message, Period: o.Period, Why: why}
		if o.Signal != "" {
			demand.Values = append(demand.Values, device.Constant{Signal: o.Signal, Value: 1})
		}
		for _, v := range o.Values {
			demand.Values = append(demand.Values, device.Constant{Signal: v.Signal, Value: v.Value})
		}
		t.Orders = append(t.Orders, demand)
	}
	return t, nil
}

// PackTables are the tables of a unit's packs; packs of one type share theirs.
func PackTables(u *bess.Unit, types config.PackTypes) ([]*device.PackTable, error) {
	shared := map[string]*device.PackTable{}
	tables := make([]*device.PackTable, len(u.Packs))
	for i := range u.Packs {
		name := u.Packs[i].Type.Name
		if shared[name] == nil {
			d, ok := types[name]
			if !ok {
				return nil, fmt.Errorf("pack %d: there is no pack type %q", i+1, name)
			}
			table, err := PackTable(&d)
			if err != nil {
				return nil, err
			}
			shared[name] = table
		}
		tables[i] = shared[name]
	}
	return tables, nil
}
