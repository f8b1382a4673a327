package scenario

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
	"reprise/config"
)

// mostLines bounds a story.
const mostLines = 2000

// word is one word of a line with its column, counted from one. A text in double quotes is one word.
type word struct {
	text   string
	column int
	quoted bool
}

// wordsOf splits a line; "#" outside quotes begins a comment.
func wordsOf(line string) ([]word, error) {
	var words []word
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#':
			return words, nil
		case c == '"':
			end := strings.IndexByte(line[i+1:], '"')
			if end < 0 {
				return words, &wordError{i + 1, "the quote is not closed: write a second \""}
			}
			words = append(words, word{line[i+1 : i+1+end], i + 1, true})
			i += end + 2
		default:
			end := strings.IndexAny(line[i:], " \t\r#\"")
			if end < 0 {
				end = len(line) - i
			}
			words = append(words, word{line[i : i+end], i + 1, false})
			i += end
		}
	}
	return words, nil
}

// wordError is a fault at a column of a line; what and advice are parted by ": ".
type wordError struct {
	column int
	text   string
}

func (e *wordError) Error() string { return e.text }

// lineReader walks through the words of one line. Its methods panic with a wordError, which the story catches: a line
// is either understood whole or not at all.
type lineReader struct {
	words []word
	at    int
	width int
	unit  *bess.Unit
	known []Vehicle
	clock wallClock
	now   int64 // ms since 1970 UTC of this line
}

func (r *lineReader) fail(column int, format string, args ...any) {
	panic(&wordError{column, fmt.Sprintf(format, args...)})
}

// column is that of the next word, or of the end of the line.
func (r *lineReader) column() int {
	if r.at < len(r.words) {
		return r.words[r.at].column
	}
	return r.width + 1
}

// end is where the last word ends, as an index into the line: what follows is a comment.
func (r *lineReader) end() int {
	last := r.words[len(r.words)-1]
	end := last.column - 1 + len(last.text)
	if last.quoted {
		end += 2
	}
	return end
}

func (r *lineReader) more() bool { return r.at < len(r.words) }

// peek is the next word, empty at the end of the line.
func (r *lineReader) peek() string {
	if r.more() {
		return r.words[r.at].text
	}
	return ""
}

// take is the next word; hint says what is expected when there is none.
func (r *lineReader) take(hint string) string {
	if !r.more() {
		r.fail(r.column(), "the line ends too early: write %s", hint)
	}
	r.at++
	return r.words[r.at-1].text
}

// is takes the next word if it is this one.
func (r *lineReader) is(text string) bool {
	if r.peek() == text && r.more() && !r.words[r.at].quoted {
		r.at++
		return true
	}
	return false
}

// one takes the next word, which must be one of these.
func (r *lineReader) one(words ...string) string {
	column := r.column()
	text := r.take(orWords(words))
	if !slices.Contains(words, text) {
		r.fail(column, "%q is not known here: write %s", text, orWords(words))
	}
	return text
}

func orWords(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// part takes a part's number or name.
func (r *lineReader) part(kind string, names []string) int {
	column := r.column()
	i, err := part(kind, r.take("the number or name of "+kind), names)
	if err != nil {
		r.fail(column, "%s", err)
	}
	return i
}

func (r *lineReader) pack() int    { return r.part("pack", packNames(r.unit)) }
func (r *lineReader) outlet() int  { return r.part("outlet", outletNames(r.unit)) }
func (r *lineReader) circuit() int { return r.part("circuit", circuitNames(r.unit)) }
func (r *lineReader) feeder() int  { return r.part("feeder", feederNames(r.unit)) }

// feederOf takes a feeder of one kind.
func (r *lineReader) feederOf(kind bess.FeederKind) int {
	column := r.column()
	i := r.feeder()
	if r.unit.Feeders[i].Kind != kind {
		r.fail(column, "feeder %d is a %s, not a %s: name another", i+1, r.unit.Feeders[i].Kind, kind)
	}
	return i
}

// amount takes a number with its unit, together or as two words.
func (r *lineReader) amount(example string) (text string, column int) {
	column = r.column()
	text = r.take("an amount such as " + example)
	if r.more() && endsInDigit(text) && isUnit(r.peek()) {
		text += " " + r.take("")
	}
	return text, column
}

func endsInDigit(s string) bool { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }

// isUnit tells units from the words that may follow an amount.
func isUnit(s string) bool {
	return slices.Contains([]string{
		"W", "kW", "MW", "Wh", "kWh", "MWh", "V", "mV", "kV", "A", "mA", "kA", "C", "°C", "degC", "%", "Hz", "ms", "s", "min",
		"h", "d", "ohm", "kohm", "Mohm", "mohm", "VA", "kVA", "L", "ppm", "deg",
	}, s)
}

// quantityOf takes an amount of one kind.
func quantityOf[T si.Number](r *lineReader, parse func(string) (T, error), example string) T {
	text, column := r.amount(example)
	x, err := parse(text)
	if err != nil {
		r.fail(column, "%s", err)
	}
	return x
}

func (r *lineReader) watts() si.Watts { return positive(r, quantityOf(r, si.ParseWatts, "7.4 kW")) }
func (r *lineReader) energy() si.WattHours {
	return positive(r, quantityOf(r, si.ParseWattHours, "12 kWh"))
}
func (r *lineReader) celsius() si.Celsius { return quantityOf(r, si.ParseCelsius, "61 C") }
func (r *lineReader) ratio() si.Ratio     { return positive(r, quantityOf(r, si.ParseRatio, "20 %")) }
func (r *lineReader) volts() si.Volts     { return positive(r, quantityOf(r, si.ParseVolts, "500 V")) }

func positive[T si.Number](r *lineReader, x T) T {
	if x < 0 {
		r.fail(r.words[r.at-1].column, "the amount is negative: write its magnitude")
	}
	return x
}

// span takes a length of time.
func (r *lineReader) span() bess.Span {
	column := r.column()
	t := quantityOf(r, si.ParseSeconds, "5 s")
	if t < 0 || t > longest.Seconds() {
		r.fail(column, "the span is negative or longer than 400 days: correct it")
	}
	return bess.SpanOf(t)
}

// moment takes "17:30" or "day 2 17:30". Without a day it is the next such time after now.
func (r *lineReader) moment() int64 {
	day := 0
	if r.is("day") {
		day = r.count("a day", 1, int(longest/bess.Day))
	}
	column := r.column()
	of, err := timeOfDay(r.take("a time such as 17:30"))
	if err != nil {
		r.fail(column, "%s", err)
	}
	if day > 0 {
		return r.clock.at(day, of)
	}
	today := r.clock.dayOf(r.now)
	if at := r.clock.at(today, of); at >= r.now {
		return at
	}
	return r.clock.at(today+1, of)
}

// count takes a whole number.
func (r *lineReader) count(what string, least, most int) int {
	column := r.column()
	text := r.take("the number of " + what)
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > most {
			r.fail(column, "%q is not %s: write %d to %d", text, what, least, most)
		}
		n = n*10 + int(c-'0')
	}
	if text == "" || n < least || n > most {
		r.fail(column, "%q is not %s: write %d to %d", text, what, least, most)
	}
	return n
}

// rangeOf takes "7.0..7.4 kW", ">= 10 kWh", "<= 3 kW" or "50 Hz".
func rangeOf[T si.Number](r *lineReader, parse func(string) (T, error), example string) (low, high float64) {
	column := r.column()
	switch {
	case r.is(">="):
		return float64(quantityOf(r, parse, example)), math.Inf(1)
	case r.is("<="):
		return math.Inf(-1), float64(quantityOf(r, parse, example))
	}
	text, _ := r.amount("a range such as " + example)
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		from, to = text, text
	} else {
		number := strings.TrimRight(to, "%°abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/ ")
		from += to[len(number):]
	}
	x, err := parse(from)
	if err == nil {
		var y T
		if y, err = parse(to); err == nil && x <= y {
			return float64(x), float64(y)
		}
	}
	if err == nil {
		r.fail(column, "the range %q does not rise: swap its ends", text)
	}
	r.fail(column, "%s", err)
	return 0, 0
}

// fault is a wordError as a fault of the file.
func (e *wordError) fault(place config.Place, text string) config.Fault {
	what, do, _ := strings.Cut(e.text, ": ")
	place.Column += e.column - 1
	return config.Fault{Place: place, Path: "story", What: what, Do: do}
}
