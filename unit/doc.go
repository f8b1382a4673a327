// Package unit is the running machine: the loop that takes the image of all
// devices, journals it, lets control decide, hands the orders out, feeds the
// watchdog and publishes a picture, ten times a second. Around it stand the
// shells that may wait: connections under supervision, the store, series for
// the page, alarms that must reach a person.
//
// The loop waits for nothing but its own clock. A tick that comes late is
// counted. A panic ends the process, after the journal was written; it is never
// recovered, because a broken invariant cannot decide anything.
//
// The same Machine runs a plant in memory at many times the speed ("no wires");
// then readings and orders pass by function call, and the journal and the
// digest mean the same.
package unit
