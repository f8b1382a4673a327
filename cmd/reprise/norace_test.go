//go:build !race

package main

// raceDetector says that everything runs at its own speed.
const raceDetector = false
