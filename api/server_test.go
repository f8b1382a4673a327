package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"reprise/bess"
	"reprise/ledger"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func serve(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// call makes one request in process and gives its answer.
func call(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestUnitIsThePicture(t *testing.T) {
	m := play(fixture(t, "calm"))
	s := serve(t, Options{Machine: m})
	w := call(s, "GET", "/api/v1/unit", "")
	want, err := json.Marshal(m.picture)
	if err != nil {
		t.Fatal(err)
	}
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != string(want) {
		t.Errorf("got %d, %.200s; want the picture as published", w.Code, w.Body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q: live data must not be kept", got)
	}
}

func TestBeforeTheFirstTick(t *testing.T) {
	s := serve(t, Options{Machine: play(nil)})
	for _, path := range []string{"/api/v1/unit", "/api/v1/history", "/readyz"} {
		if w := call(s, "GET", path, ""); w.Code != 503 {
			t.Errorf("%s: %d, want 503", path, w.Code)
		}
	}
	if w := call(s, "POST", "/api/v1/requests", `{"verb":"start","person":"J. Moss"}`); w.Code != 503 {
		t.Errorf("a request before the first tick: %d, want 503", w.Code)
	}
	for _, path := range []string{"/healthz", "/metrics"} {
		if w := call(s, "GET", path, ""); w.Code != 200 {
			t.Errorf("%s: %d, want 200", path, w.Code)
		}
	}
}

// soundRecord is an arrival check that found nothing wrong.
const soundRecord = `{"earthing":"TN-S","poles":3,"neutral":true,"earth":true,"forward":true,"neutral_to_earth_v":0.6,"agreed_w":40000}`

// arrivalRecord is that check with one finding in the place of another.
func arrivalRecord(of, by string) string {
	return `{"verb":"feeder-record","target":0,"person":"J. Moss","record":` + strings.Replace(soundRecord, of, by, 1) + `}`
}

func TestRequests(t *testing.T) {
	const record = soundRecord
	for _, c := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"start", `{"verb":"start","person":"J. Moss"}`, 200, `"granted":true`},
		{"priority", `{"verb":"circuit-priority","target":1,"number":3,"person":"J. Moss"}`, 200, ""},
		{"arrival record", `{"verb":"feeder-record","target":0,"person":"J. Moss","record":` + record + `}`, 200, ""},
		{"no earth", arrivalRecord(`"earth":true`, `"earth":false,"override":"none needed"`), 422, "must not be used"},
		{"no neutral", arrivalRecord(`"neutral":true`, `"neutral":false,"override":"none needed"`), 422, "400 V"},
		{"live neutral", arrivalRecord(`:0.6`, `:51,"override":"none needed"`), 422, "above 50 V"},
		{"raised neutral", arrivalRecord(`:0.6`, `:12`), 422, "with a reason"},
		{"raised neutral, blank reason", arrivalRecord(`:0.6`, `:12,"override":"  "`), 422, "with a reason"},
		{"raised neutral, explained", arrivalRecord(`:0.6`, `:12,"override":"welding set on L1"`), 200, `"granted":true`},
		{"reversed", arrivalRecord(`"forward":true`, `"forward":false`), 422, "rotation is reversed"},
		{"PME with vehicles", arrivalRecord(`TN-S`, `PME`), 422, "722.411.4.1"},
		{"too long", arrivalRecord(`:0.6`, `:0.6,"valid_in_days":91`), 422, "valid_in_days"},
		{"booking", `{"verb":"booking","target":2,"energy_wh":12000,"from":1000,"until":2000,"expires_in_s":86400}`, 200, ""},
		{"no such verb", `{"verb":"explode"}`, 422, "body.verb"},
		{"unknown member", `{"verb":"start","turbo":true}`, 422, "body.turbo"},
		{"unknown member of the record", `{"verb":"start","record":{"earthing":"TT","poles":1,"neutral":true,"earth":true,"neutral_to_earth_v":0,"agreed_w":1,"x":1}}`, 422, "body.record.x"},
		{"no target", `{"verb":"outlet-off"}`, 422, "body.target"},
		{"negative target", `{"verb":"outlet-off","target":-1}`, 422, "body.target"},
		{"nobody starts", `{"verb":"start"}`, 422, "body.person"},
		{"nobody stops", `{"verb":"stop"}`, 422, "body.person"},
		{"nobody switches", `{"verb":"circuit-off","target":0}`, 422, "body.person"},
		{"danger needs no name", `{"verb":"emergency-stop"}`, 200, ""},
		{"no person", `{"verb":"reset","target":2,"number":21}`, 422, "body.person"},
		{"blank person", `{"verb":"pack-out","target":2,"person":"  "}`, 422, "body.person"},
		{"no serial", `{"verb":"pack-in","target":2,"person":"J. Moss"}`, 422, "body.text"},
		{"no record", `{"verb":"feeder-record","target":0,"person":"J. Moss"}`, 422, "body.record"},
		{"rotation not measured", `{"verb":"feeder-record","target":0,"person":"J","record":{"earthing":"TT","poles":3,"neutral":true,"earth":true,"neutral_to_earth_v":0,"agreed_w":1}}`, 422, "body.record.forward"},
		{"negative power", `{"verb":"import-cap","power_w":-1}`, 422, "body.power_w"},
		{"already expired", `{"verb":"start","expires_in_s":0.5}`, 422, "body.expires_in_s"},
		{"not JSON", `start`, 400, "problem"},
		{"nothing", ``, 400, "body"},
		{"two values", `{"verb":"start"}{"verb":"stop"}`, 400, ""},
		{"too long", `{"verb":"start","text":"` + strings.Repeat("x", 20000) + `"}`, 413, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := play(fixture(t, "calm"))
			w := call(serve(t, Options{Machine: m}), "POST", "/api/v1/requests", c.body)
			if w.Code != c.status || !strings.Contains(w.Body.String()+w.Header().Get("Content-Type"), c.says) {
				t.Errorf("got %d %s; want %d with %q", w.Code, w.Body, c.status, c.says)
			}
			if c.status != 200 && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("an error came as %q", w.Header().Get("Content-Type"))
			}
			if got := len(m.requests()); (got == 1) != (c.status == 200) {
				t.Errorf("the unit was asked %d times", got)
			}
		})
	}
}

func TestRequestCarriesSourceAndExpiry(t *testing.T) {
	m := play(fixture(t, "calm"))
	s := serve(t, Options{Machine: m})
	call(s, "POST", "/api/v1/requests", `{"verb":"visit-need","target":3,"energy_wh":8000,"until":1623778200000,"person":" J. Moss ","expires_in_s":20}`)
	asked := m.requests()
	if len(asked) != 1 {
		t.Fatalf("asked %d times", len(asked))
	}
	want := bess.Request{
		By: bess.SourceOperator, Person: "J. Moss", Expires: m.picture.Now + 20000, Verb: bess.VisitNeed, Target: 3, Energy: 8000,
		Until: bess.Civil{UnixMilli: 1623778200000, ZoneOffset: 3600, Trust: bess.TrustHigh},
	}
	if !reflect.DeepEqual(asked[0], want) {
		t.Errorf("got  %+v\nwant %+v", asked[0], want)
	}
	call(s, "POST", "/api/v1/requests", `{"verb":"stop","person":"J. Moss"}`)
	if r := m.requests()[1]; r.Target != bess.Nobody || r.Expires != m.picture.Now+10000 {
		t.Errorf("without target and expiry: %+v; want nobody, ten seconds", r)
	}
	from := m.picture.UnixMilli + 3_600_000
	call(s, "POST", "/api/v1/requests", fmt.Sprintf(`{"verb":"booking","target":1,"energy_wh":9000,"from":%d,"until":%d}`, from, from+7_200_000))
	if r := m.requests()[2]; r.Expires != m.picture.Now+10_800_000 {
		t.Errorf("a booking expires %d ms from now, want its end in three hours", r.Expires-m.picture.Now)
	}
}

func TestRefusalIsASentence(t *testing.T) {
	m := play(fixture(t, "calm"))
	m.answer = bess.Answer{Why: bess.RefusedLatched}
	w := call(serve(t, Options{Machine: m}), "POST", "/api/v1/requests", `{"verb":"start","person":"J. Moss"}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"granted":false`) || !strings.Contains(w.Body.String(), bess.RefusedLatched.Sentence()) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	m.fails = errors.New("the loop has ended at /dev/secret")
	w = call(serve(t, Options{Machine: m}), "POST", "/api/v1/requests", `{"verb":"start","person":"J. Moss"}`)
	if w.Code != 503 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("a failure: %d %s; want 503 without its inner cause", w.Code, w.Body)
	}
}

// The description names every verb that the unit knows, and no other.
func TestVerbsAreDescribed(t *testing.T) {
	field, _ := reflect.TypeFor[RequestBody]().FieldByName("Verb")
	var known []string
	for v := bess.Start; v.String() != "unknown verb"; v++ {
		known = append(known, v.String())
	}
	if got := strings.Split(field.Tag.Get("enum"), ","); !reflect.DeepEqual(got, known) {
		t.Errorf("described %v\nknown     %v", got, known)
	}
}

func TestOpenAPIIsAsWritten(t *testing.T) {
	s := serve(t, Options{Machine: play(fixture(t, "calm"))})
	text, err := s.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	golden := filepath.Join("testdata", "openapi.json")
	if *update {
		if err := os.WriteFile(golden, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pretty.Bytes(), want) {
		t.Errorf("the surface has changed: read the difference after \"go test ./api -update\"")
	}
	if w := call(s, "GET", "/api/openapi.json", ""); w.Code != 200 || !json.Valid(w.Body.Bytes()) {
		t.Errorf("/api/openapi.json: %d", w.Code)
	}
}

func TestAbsentRoomsSaySo(t *testing.T) {
	s := serve(t, Options{Machine: play(fixture(t, "calm"))})
	for path, says := range map[string]string{
		"/api/v1/events": "store", "/api/v1/entries": "ledger", "/api/v1/entries.csv": "ledger", "/api/v1/report.pdf": "report", "/api/v1/bench": "bench",
		"/api/v1/nothing": "openapi.json", "/api/v2/unit": "openapi.json",
	} {
		if w := call(s, "GET", path, ""); w.Code != 404 || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := call(s, "POST", "/api/v1/alarms/test", `{"person":"J. Moss"}`); w.Code != 404 {
		t.Errorf("alarm test without addresses: %d", w.Code)
	}
	if w := call(s, "GET", "/api/v1/unit?verbose=1", ""); w.Code != 422 {
		t.Errorf("an unknown query parameter: %d, want 422", w.Code)
	}
}

// ledgerOf is a ledger in memory.
type ledgerOf []bess.Entry

func (l ledgerOf) Entries(_ context.Context, after uint64, limit int) ([]bess.Entry, error) {
	var out []bess.Entry
	for _, e := range l {
		if e.Number > after && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func TestLedgerAsCSV(t *testing.T) {
	var books ledgerOf
	for n := range uint64(1203) {
		books = append(books, bess.Entry{
			Number: n + 1, From: bess.Civil{UnixMilli: 1623773040000, ZoneOffset: 3600},
			Legs: []bess.Leg{{Kind: bess.AccountFeeder, MilliWattHour: -5}, {Kind: bess.AccountPack, Index: 2, MilliWattHour: 5}},
		})
	}
	s := serve(t, Options{Machine: play(fixture(t, "calm")), Books: books})
	w := call(s, "GET", "/api/v1/entries.csv?after=3", "")
	read, err := ledger.ReadCSV(w.Body)
	if w.Code != 200 || err != nil || len(read) != 1200 {
		t.Fatalf("got %d, %v and %d entries, want all after the third in more than one batch, as the auditor's check reads them", w.Code, err, len(read))
	}
	if e := &read[0]; e.Number != 4 || e.From.UnixMilli != 1623773040000 || e.From.ZoneOffset != 3600 || e.Legs[1].MilliWattHour != 5 {
		t.Errorf("the first entry came back as %+v", e)
	}
	if w := call(s, "GET", "/api/v1/entries?limit=2", ""); w.Code != 200 || strings.Count(w.Body.String(), `"number"`) != 2 {
		t.Errorf("entries: %d %s", w.Code, w.Body)
	}
}

func TestHistory(t *testing.T) {
	s := serve(t, Options{Machine: play(fixture(t, "calm"))})
	w := call(s, "GET", "/api/v1/history?points=100&series=soc,grid", "")
	var h History
	if w.Code != 200 || !strings.Contains(w.Body.String(), "null") {
		t.Fatalf("%d %.200s; want a gap as null", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil || len(h.Times) != 100 {
		t.Errorf("%v, %d times", err, len(h.Times))
	}
	for _, bad := range []string{"?from=5&to=5", "?points=1", "?points=5000", "?from=x", "?to=-1"} {
		if w := call(s, "GET", "/api/v1/history"+bad, ""); w.Code != 422 {
			t.Errorf("%s: %d, want 422", bad, w.Code)
		}
	}
}

func TestMetrics(t *testing.T) {
	s := serve(t, Options{Machine: play(fixture(t, "first"))})
	call(s, "GET", "/api/v1/unit", "")
	text := call(s, "GET", "/metrics", "").Body.String()
	for _, want := range []string{`reprise_info{network="dead"`, `reprise_pack_soc_ratio{pack="Pack 1"} 0.71`, `reprise_http_requests_total{class="2xx",method="GET"} 1`, `reprise_alarms{level="open all"} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if strings.Contains(text, `reprise_pack_soc_ratio{pack="Pack 7"}`) {
		t.Error("an unknown state of charge is left out, not printed as a number")
	}
}

func TestPageIsServed(t *testing.T) {
	built := fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html><title>Reprise</title>" + strings.Repeat(" ", 400))},
		"assets/a-1234.js": {Data: []byte(strings.Repeat("let a = 1\n", 100))},
		"placeholder":      {Data: []byte("x")},
	}
	s := serve(t, Options{Machine: play(fixture(t, "calm")), Page: built})
	w := call(s, "GET", "/", "", "Accept-Encoding", "gzip")
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Cache-Control") != "no-cache" ||
		!strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the page: %d %v", w.Code, w.Header())
	}
	if again := call(s, "GET", "/", "", "If-None-Match", w.Header().Get("ETag")); again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("asked again: %d with %d bytes, want 304 with none", again.Code, again.Body.Len())
	}
	w = call(s, "GET", "/assets/a-1234.js", "")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("an asset: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/assets/none.js", "/placeholder", "/../secret"} {
		if w := call(s, "GET", path, ""); w.Code == 200 {
			t.Errorf("%s was served", path)
		}
	}
	if w := call(s, "POST", "/", `{}`); w.Code != 405 {
		t.Errorf("POST on the page: %d, want 405", w.Code)
	}
	unbuilt := serve(t, Options{Machine: play(fixture(t, "calm")), Page: fstest.MapFS{"placeholder": {}}})
	if w := call(unbuilt, "GET", "/", ""); w.Code != 503 || !strings.Contains(w.Body.String(), "make web") {
		t.Errorf("without a built page: %d %s", w.Code, w.Body)
	}
}

// benchOf is a bench with a switch.
type benchOf struct{ orders []BenchOrder }

func (b *benchOf) Bench() BenchState {
	return BenchState{Speed: 1, Speeds: []float64{1, 10, 60}, Acts: []BenchAct{
		{Name: "heat-cell", Title: "Heat a cell", Unit: "degC", Least: 20, Most: 90, Usual: 61, Undo: true, Targets: []BenchTarget{{Index: 0, Name: "Pack 1"}, {Index: 1, Name: "Pack 2"}, {Index: 2, Name: "Pack 3", Active: true}}},
		{Name: "pull-plug", Title: "Pull a vehicle's plug", Targets: []BenchTarget{{Index: 0, Name: "Outlet 1"}, {Index: 3, Name: "Outlet 4"}}},
		{Name: "fail-feeder", Title: "Fail a supply", Undo: true, Targets: []BenchTarget{{Index: 0, Name: "Grid"}}},
		{Name: "kill-process", Title: "Kill a process", Targets: []BenchTarget{{Index: 0, Name: "controller"}, {Index: 1, Name: "guard"}}},
	}}
}

func (b *benchOf) Act(_ context.Context, o BenchOrder) error {
	if o.Act == "nothing" {
		return errors.New("there is no such act")
	}
	b.orders = append(b.orders, o)
	return nil
}

func TestBench(t *testing.T) {
	b := &benchOf{}
	s := serve(t, Options{Machine: play(fixture(t, "calm")), Bench: b})
	if w := call(s, "POST", "/api/v1/bench", `{"act":"heat-cell","target":2,"value":61}`); w.Code != 200 || len(b.orders) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := call(s, "POST", "/api/v1/bench", `{"act":"nothing"}`); w.Code != 409 || !strings.Contains(w.Body.String(), "no such act") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func FuzzRequestBody(f *testing.F) {
	for _, seed := range []string{`{"verb":"start"}`, `{"verb":"booking","target":2,"energy_wh":12000,"from":1,"until":2}`, `{"verb":"feeder-record","target":0,"person":"a","record":{"earthing":"TT","poles":1,"neutral":true,"earth":true,"neutral_to_earth_v":0,"agreed_w":1}}`, `[]`, `{"verb":1e999}`, "\x00"} {
		f.Add([]byte(seed))
	}
	m := play(fixture(f, "calm"))
	s := serve(f, Options{Machine: m})
	f.Fuzz(func(t *testing.T, body []byte) {
		before := len(m.requests())
		w := call(s, "POST", "/api/v1/requests", string(body))
		asked := m.requests()[before:]
		if (w.Code == 200) != (len(asked) == 1) || w.Code >= 500 {
			t.Fatalf("%d for %q, and the unit was asked %d times", w.Code, body, len(asked))
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("the answer is not JSON: %q", w.Body)
		}
		for _, r := range asked {
			if r.By == bess.SourceNone || r.Expires <= m.picture.Now || r.Energy < 0 || r.Power < 0 || r.Target < bess.Nobody {
				t.Fatalf("a request without source, expiry or with values out of range: %+v", r)
			}
		}
	})
}
