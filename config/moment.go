package config

import (
	"fmt"
	"reflect"
	"time"

	"reprise/bess"
)

// civilLayout is how a moment of wall time is written: with its offset from UTC, so that nobody has to guess.
const civilLayout = "2006-01-02 15:04:05 -07:00"

// civilCodec reads a moment of wall time that a person wrote, hence with high trust.
func civilCodec() codec {
	return codec{
		read: func(s string, into reflect.Value) error {
			if s == "none" {
				into.SetZero()
				return nil
			}
			for _, layout := range []string{civilLayout, "2006-01-02 15:04 -07:00", time.RFC3339} {
				if t, err := time.Parse(layout, s); err == nil {
					_, offset := t.Zone()
					into.Set(reflect.ValueOf(bess.Civil{UnixMilli: t.UnixMilli(), ZoneOffset: int32(offset), Trust: bess.TrustHigh}))
					return nil
				}
			}
			return fmt.Errorf("%q is not a moment: write it like \"2026-05-01 09:00 +01:00\"", s)
		},
		write: func(v reflect.Value) string {
			c := v.Interface().(bess.Civil)
			if c == (bess.Civil{}) {
				return "none"
			}
			zone := time.FixedZone("", int(c.ZoneOffset))
			return time.UnixMilli(c.UnixMilli).In(zone).Format(civilLayout)
		},
		example: "2026-05-01 09:00 +01:00",
	}
}

// instantCodec reads an expiry on the unit's own clock: "never", or a span after its start.
func instantCodec() codec {
	span := spanCodec()
	return codec{
		read: func(s string, into reflect.Value) error {
			if s == "never" {
				into.SetInt(int64(bess.Forever))
				return nil
			}
			return span.read(s, into)
		},
		write: func(v reflect.Value) string {
			if bess.Instant(v.Int()) == bess.Forever {
				return "never"
			}
			return span.write(v)
		},
		example: "never",
	}
}
