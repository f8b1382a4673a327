// Package study plays scenarios at full speed: the very controller that runs a
// unit, closed over the twin, whole days in seconds. It keeps what people want
// to know of such a day: energy balance, ledger, carbon, visits with their
// promises, expectations of the story, series, and the digest that tells two
// runs apart.
package study
