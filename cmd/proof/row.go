package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Row is one measured number, and what it was measured against. Names are stable: the gate and the tables of the
// documents find rows by them. Make rows with measured, count or detail; the frame fills Seed.
type Row struct {
	Name  string `json:"name"`  // path-like, "retailer/energy-balance-error"
	Unit  string `json:"unit"`  // of value and bar: "kWh", "%", "us"; "1" for a plain ratio or count
	Value any    `json:"value"` // number, text or truth; nil when it could not be measured, which Why explains
	Bar   *Bar   `json:"bar"`   // what was promised; null on a detail row
	Holds *bool  `json:"holds"` // does Value keep Bar; null on a detail row
	N     int    `json:"n"`     // how many observations stand behind Value
	Seed  uint64 `json:"seed"`  // the seed of the run
	Data  string `json:"data"`  // folders or series that it was measured on; "" for none but the seed
	Why   string `json:"why"`   // what it means, what was chosen, or why the bar was missed
}

// Bar is a promise about one number, both ends included; an end that promises nothing is infinite.
type Bar struct{ low, high float64 }

// atMost promises value <= limit.
func atMost(limit float64) *Bar { return &Bar{math.Inf(-1), limit} }

// atLeast promises value >= limit.
func atLeast(limit float64) *Bar { return &Bar{limit, math.Inf(1)} }

// within promises low <= value <= high.
func within(low, high float64) *Bar { return &Bar{low, high} }

// exactly promises value == target.
func exactly(target float64) *Bar { return &Bar{target, target} }

// String is the promise as people write it: "<= 0.01", ">= 95", "= 0", "7..7.4".
func (b Bar) String() string {
	switch {
	case b.low == b.high:
		return "= " + number(b.low)
	case math.IsInf(b.low, -1):
		return "<= " + number(b.high)
	case math.IsInf(b.high, 1):
		return ">= " + number(b.low)
	default:
		return number(b.low) + ".." + number(b.high)
	}
}

// MarshalText writes the promise as String does, so that a reader of the file sees the direction with the number.
func (b Bar) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (b *Bar) UnmarshalText(text []byte) error {
	parsed, err := parseBar(string(text))
	if err != nil {
		return fmt.Errorf("bar %q: want \"<= x\", \">= x\", \"= x\" or \"x..y\"", text)
	}
	*b = *parsed
	return nil
}

func parseBar(s string) (*Bar, error) {
	if low, high, ok := strings.Cut(s, ".."); ok {
		from, errLow := strconv.ParseFloat(low, 64)
		to, errHigh := strconv.ParseFloat(high, 64)
		return within(from, to), errors.Join(errLow, errHigh)
	}
	sign, text, _ := strings.Cut(s, " ")
	limit, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return nil, err
	case sign == "<=":
		return atMost(limit), nil
	case sign == ">=":
		return atLeast(limit), nil
	case sign == "=":
		return exactly(limit), nil
	}
	return nil, fmt.Errorf("unknown sign %q", sign)
}

// measured is a row with a promise. NaN and infinities are no measurements: their value is nil and the bar is missed.
func measured(name, unit string, value float64, bar *Bar) Row {
	holds := value >= bar.low && value <= bar.high
	row := detail(name, unit, value)
	row.Bar, row.Holds = bar, &holds
	if row.Value == nil {
		holds = false
	}
	return row
}

// detail is a row without a promise: a number, text or truth that explains the others.
func detail(name, unit string, value any) Row {
	if x, ok := value.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
		value = nil
	}
	return Row{Name: name, Unit: unit, Value: value}
}

// from says what a row was measured on: n observations of the named data.
func (r Row) from(n int, data string) Row {
	r.N, r.Data = n, data
	return r
}

// because says what a row means or why it is as it is.
func (r Row) because(format string, args ...any) Row {
	r.Why = fmt.Sprintf(format, args...)
	return r
}

// number writes x with as many digits as it takes to read it back, and no exponent where people do not want one.
func number(x float64) string {
	if a := math.Abs(x); a == 0 || a >= 1e-6 && a < 1e9 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
