//go:build race

package main

// raceDetector says that everything runs about ten times slower.
const raceDetector = true
