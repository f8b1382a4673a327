// Command mutants proves that the storm finds bugs: it plants one seeded bug
// after the other in a temporary copy of the project and lets the storm hunt
// it for at most eight unit-days. What a sound copy breaks on the same seeds
// does not count.
//
//	go run ./mutants [--only WORD] [--days 8] [--out FILE]
//
// The list stands in list.txt: a line "@ NAME | FILE", then the lines that are
// taken away, each behind "- ", and those that are put there, behind "+ ".
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed list.txt
var list string

// mutant is one seeded bug.
type mutant struct{ name, file, old, new string }

func read(text string) ([]mutant, error) {
	var all []mutant
	for n, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "@ "):
			name, file, ok := strings.Cut(line[2:], " | ")
			if !ok {
				return nil, fmt.Errorf("list.txt:%d: want \"@ NAME | FILE\"", n+1)
			}
			all = append(all, mutant{name: name, file: file})
		case strings.HasPrefix(line, "- ") && len(all) > 0:
			all[len(all)-1].old += line[2:] + "\n"
		case strings.HasPrefix(line, "+ ") && len(all) > 0:
			all[len(all)-1].new += line[2:] + "\n"
		case line == "" || strings.HasPrefix(line, "#"):
		default:
			return nil, fmt.Errorf("list.txt:%d: %q is not understood", n+1, line)
		}
	}
	for i := range all { // a part of a line may be named: the last line break is not part of it
		all[i].old, all[i].new = strings.TrimSuffix(all[i].old, "\n"), strings.TrimSuffix(all[i].new, "\n")
	}
	return all, nil
}

func main() {
	only := flag.String("only", "", "plant only bugs whose name or file holds this `word`")
	days := flag.Float64("days", 8, "hunt each for so many unit-`days`")
	first := flag.Uint64("seed", 100000, "first `seed`")
	out := flag.String("out", "", "write the table to a `file` as well")
	check := flag.Bool("check", false, "only see whether every bug can be planted and compiles")
	flag.Parse()
	if err := run(*only, *days, *first, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only string, days float64, first uint64, out string, check bool) error {
	all, err := read(list)
	if err != nil {
		return err
	}
	root, err := copyProject()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(root) }() // a temporary copy
	table := io.Writer(os.Stdout)
	if out != "" {
		file, err := os.Create(out)
		if err != nil {
			return fmt.Errorf("writing the table: %w", err)
		}
		defer func() { _ = file.Close() }() // each line is written whole
		table = io.MultiWriter(os.Stdout, file)
	}
	known := filepath.Join(root, "known.txt")
	if !check {
		fmt.Fprintf(os.Stderr, "mutants: a sound copy on the same seeds, %.1f unit-days\n", days)
		sound, err := hunt(root, days, first, "")
		if err != nil {
			return err
		}
		if err := os.WriteFile(known, []byte(sound), 0o600); err != nil {
			return fmt.Errorf("keeping what a sound copy breaks: %w", err)
		}
	}
	fmt.Fprintf(table, "| bug | file | found | by | after unit-days |\n|---|---|---|---|---|\n")
	found, tried := 0, 0
	for _, m := range all {
		if only != "" && !strings.Contains(m.name, only) && !strings.Contains(m.file, only) {
			continue
		}
		tried++
		begin := time.Now()
		row, hit, err := try(root, m, days, first, known, check)
		if err != nil {
			return err
		}
		if hit {
			found++
		}
		fmt.Fprintln(table, row)
		fmt.Fprintf(os.Stderr, "mutants: %s, %.0f s\n", m.name, time.Since(begin).Seconds())
	}
	fmt.Fprintf(table, "\n%d of %d bugs were found.\n", found, tried)
	return nil
}

// try plants a bug, hunts it and takes it away again.
func try(root string, m mutant, days float64, first uint64, known string, check bool) (row string, hit bool, err error) {
	path := filepath.Join(root, m.file)
	sound, err := os.ReadFile(path)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", m.name, err)
	}
	if n := strings.Count(string(sound), m.old); n != 1 {
		return "", false, fmt.Errorf("%s: %q stands %d times in %s: bring list.txt up to date", m.name, m.old, n, m.file)
	}
	sick := strings.Replace(string(sound), m.old, m.new, 1)
	if err := os.WriteFile(path, []byte(sick), 0o600); err != nil {
		return "", false, fmt.Errorf("planting %s: %w", m.name, err)
	}
	defer func() { err = errors.Join(err, os.WriteFile(path, sound, 0o600)) }()
	if check {
		text, err := command(root, nil, "go", "vet", "./"+filepath.Dir(m.file))
		if err != nil {
			return "", false, fmt.Errorf("%s does not compile: %w\n%s", m.name, err, text)
		}
		return fmt.Sprintf("| %s | %s | compiles | | |", m.name, m.file), true, nil
	}
	text, err := hunt(root, days, first, known)
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", m.name, err)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if what, ok := strings.CutPrefix(line, "FOUND "); ok {
			checker, after, _ := strings.Cut(what, " ")
			return fmt.Sprintf("| %s | %s | yes | %s | %s |", m.name, m.file, checker, after), true, nil
		}
	}
	return fmt.Sprintf("| %s | %s | **no** | | |", m.name, m.file), false, nil
}

// hunt builds the storm of the copy and plays seeds until something is broken
// that is not known, or the days are over.
func hunt(root string, days float64, first uint64, known string) (string, error) {
	if text, err := command(root, nil, "go", "test", "-c", "-o", "hunt.test", "./storm"); err != nil {
		return "", fmt.Errorf("building the storm: %w\n%s", err, text)
	}
	more := []string{fmt.Sprintf("STORM_HUNT=%g", days), fmt.Sprintf("STORM_SEED=%d", first), "STORM_KNOWN=" + known}
	text, err := command(filepath.Join(root, "storm"), more, "../hunt.test", "-test.run", "^TestHunt$", "-test.v", "-test.timeout", "0")
	if err != nil {
		return "", fmt.Errorf("hunting: %w\n%s", err, text)
	}
	return text, nil
}

func command(dir string, more []string, name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), more...)
	text, err := c.CombinedOutput()
	return string(text), err
}

// copyProject copies what git knows of the project, without pages and pictures.
func copyProject() (string, error) {
	top, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", fmt.Errorf("finding the project: %w", err)
	}
	from := strings.TrimSpace(string(top))
	names, err := exec.Command("git", "-C", from, "ls-files", "-z", "--", ".", ":(exclude)docs", ":(exclude)web/src").Output()
	if err != nil {
		return "", fmt.Errorf("listing the project: %w", err)
	}
	root, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return "", fmt.Errorf("making room: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // taken away and not yet told to git
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, 0o600)
		}
		if err != nil {
			return root, fmt.Errorf("copying %s: %w", name, err)
		}
	}
	return root, nil
}
