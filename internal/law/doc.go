// Package law holds no code that runs, only the tests that keep the house in order: who may import whom (law_test.go),
// what is forbidden and why (bans_test.go, pure_test.go, size_test.go), and the absence of fused multiply-adds in the
// arm64 build of the pure rooms (arm64_test.go).
package law
