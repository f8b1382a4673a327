package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// writeDocs rewrites the tables in README.md and docs/*.md that stand between
//
//	<!-- proof NAME [PREFIX] -->
//	<!-- end -->
//
// from the committed rows of docs/proof/NAME.json, those whose name begins with PREFIX when it is given. Like a formatter
// in CI it fails when it changed something, so a number in a document is always one that was measured.
func writeDocs(o options, table io.Writer) error {
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		return err
	}
	changed := 0
	for _, file := range append([]string{"README.md"}, files...) {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		fresh, err := fillTables(file, string(text), func(name string) ([]Row, error) {
			return readRows(filepath.Join(o.committed, name+".json"))
		})
		if err != nil {
			return err
		}
		if fresh == string(text) {
			continue
		}
		if err := os.WriteFile(file, []byte(fresh), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(table, "%s: rewritten\n", file)
		changed++
	}
	if changed > 0 {
		return fmt.Errorf("%d documents did not show the committed rows; they do now: look at the difference and commit it", changed)
	}
	fmt.Fprintln(table, "every table shows the committed rows")
	return nil
}

// fillTables replaces what stands between each pair of marks.
func fillTables(place, text string, rowsOf func(name string) ([]Row, error)) (string, error) {
	var out strings.Builder
	inTable := false
	for i, line := range strings.SplitAfter(text, "\n") {
		mark, isMark := strings.CutPrefix(strings.TrimSpace(line), "<!-- proof ")
		if strings.TrimSpace(line) == "<!-- end -->" {
			inTable = false
		}
		if !inTable {
			out.WriteString(line)
		}
		if !isMark {
			continue
		}
		fields := strings.Fields(strings.TrimSuffix(mark, "-->"))
		if len(fields) == 0 || len(fields) > 2 || inTable {
			return "", badInput("%s:%d: want <!-- proof NAME [PREFIX] --> closed by <!-- end -->", place, i+1)
		}
		rows, err := rowsOf(fields[0])
		if err != nil {
			return "", fmt.Errorf("%s:%d: %w", place, i+1, err)
		}
		out.WriteString(markdownTable(rows, strings.Join(fields[1:], "")))
		inTable = true
	}
	if inTable {
		return "", badInput("%s: a table is not closed by <!-- end -->", place)
	}
	return out.String(), nil
}

// markdownTable shows the rows whose name begins with prefix.
func markdownTable(rows []Row, prefix string) string {
	var out strings.Builder
	out.WriteString("| row | value | unit | bar | holds | why |\n|---|--:|---|---|---|---|\n")
	for _, r := range rows {
		if !strings.HasPrefix(r.Name, prefix) {
			continue
		}
		bar, holds := "", ""
		if r.Bar != nil && r.Holds != nil {
			bar, holds = r.Bar.String(), yesNo(*r.Holds)
		}
		cells := []string{r.Name, valueText(r.Value), r.Unit, bar, holds, r.Why}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	return out.String()
}
