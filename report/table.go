package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"reprise/bess"
)

// Column is a column of a table.
type Column struct {
	Name string
	Unit string // written under the name; empty: none
	Text bool   // words, set left; numbers are set right
}

// Table is rows of text under named columns. Short rows end in empty cells.
type Table struct {
	Title   string
	Note    string
	Columns []Column
	Rows    [][]string
}

// WriteText writes the table for a terminal: columns aligned, two spaces apart,
// units in a second line when there are any.
func (t *Table) WriteText(w io.Writer) error {
	var b bytes.Buffer
	if t.Title != "" {
		fmt.Fprintln(&b, t.Title)
	}
	lines := make([][]string, 1, len(t.Rows)+2)
	units := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		lines[0] = append(lines[0], c.Name)
		units[i] = c.Unit
	}
	if strings.Join(units, "") != "" {
		lines = append(lines, units)
	}
	head := len(lines)
	lines = append(lines, t.Rows...)
	widths := make([]int, len(t.Columns))
	for _, line := range lines {
		for i := range min(len(line), len(widths)) {
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(line[i])))
		}
	}
	for k, line := range lines {
		writeLine(&b, t.Columns, widths, line)
		if k == head-1 {
			rule := make([]string, len(widths))
			for i, n := range widths {
				rule[i] = strings.Repeat("─", n)
			}
			writeLine(&b, t.Columns, widths, rule)
		}
	}
	if t.Note != "" {
		fmt.Fprintln(&b, oneLine(t.Note))
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the table %q: %w", t.Title, err)
	}
	return nil
}

func writeLine(b *bytes.Buffer, columns []Column, widths []int, line []string) {
	start := b.Len()
	for i, width := range widths {
		cell := ""
		if i < len(line) {
			cell = oneLine(line[i])
		}
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
		if i > 0 {
			b.WriteString("  ")
		}
		if columns[i].Text {
			b.WriteString(cell + pad)
		} else {
			b.WriteString(pad + cell)
		}
	}
	text := bytes.TrimRight(b.Bytes()[start:], " ")
	b.Truncate(start + len(text))
	b.WriteByte('\n')
}

// oneLine keeps a cell from breaking its row, or a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// dash stands for what is unknown.
const dash = "–"

// Number prints a value with so many decimals and thin groups of thousands; a
// value that is not finite is a dash, and minus is a true minus.
func Number(x float64, decimals int) string {
	if !finite(x) {
		return dash
	}
	text := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && len(whole) > 4; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if x < 0 && strings.Trim(text, "0.") != "" {
		return "−" + whole
	}
	return whole
}

// figure prints a figure, or a dash when it is unknown.
func figure(f bess.Figure, decimals int) string {
	if !f.Known {
		return dash
	}
	return Number(f.Value, decimals)
}

// duration prints ms in hours and minutes, and in seconds below one.
func duration(ms int64) string {
	if ms < 59_500 { // what is shorter than a minute is not made longer
		return fmt.Sprintf("%d s", (max(ms, 0)+500)/1000)
	}
	minutes := (max(ms, 0) + 30_000) / 60_000
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}
