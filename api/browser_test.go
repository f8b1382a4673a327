package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reprise/bess"
	"reprise/internal/require"
)

// The built page in a real browser, served by the real handler, in each of its seven states: what it shows, whether it
// can be read by everybody, how fast it is there, and whether a control reaches the unit. The tests themselves are
// web/test/run.mjs; with REPRISE_SHOTS=1 they also leave all screenshots in web/shots.
func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	web := filepath.Join(require.Root(t), "web")
	node := require.Program(t, require.Node, "node")
	chromium := require.Program(t, require.Browser, "chromium", "chromium-browser", "google-chrome")
	if _, err := os.Stat(filepath.Join(web, "node_modules", "playwright-core")); err != nil {
		require.Tool(t, require.Browser, "the page's test tools are not installed: run \"make web\"")
	}
	if _, err := os.Stat(filepath.Join(web, "dist", "index.html")); err != nil {
		require.Tool(t, require.Browser, "the page was not built: run \"make web\"")
	}
	pages := map[string]string{}
	machines := map[string]*played{}
	for _, name := range fixtureNames() {
		m := play(fixture(t, name))
		if name == "stale" {
			m.every = 0
		}
		machines[name] = m
		server := httptest.NewUnstartedServer(nil)
		server.Config = serve(t, Options{
			Machine: m, Page: os.DirFS(filepath.Join(web, "dist")), Bench: &benchOf{}, Chronicle: storyOf(m.picture), Alarms: mailOf{}, Reporter: paperOf{},
		}).HTTP()
		server.Start()
		defer server.Close()
		pages[name] = server.URL
	}
	locked := httptest.NewUnstartedServer(nil)
	locked.Config = serve(t, Options{Machine: machines["calm"], Page: os.DirFS(filepath.Join(web, "dist")), Token: secret}).HTTP()
	locked.Start()
	defer locked.Close()
	where, err := json.Marshal(pages)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, node, "test/run.mjs")
	run.Dir = web
	run.Env = append(os.Environ(), "REPRISE_PAGES="+string(where), "REPRISE_CHROMIUM="+chromium, "REPRISE_LOCKED="+locked.URL, "REPRISE_TOKEN="+secret)
	run.WaitDelay = 5 * time.Second
	out, err := run.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		t.Log(strings.TrimRight(line, "\n"))
	}
	if err != nil {
		t.Errorf("the page failed: %v", err)
	}
	asked := machines["calm"].requests()
	if len(asked) != 1 || asked[0].Verb != bess.OutletOff || asked[0].Target != 0 || asked[0].By != bess.SourceOperator {
		t.Errorf("the page switched outlet 1 off, and the unit was asked %+v", asked)
	}
	arrived := machines["first"].requests()
	if len(arrived) == 0 || arrived[0].Verb != bess.FeederRecord || arrived[0].Record == nil || arrived[0].Record.Earthing != bess.TNS || arrived[0].Person != "J. Moss" {
		t.Errorf("the arrival check ended with %+v", arrived)
	}
	everyVerb(t, machines)
}

// everyVerb reports which of the unit's verbs the page never used, of those that it is there for.
func everyVerb(t *testing.T, machines map[string]*played) {
	t.Helper()
	seen := map[bess.Verb]bool{}
	for _, m := range machines {
		for _, r := range m.requests() {
			seen[r.Verb] = true
		}
	}
	for v := bess.Start; v.String() != "unknown verb"; v++ {
		switch v {
		case bess.OutletOn, bess.CircuitOn, bess.FeederOn, bess.TransportOff: // the other half of a switch that was used
		default:
			if !seen[v] {
				t.Errorf("the page never asked for %q", v)
			}
		}
	}
}

// What the page says, where the picture puts things for machines of every size, and whether every eye can tell its hues
// apart: web/test/logic.mjs, in node alone. "npm run check" and "npm run lint" look at the sources.
func TestPageLogic(t *testing.T) {
	web := filepath.Join(require.Root(t), "web")
	node := require.Program(t, require.Node, "node")
	if _, err := os.Stat(filepath.Join(web, "node_modules", "vite")); err != nil {
		require.Tool(t, require.Node, "the page's tools are not installed: run \"make web\"")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, node, "test/logic.mjs")
	run.Dir = web
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// storyOf tells a few events around the time of a picture.
func storyOf(p *bess.Picture) Chronicle { return story{p.UnixMilli} }

type story struct{ now int64 }

func (s story) Events(context.Context, int64, int) ([]Event, error) {
	return []Event{
		{At: s.now - 240_000, Kind: "promise", Level: "inform", Where: "Outlet 4", What: "the promise was lowered from 18 to 14.1 kWh by 20:15"},
		{At: s.now - 252_000, Kind: "alarm-raised", Level: "open", Where: "Pack 3", What: "a cell is too hot: 61 °C, limit 60 °C"},
		{At: s.now - 5_400_000, Kind: "request", Level: "none", Where: "Grid", What: "the arrival check was recorded", Person: "J. Moss"},
	}, nil
}

type mailOf struct{}

func (mailOf) TestAlarm(context.Context, string) ([]Delivery, error) {
	return []Delivery{{Way: "e-mail to the site", OK: true}, {Way: "webhook", Why: "it does not answer: check its address"}}, nil
}

type paperOf struct{}

func (paperOf) Report(context.Context, int64, int64) ([]byte, error) {
	return io.ReadAll(strings.NewReader("%PDF-1.7\n%%EOF\n"))
}
