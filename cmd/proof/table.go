package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// sortRows puts rows in the order of their names and refuses a name that stands twice.
func sortRows(rows []Row) error {
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(rows); i++ {
		if rows[i].Name == rows[i-1].Name {
			return fmt.Errorf("two rows are named %q: each needs a name of its own", rows[i].Name)
		}
	}
	return nil
}

// printTable writes rows for people: what, how much, the promise, whether it holds, and why.
func printTable(w io.Writer, rows []Row) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "row\tvalue\tunit\tbar\tholds\tn\tdata\twhy")
	for _, r := range rows {
		bar, holds := "", ""
		if r.Bar != nil && r.Holds != nil {
			bar, holds = r.Bar.String(), yesNo(*r.Holds)
		}
		fmt.Fprintln(columns, strings.Join([]string{r.Name, valueText(r.Value), r.Unit, bar, holds, strconv.Itoa(r.N), r.Data, r.Why}, "\t"))
	}
	return columns.Flush()
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "NO"
}

// valueText shows a number with the digits that a reader can use; the file keeps all of them.
func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return "-"
	case float64:
		return number(roundTo(v, 5))
	default:
		return fmt.Sprint(v)
	}
}

// roundTo keeps so many significant digits.
func roundTo(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// writeRows writes the file in one step, so that a reader never sees half of it.
func writeRows(path string, rows []Row) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false) // "<= 0.01" stays readable
	enc.SetIndent("", "  ")
	if err := enc.Encode(rows); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.WriteFile(path+".new", text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(path+".new", path)
}

// readRows reads a file of rows.
func readRows(path string) ([]Row, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []Row
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, badInput("%s: not a file of rows: %w", path, err)
	}
	return rows, nil
}
