// Package control decides. Step is the whole controller on one page; every
// room below it is pure: values in, values out, no clock, no I/O, no memory
// from the heap.
package control
