// Package storm is the campaign of faults: a seed becomes a random unit that
// "reprise check" accepts, a day around it and a story of faults, mistakes and
// wild orders; the very control.Step runs it against the twin; about twenty
// checkers look on.
//
// # From seed to text
//
// A Plan is drawn from a seed and rendered as a scenario in the grammar of
// package scenario. Whatever is played went through that text and through the
// checks of package config, so a violation is a file that "reprise study"
// plays as well. A person at the unit, the Caretaker, mends, resets and starts
// again what faults left behind; what it does becomes lines of the same story.
//
// # Checkers
//
// A Checker sees a Scene: the machine as it truly is (the twin's truth), the
// orders, the readings, what people were told, and which lines of the story
// are in force. It never sees the verdict of the safety rules: it states the
// promise anew, from the truth, with times of its own.
//
// # Shrinking
//
// Shrink takes away lines of the story, parts of the unit and length while the
// same checker still fires, and leaves the shortest text that shows it.
package storm
