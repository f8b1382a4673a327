package dispatch

// fill shares total over the parts: part i gets weight_i times a common level,
// but at most cap_i. It returns what could not be placed. Weights and caps are
// not negative; a part without weight gets nothing until every weighted part
// is at its cap. shares is overwritten. At most n passes.
func fill(total float64, weights, caps, shares []float64) float64 {
	clear(shares)
	left := total
	for range shares {
		sum := 0.0
		for i, w := range weights {
			if shares[i] < caps[i] {
				sum += w
			}
		}
		if left <= 1e-9 || sum <= 0 {
			break
		}
		level, capped := left/sum, false
		for i, w := range weights {
			if room := caps[i] - shares[i]; room > 0 && float64(w*level) >= room {
				shares[i] = caps[i]
				left -= room
				capped = true
			}
		}
		if capped {
			continue
		}
		for i, w := range weights {
			if shares[i] < caps[i] {
				shares[i] += float64(w * level)
			}
		}
		left = 0
	}
	for i := range shares { // what has no weight still may help out
		if room := caps[i] - shares[i]; left > 1e-9 && room > 0 {
			give := min(left, room)
			shares[i] += give
			left -= give
		}
	}
	return max(0, left)
}
