package study

// untellable are the rules for which the twin has no fault, or needs hours,
// with the reason.
func untellable() map[string]string {
	const (
		never = "the orders of the controller cannot bring it about, and the twin's device obeys or limits itself"
		hours = "the twin needs hours to get there"
		lives = "no fault of the twin makes a single reading vanish or lie in this way"
		words = "the story has no word for it"
		own   = "Judge raises it about itself"
	)
	return map[string]string{
		"pack-voltage-disagrees":   lives,
		"pack-wrong":               words,
		"pack-not-identified":      words,
		"pack-current-though-open": never,
		"pack-overcurrent":         never,
		"pack-voltage-high":        lives,
		"converter-over-limit":     never,
		"converter-runs-unordered": never,
		"converter-hot":            hours,
		"converter-too-hot":        hours,
		"bus-voltage-unknown":      lives,
		"inverter-hot":             hours,
		"inverter-too-hot":         hours,
		"inverter-runs-unordered":  never,
		"inverter-does-not-run":    lives,
		"inverter-silent":          lives,
		"supply-neutral-live":      lives,
		"supply-unchecked":         never,
		"supply-unheard":           lives,
		"supply-export-forbidden":  never,
		"generator-reverse-power":  never,
		"inlet-unlocked":           never,
		"circuit-stuck-closed":     words,
		"outlet-fault":             words,
		"local-lock-out":           words,
		"clock-untrusted":          words,
		"disk-failed":              words,
		"more-alarms":              own,
		"state-broken":             own,
	}
}
