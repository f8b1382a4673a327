package twin

// contactor is a pair of main contacts with its coil.
type contactor struct {
	closed     bool
	welded     bool
	stuckOpen  bool
	spent      bool    // dropped for want of coil supply: closes only after its order was withdrawn once
	travel     float64 // s until the ordered position is reached
	operations int
}

// move advances the contacts under an order with the coil supply present or
// not. It reports whether the contacts opened now.
func (k *contactor) move(order, supply bool, operate, dt float64) (opened bool) {
	was := k.closed
	if !supply && (order || k.closed) {
		k.spent = true
	}
	if !order {
		k.spent = false
	}
	goal := order && supply && !k.spent
	if goal == k.closed {
		k.travel = operate
		return false
	}
	if k.travel -= dt; k.travel > 1e-9 {
		return false
	}
	k.travel = operate
	switch {
	case goal && k.stuckOpen, !goal && k.welded:
	default:
		k.closed = goal
		k.operations++
	}
	return was && !k.closed
}
