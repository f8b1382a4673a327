package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"reprise/bess"
	"reprise/bess/si"
)

// spellings are the words of an enumeration in the order of its values, nil for other types.
func spellings(t reflect.Type) []string {
	switch reflect.Zero(t).Interface().(type) {
	case bess.Topology:
		return []string{"converter-per-pack", "switched-packs"}
	case bess.Regulator:
		return []string{"none", "inverter", "converters", "pack"}
	case bess.Chemistry:
		return []string{"NMC", "NMC811", "LMO", "LFP", "NCA"}
	case bess.Closing:
		return []string{"external", "can", "wake"}
	case bess.FeederKind:
		return []string{"grid", "generator", "solar", "ccs"}
	case bess.FeederMode:
		return []string{"charge-only", "parallel", "export", "transfer", "supported"}
	case bess.Earthing:
		return []string{"unknown", "TN-S", "PME", "TT", "generator"}
	case bess.Inrush:
		return []string{"low", "motor", "transformer"}
	case bess.OutletKind:
		return []string{"ac", "rapid"}
	case bess.Sharing:
		return []string{"equitable", "first-come", "priority-classes", "most-finished"}
	case bess.Tri:
		return []string{"unknown", "no", "yes"}
	case bess.Input:
		names := make([]string, bess.InputCount)
		for i := range names {
			names[i] = strings.ReplaceAll(bess.Input(i).String(), " ", "-")
		}
		return names
	case Role:
		return roleNames()
	case Rule:
		return []string{"none", "crc8-j1850", "crc8-leaf", "crc8", "none-public"}
	}
	return nil
}

// choiceCodec reads an enumeration by its words.
func choiceCodec(names []string) codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			for i, name := range names {
				if s == name {
					into.SetUint(uint64(i))
					return nil
				}
			}
			return fmt.Errorf("%q is not known here: write %s", s, orList(names))
		},
		write: func(v reflect.Value) string {
			if i := v.Uint(); i < uint64(len(names)) {
				return names[i]
			}
			return ""
		},
		pattern: "^(" + strings.Join(names, "|") + ")$",
		example: names[0],
	}
}

func choiceOf(yes, no string) codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			switch s {
			case yes, "true":
				into.SetBool(true)
			case no, "false":
				into.SetBool(false)
			default:
				return fmt.Errorf("%q is neither %s nor %s", s, yes, no)
			}
			return nil
		},
		write: func(v reflect.Value) string {
			if v.Bool() {
				return yes
			}
			return no
		},
		pattern: "^(" + yes + "|" + no + "|true|false)$",
		example: yes,
	}
}

func orList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// countCodec reads a whole number that counts something.
func countCodec() codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			n, err := strconv.ParseUint(s, 0, 31)
			if err != nil {
				return fmt.Errorf("%q is not a count: write a whole number without a unit", s)
			}
			if into.CanInt() {
				into.SetInt(int64(n))
				return nil
			}
			if into.OverflowUint(n) {
				return fmt.Errorf("%q is too large here", s)
			}
			into.SetUint(n)
			return nil
		},
		write: func(v reflect.Value) string {
			if v.CanInt() {
				return strconv.FormatInt(v.Int(), 10)
			}
			return strconv.FormatUint(v.Uint(), 10)
		},
		pattern: "^[0-9]+$",
		example: "3",
	}
}

// ordinalCodec reads the number of a part; people count from one.
func ordinalCodec() codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			n, err := strconv.ParseUint(s, 10, 16)
			if err != nil || n == 0 {
				return fmt.Errorf("%q is not the number of a part: write 1 for the first", s)
			}
			into.SetInt(int64(n) - 1)
			return nil
		},
		write:   func(v reflect.Value) string { return strconv.FormatInt(v.Int()+1, 10) },
		pattern: "^[1-9][0-9]*$",
		example: "1",
	}
}

func phaseCodec() codec {
	names := []string{"L1", "L2", "L3"}
	return codec{
		read: func(s string, into reflect.Value) error {
			for i, name := range names {
				if s == name {
					into.SetInt(int64(i))
					return nil
				}
			}
			return fmt.Errorf("%q is not a phase: write %s", s, orList(names))
		},
		write: func(v reflect.Value) string {
			if i := v.Int(); i >= 0 && i < 3 {
				return names[i]
			}
			return ""
		},
		pattern: "^L[123]$",
		example: "L1",
	}
}

// spanCodec reads a length of time in whole milliseconds.
func spanCodec() codec {
	parse := func(s string) (si.Seconds, error) {
		t, err := si.ParseSeconds(s)
		switch {
		case err != nil:
			return 0, err
		case t < 0:
			return 0, fmt.Errorf("%q is negative: write its magnitude", s)
		case t > 400*86400:
			return 0, fmt.Errorf("%q is longer than 400 days", s)
		}
		return bess.SpanOf(t).Seconds(), nil
	}
	return codec{
		read: func(s string, into reflect.Value) error {
			t, err := parse(s)
			if err == nil {
				into.SetInt(int64(bess.SpanOf(t)))
			}
			return err
		},
		write: func(v reflect.Value) string {
			switch span := bess.Span(v.Int()); {
			case span >= bess.Hour && span%bess.Hour == 0:
				return strconv.FormatInt(int64(span/bess.Hour), 10) + " h"
			case span > bess.Minute && span%bess.Minute == 0:
				return strconv.FormatInt(int64(span/bess.Minute), 10) + " min"
			default:
				return strconv.FormatFloat(float64(span)/1000, 'f', -1, 64) + " s"
			}
		},
		pattern: `^\s*[0-9.]+\s*(ms|s|min|h|d)\s*$`,
		example: "3 s",
	}
}

// windowCodec reads a daily span of local time, such as "22:00-06:00".
func windowCodec() codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			w := bess.Window{}
			if s != "none" {
				from, to, ok := strings.Cut(s, "-")
				var err1, err2 error
				w.From, err1 = parseMinute(from)
				w.To, err2 = parseMinute(to)
				if !ok || err1 != nil || err2 != nil {
					return fmt.Errorf("%q is not a daily window: write it like \"22:00-06:00\", or none", s)
				}
			}
			into.Set(reflect.ValueOf(w))
			return nil
		},
		write: func(v reflect.Value) string {
			w := v.Interface().(bess.Window)
			if w.From == w.To {
				return "none"
			}
			return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
		},
		pattern: `^(none|[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9])$`,
		example: "22:00-06:00",
	}
}

func parseMinute(s string) (int, error) {
	var hour, minute int
	s = strings.TrimSpace(s)
	if n, err := fmt.Sscanf(s, "%02d:%02d", &hour, &minute); err != nil || n != 2 || len(s) != 5 {
		return 0, fmt.Errorf("%q is not a time of day", s)
	}
	if total := hour*60 + minute; hour >= 0 && minute >= 0 && minute < 60 && total <= 24*60 {
		return total, nil
	}
	return 0, fmt.Errorf("%q is not a time of day", s)
}

// rangeCodec reads two ratios with two dots between them, such as "10 %..93 %".
func rangeCodec() codec {
	one := number(si.ParseRatio, "", false, "%")
	return codec{
		read: func(s string, into reflect.Value) error {
			low, high, ok := strings.Cut(s, "..")
			if !ok {
				return fmt.Errorf("%q is not a range: write it like \"10 %%..93 %%\"", s)
			}
			if !strings.Contains(low, "%") {
				low += "%"
			}
			var w [2]si.Ratio
			v := reflect.ValueOf(&w).Elem()
			if err := one.read(low, v.Index(0)); err != nil {
				return err
			}
			if err := one.read(high, v.Index(1)); err != nil {
				return err
			}
			if w[0] >= w[1] || w[1] > 1 {
				return fmt.Errorf("%q is not a rising range within 100 %%", s)
			}
			into.Set(v)
			return nil
		},
		write:   func(v reflect.Value) string { return one.write(v.Index(0)) + ".." + one.write(v.Index(1)) },
		pattern: `^.+\.\..+%\s*$`,
		example: "10 %..93 %",
	}
}

// textCodec reads a type that reads itself.
func textCodec() codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			return into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
		},
		write: func(v reflect.Value) string {
			if m, ok := v.Interface().(encoding.TextMarshaler); ok {
				text, err := m.MarshalText()
				if err == nil {
					return string(text)
				}
			}
			return ""
		},
	}
}
