package scenario

import (
	"errors"
	"fmt"
	"strings"

	"reprise/bess"
	"reprise/config"
)

// story reads the timed lines.
func (l *loader) story() {
	n := l.doc.Story
	if n == nil {
		return
	}
	if n.Shape != config.Block && n.Shape != config.Scalar {
		l.fault("story", errors.New("the story is not a text: write \"story: |\" and its lines indented below"))
		return
	}
	lines, faults := Story(n.Text, n.Place, l.out)
	l.out.Story = lines
	l.decoder.Faults = append(l.decoder.Faults, faults...)
}

// Story reads lines of a story that belong to a scenario whose unit, vehicles, start, zone and length are known. place is
// that of the first character. A line that is not understood is left out and named.
func Story(text string, place config.Place, s *Scenario) ([]Line, config.Faults) {
	r := storyReader{scenario: s, place: place}
	r.clock.start = timeIn(s)
	r.now = s.Start
	lines := strings.Split(text, "\n")
	if len(lines) > mostLines {
		return nil, config.Faults{{Place: place, Path: "story", What: fmt.Sprintf("the story has %d lines", len(lines)), Do: fmt.Sprintf("write at most %d", mostLines)}}
	}
	for i, line := range lines {
		r.line(i, strings.TrimRight(line, " \t\r"))
	}
	return r.lines, r.faults
}

// storyReader carries the time from line to line.
type storyReader struct {
	scenario *Scenario
	place    config.Place
	clock    wallClock
	now      int64
	within   bess.Span
	hold     bess.Span
	began    bool
	lines    []Line
	faults   config.Faults
}

// line reads one line.
func (s *storyReader) line(number int, text string) {
	place := s.place
	place.Line += number
	words, err := wordsOf(text)
	var bad *wordError
	if errors.As(err, &bad) {
		s.faults = append(s.faults, bad.fault(place, text))
		return
	}
	if len(words) == 0 {
		return
	}
	r := lineReader{words: words, width: len(text), unit: s.scenario.Unit, known: s.scenario.Vehicles, clock: s.clock, now: s.now}
	defer func() {
		trouble := recover()
		if trouble == nil {
			return
		}
		bad, ok := trouble.(*wordError)
		if !ok {
			panic(trouble)
		}
		s.faults = append(s.faults, bad.fault(place, text))
	}()
	s.time(&r, text[0] == ' ' || text[0] == '\t')
	said := r.column()
	statement := r.statement()
	if r.more() {
		r.fail(r.column(), "%q is too much: one statement a line", r.peek())
	}
	if _, expects := statement.(Expect); !expects && (s.within > 0 || s.hold > 0) {
		r.fail(said, "only an expectation can come true within a span or hold for one: begin the line with a time")
	}
	s.lines = append(s.lines, Line{
		At: bess.Span(s.now - s.scenario.Start), Within: s.within, Hold: s.hold, Statement: statement,
		Place: config.Place{File: place.File, Line: place.Line, Column: place.Column + said - 1}, Text: text[said-1 : r.end()],
	})
}

// time reads the beginning of a line: a time, "within", "for", or only spaces.
func (s *storyReader) time(r *lineReader, indented bool) {
	column := r.column()
	first := r.peek()
	switch {
	case first == "within" || first == "for":
		if !s.began {
			r.fail(column, "no line with a time stands before it: begin with one")
		}
		r.at++
		s.within, s.hold = 0, 0
		if first == "within" {
			s.within = r.span()
		} else {
			s.hold = r.span()
		}
	case first == "day" || first != "" && first[0] >= '0' && first[0] <= '9':
		at := s.moment(r, column)
		if at < s.now {
			r.fail(column, "the story goes back in time: sort its lines, or write the day, such as \"day 2 08:00\"")
		}
		if at > s.scenario.End() {
			r.fail(column, "the scenario ends before: make it longer or leave the line out")
		}
		s.now, s.within, s.hold, s.began = at, 0, 0, true
		r.now = at
	case !indented || !s.began:
		r.fail(column, "the line has no time: begin with one such as 12:05, or with spaces below a line that has one")
	}
}

// moment is the time of a line: on the day of the line before unless it names one.
func (s *storyReader) moment(r *lineReader, column int) int64 {
	if r.peek() == "day" {
		return r.moment()
	}
	of, err := timeOfDay(r.take("a time"))
	if err != nil {
		r.fail(column, "%s", err)
	}
	return s.clock.at(s.clock.dayOf(s.now), of)
}
