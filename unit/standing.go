package unit

import "reprise/control"

// appendStanding appends everything about the state that is on or off, open or
// closed, or at a step: what a restart must find as it was, or it would order
// open what stands closed. A change of it is worth a checkpoint at once; what
// only drifts waits for the next minute.
func appendStanding(b []byte, s *control.State) []byte {
	bits := func(list ...bool) {
		mask := byte(0)
		for i, on := range list {
			if on {
				mask |= 1 << i
			}
		}
		b = append(b, mask)
	}
	stages, orders := &s.Stages, &s.Ordered
	b = append(b, byte(stages.Service), byte(stages.Network), byte(stages.Live))
	for i := range stages.Packs {
		b = append(b, byte(stages.Packs[i]))
	}
	for i := range stages.Generators {
		b = append(b, byte(stages.Generators[i]))
	}
	for i := range orders.Packs {
		bits(orders.Packs[i].Wake, orders.Packs[i].Precharge, orders.Packs[i].Close)
	}
	for i := range orders.Converters {
		b = append(b, byte(orders.Converters[i].Mode))
	}
	for i := range orders.Feeders {
		bits(orders.Feeders[i].Close, orders.Feeders[i].Run)
	}
	for i := range orders.Circuits {
		bits(orders.Circuits[i].Close)
	}
	b = append(b, byte(orders.Inverter.Mode))
	bits(orders.IO.OutletSupply, orders.IO.Bond)
	return b
}
