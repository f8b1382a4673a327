package safety

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Marks around the traces in docs/safety.md.
const (
	traceBegins = "<!-- trace: made by `go test ./control/safety -update` -->\n"
	traceEnds   = "<!-- end of trace -->\n"
)

// traces renders which story and which checker stand behind each rule.
func traces(t *testing.T, document string) string {
	t.Helper()
	stories, untold, checkers := stories(t), untold(document), checkers(document)
	var b strings.Builder
	b.WriteString("\n| rule | stories | checkers |\n|---|---|---|\n")
	for _, r := range Rules() {
		told := "none: " + untold[r.Name]
		if files := stories[r.Name]; len(files) > 0 {
			told = "`" + strings.Join(files, "`, `") + "`"
		}
		watched := "-"
		if names := checkers[r.Name]; len(names) > 0 {
			watched = "`" + strings.Join(names, "`, `") + "`"
		}
		b.WriteString("| " + strconv.Itoa(int(r.ID)) + " `" + r.Name + "` | " + told + " | " + watched + " |\n")
	}
	return b.String()
}

// stories are the files of examples/safety that say "# rule: NAME", by rule.
func stories(t *testing.T) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob("../../examples/safety/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories in examples/safety: %v", err)
	}
	list := map[string][]string{}
	for _, path := range paths {
		for line := range strings.Lines(read(t, path)) {
			if name, ok := strings.CutPrefix(strings.TrimSpace(line), "# rule: "); ok {
				list[name] = append(list[name], strings.TrimSuffix(filepath.Base(path), ".yaml"))
			}
		}
	}
	return list
}

// section is a part of the document, from its heading to the next.
func section(document, heading string) string {
	_, rest, _ := strings.Cut(document, "\n## "+heading+"\n")
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// rows are the cells of a Markdown table without its head.
func rows(text string) [][]string {
	var list [][]string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		list = append(list, cells)
	}
	if len(list) == 0 {
		return nil
	}
	return list[1:]
}

// untold are the reasons why a rule has no story, by rule.
func untold(document string) map[string]string {
	list := map[string]string{}
	for _, cells := range rows(section(document, "Rules that no story tells")) {
		list[strings.Trim(cells[0], "`")] = cells[1]
	}
	return list
}

// checkers are the storm's checkers behind each rule.
func checkers(document string) map[string][]string {
	list := map[string][]string{}
	for _, cells := range rows(section(document, "Checkers")) {
		for _, rule := range quoted(cells[2]) {
			list[rule] = append(list[rule], strings.Trim(cells[0], "`"))
		}
	}
	return list
}

// quoted are the words between back quotes.
func quoted(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func document(t *testing.T) string {
	t.Helper()
	return read(t, filepath.Join("..", "..", "docs", "safety.md"))
}

func TestEveryRuleIsTraced(t *testing.T) {
	text := document(t)
	stories, untold, names := stories(t), untold(text), map[string]bool{}
	for _, r := range Rules() {
		names[r.Name] = true
		switch told, why := len(stories[r.Name]) > 0, untold[r.Name]; {
		case !told && why == "":
			t.Errorf("rule %d %s has no story in examples/safety and no reason in docs/safety.md", r.ID, r.Name)
		case told && why != "":
			t.Errorf("rule %d %s is called untold in docs/safety.md, but %v tells it", r.ID, r.Name, stories[r.Name])
		}
		if !slices.Contains(quoted(section(text, "Hazards")), r.Name) && r.Family != FamilySoftware {
			t.Errorf("rule %d %s stands behind no hazard of docs/safety.md", r.ID, r.Name)
		}
	}
	for name := range untold {
		if !names[name] {
			t.Errorf("docs/safety.md gives a reason for a rule %q, which does not exist", name)
		}
	}
	for name := range checkers(text) {
		if !names[name] {
			t.Errorf("docs/safety.md names a rule %q behind a checker, which does not exist", name)
		}
	}
}

// The checkers of the document are those of the storm, by their names in its source.
func TestCheckersAreThoseOfTheStorm(t *testing.T) {
	paths, err := filepath.Glob("../../storm/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal("the source of the storm is not found")
	}
	there := map[string]bool{}
	name := regexp.MustCompile(`\) Name\(\) string \{ return "([a-z-]+)" \}`)
	for _, path := range paths {
		for _, m := range name.FindAllStringSubmatch(read(t, path), -1) {
			there[m[1]] = true
		}
	}
	told := map[string]bool{}
	for _, cells := range rows(section(document(t), "Checkers")) {
		checker := strings.Trim(cells[0], "`")
		told[checker] = true
		if !there[checker] {
			t.Errorf("docs/safety.md names a checker %q, which the storm does not have", checker)
		}
	}
	for checker := range there {
		if !told[checker] {
			t.Logf("docs/safety.md does not tell of the storm's checker %q", checker)
		}
	}
}

// Every test, story, file and rule that the document names exists.
func TestDocumentNamesWhatExists(t *testing.T) {
	text := document(t)
	hand, _, _ := strings.Cut(text, tableBegins)
	rules := map[string]bool{}
	for _, r := range Rules() {
		rules[r.Name] = true
	}
	for _, cells := range append(rows(section(text, "Hazards")), rows(section(text, "Topics of the field's standards"))...) {
		column := 2
		if len(cells) == 5 && strings.HasPrefix(cells[0], "**") {
			column = 3
		}
		for _, name := range quoted(cells[column-1]) {
			if !rules[name] {
				t.Errorf("the row %q names a rule %q, which does not exist", cells[0], name)
			}
		}
		if len(quoted(cells[3])) == 0 {
			t.Errorf("the row %q names no evidence", cells[0])
		}
	}
	tests := regexp.MustCompile(`^([a-z0-9/]+)\.(Test[A-Za-z0-9_]+)$`)
	for _, name := range quoted(hand) {
		switch m := tests.FindStringSubmatch(name); {
		case m != nil:
			if !hasTest(t, m[1], m[2]) {
				t.Errorf("the test %s does not exist", name)
			}
		case strings.HasPrefix(name, "examples/") && !strings.Contains(name, "*"):
			if _, err := os.Stat(filepath.Join("..", "..", name)); err != nil {
				t.Errorf("%v", err)
			}
		}
	}
	for _, heading := range []string{"Network states", "Forming and earthing", "What acts and what it holds"} {
		if !strings.Contains(section(text, heading), "Held by `") {
			t.Errorf("the section %q names no test", heading)
		}
	}
	// Each promise of the argument names what holds it.
	claims := regexp.MustCompile(`(?m)^\d+\. `).Split(section(text, "The argument"), -1)[1:]
	if len(claims) == 0 {
		t.Error("the argument has no claims")
	}
	for i, claim := range claims {
		if !strings.Contains(claim, "Held by `") {
			t.Errorf("claim %d of the argument names no test: %.60s", i+1, claim)
		}
	}
}

// hasTest reports whether a folder's test files hold a test of that name.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(paths, func(path string) bool {
		return strings.Contains(read(t, path), "\nfunc "+name+"(t *testing.T)")
	})
}
