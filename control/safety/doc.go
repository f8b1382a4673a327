// Package safety is the unit's supervisor: rules as rows of a table. Judge
// speaks first in every tick and says what each part is held to; Clamp speaks
// last and takes from the orders whatever the verdict does not allow.
//
// A row watches one signal of one kind of part against one limit. What is over
// its limit for the qualifying time acts at its level: inform, derate, stop
// (zero power, contactors stay), open (that part), open all. Several rows may
// hold the same part; the highest level wins. A row clears by itself, with a
// hysteresis and after a time, or it latches until a person clears it.
//
// Missing data is never safer than bad data. An unknown never clears a row and
// never stops a running timer, and each row says what it does when its signal
// is lost or never came. What acts because of an unknown does not latch: it
// ends when the signal is back and good.
//
// Durations are times, never counts of ticks.
package safety
