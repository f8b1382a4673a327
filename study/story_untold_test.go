package study

// untellable are the rules for which the twin has no fault, with the reason.
func untellable() map[string]string {
	return map[string]string{}
}
