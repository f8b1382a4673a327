package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"reprise/bess"
)

func hirePDF(t *testing.T, h Hire) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHire(&b, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pages(pdf []byte) int { return len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(pdf, -1)) }

func TestHireIsOnePage(t *testing.T) {
	full := sampleHire()
	for range 4 {
		full.Visits = append(full.Visits, full.Visits...)
		full.Faults = append(full.Faults, full.Faults...)
		full.Outages = append(full.Outages, full.Outages...)
		full.Lines = append(full.Lines, full.Lines...)
	}
	for name, h := range map[string]Hire{"usual": sampleHire(), "empty": {From: begin, To: minutes(1)}, "full": full} {
		pdf := hirePDF(t, h)
		keep(t, "hire-"+name+".pdf", pdf)
		if n := pages(pdf); n != 1 || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%s: %d pages", name, n)
		}
		if len(pdf) > 300_000 {
			t.Errorf("%s: %d bytes: too much for a mail from a field", name, len(pdf))
		}
	}
}

// The PDF library stamps its own modification date; all that we draw is the same again.
func TestProfileHasTheSameBytesAgain(t *testing.T) {
	h := sampleHire()
	draw := func() []byte {
		picture, err := profileChart(h.Profile, h.Zones, h.From, h.To, 178, 54)
		if err != nil {
			t.Fatal(err)
		}
		return picture
	}
	if !bytes.Equal(draw(), draw()) {
		t.Error("the same profile gave another picture")
	}
}

func TestHireRefusesTimeRunningBack(t *testing.T) {
	err := WriteHire(&bytes.Buffer{}, Hire{From: begin, To: begin})
	if err == nil || !strings.Contains(err.Error(), "before it begins") {
		t.Errorf("error %v", err)
	}
}

func TestPromiseInWords(t *testing.T) {
	cases := []struct {
		v    HireVisit
		want string
	}{
		{HireVisit{Kept: bess.Yes, By: minutes(60)}, "kept by 08:00"},
		{HireVisit{Kept: bess.No, Why: "left early"}, "not kept: left early"},
		{HireVisit{Kept: bess.No, By: minutes(60)}, "not kept by 08:00"},
		{HireVisit{}, "none was asked"},
		{HireVisit{Asked: bess.Figure{Value: 9, Known: true}}, "none was made"},
		{HireVisit{Running: true, By: minutes(60)}, "still there, due by 08:00"},
	}
	for _, c := range cases {
		if got := promise(&c.v, summer()); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
