// Package report turns finished results into pages that people keep: the hire
// report (one A4 page as PDF), the study report (one HTML file that needs no
// network), text tables for terminals, and series as CSV.
//
// It computes nothing but sums for layout, reads no clock and knows no room of
// the machine: whoever makes a report hands over plain data, with times in ms
// since 1970 and the zones that were in force. The same data gives the same bytes,
// except in the PDF, whose library stamps a modification date and identifiers.
package report
