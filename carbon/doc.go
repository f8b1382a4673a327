// Package carbon turns the ledger into claims that survive an audit: the
// emissions of a diesel generator that was not run (gross), the emissions of the
// energy that was delivered in its place (refill), and their difference (net),
// always as three numbers and always with the factor behind each.
//
// Two books stand side by side and are never added: avoided emissions, measured
// against a generator that did not run (ISO 14064-2, project accounting), and
// the inventory of what was emitted at the site (GHG Protocol scopes 1, 2, 3).
//
// Sums are integers (mWh, mg CO2e, microlitres, ms), so any order of adding and
// any machine gives the same claim.
package carbon
