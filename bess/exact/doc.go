// Package exact holds the transcendental functions of the pure rooms as plain
// Go: the same bits on amd64 and arm64, with a stated greatest error.
//
// The standard library may use assembly on one architecture and fused
// multiply-add on another, so math.Exp and its relatives can differ in the last
// bit between two machines that run the same build of the same study. Here
// every product that feeds a sum is converted explicitly, which forbids fusing
// (Go specification, "Floating-point operators"), and only exact functions of
// package math are used.
//
// Greatest errors, in units in the last place (ULP) of the true result,
// measured in the tests against 300-bit arithmetic:
//
//	Exp     0.55   whole range, subnormal results rounded once
//	Expm1   1.0
//	Log     0.75
//	Pow     0.80   every finite argument whose result is normal
//	Tanh    2.0
//	Sin,Cos 0.90   |x| <= MaxAngle; NaN beyond
//
// Methods: argument reduction to a table of exact break points with a head and
// a tail for each entry, then a short series (P. T. P. Tang, "Table-driven
// implementation of the exponential function in IEEE floating-point
// arithmetic", ACM TOMS 15(2), 1989, and "... of the logarithm function", ACM
// TOMS 16(4), 1990); Dekker's splitting for the exact products inside Pow
// (T. J. Dekker, Numer. Math. 18, 1971); Cody and Waite's three-part reduction
// for Sin and Cos.
package exact
