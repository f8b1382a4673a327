package journal

import (
	"encoding/binary"
	"errors"
	"math"

	"reprise/bess"
	"reprise/bess/si"
)

// cursor reads bytes that may be anything. After the first error it gives
// zeros.
type cursor struct {
	b   []byte
	err error
}

func (r *cursor) fail(what string) {
	if r.err == nil {
		r.err = errors.New(what)
	}
	r.b = nil
}

func (r *cursor) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail("the bytes end inside a value")
		return nil
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return x
}

func (r *cursor) byte() byte {
	if x := r.bytes(1); x != nil {
		return x[0]
	}
	return 0
}

func (r *cursor) word() uint64 {
	if x := r.bytes(8); x != nil {
		return binary.LittleEndian.Uint64(x)
	}
	return 0
}

func (r *cursor) varint() int64 {
	x, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("a number does not end")
		return 0
	}
	r.b = r.b[n:]
	return x
}

// length reads how many elements of at least least bytes follow.
func (r *cursor) length(least int) int {
	n := r.varint()
	if n < 0 || n > int64(len(r.b)/max(1, least)) {
		r.fail("a length does not fit into the bytes that are left")
		return 0
	}
	return int(n)
}

func (r *cursor) text() string { return string(r.bytes(r.length(1))) }

func (r *cursor) float() float64 { return math.Float64frombits(r.word()) }

func (r *cursor) civil() bess.Civil {
	return bess.Civil{UnixMilli: r.varint(), ZoneOffset: int32(r.varint()), Trust: bess.Trust(r.byte())}
}

func appendFloat[T ~float64](b []byte, x T) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(x)))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendVarint(b, int64(len(s))), s...)
}

func appendCivil(b []byte, c bess.Civil) []byte {
	b = binary.AppendVarint(binary.AppendVarint(b, c.UnixMilli), int64(c.ZoneOffset))
	return append(b, byte(c.Trust))
}

func appendTruth(b []byte, x bool) []byte {
	if x {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendRequests(b []byte, list []bess.Request) []byte {
	b = binary.AppendVarint(b, int64(len(list)))
	for i := range list {
		q := &list[i]
		b = binary.LittleEndian.AppendUint64(b, q.ID)
		b = append(b, byte(q.By), byte(q.Verb))
		b = appendText(b, q.Person)
		b = binary.AppendVarint(b, int64(q.Expires))
		b = binary.AppendVarint(b, int64(q.Target))
		b = binary.AppendVarint(b, int64(q.Number))
		b = appendFloat(appendFloat(b, q.Energy), q.Power)
		b = appendCivil(appendCivil(b, q.From), q.Until)
		b = appendText(b, q.Text)
		b = appendTruth(b, q.Record != nil)
		if q.Record != nil {
			b = appendSiteRecord(b, q.Record)
		}
	}
	return b
}

func (r *cursor) requests() []bess.Request {
	const least = 8 + 2 + 4 + 16 + 6 + 2
	list := make([]bess.Request, r.length(least))
	for i := range list {
		q := &list[i]
		q.ID = r.word()
		q.By, q.Verb = bess.Source(r.byte()), bess.Verb(r.byte())
		q.Person = r.text()
		q.Expires = bess.Instant(r.varint())
		q.Target, q.Number = int(r.varint()), int(r.varint())
		q.Energy, q.Power = si.WattHours(r.float()), si.Watts(r.float())
		q.From, q.Until = r.civil(), r.civil()
		q.Text = r.text()
		if r.byte() == 1 {
			q.Record = r.siteRecord()
		}
	}
	return list
}

func appendSiteRecord(b []byte, s *bess.SiteRecord) []byte {
	b = appendCivil(appendText(b, s.Person), s.At)
	b = append(b, byte(s.Earthing), byte(s.Neutral), byte(s.Earth), byte(s.Forward))
	b = binary.AppendVarint(b, int64(s.Poles))
	b = appendTruth(b, s.Parallel)
	b = appendFloat(appendFloat(appendFloat(b, s.NeutralToE), s.Agreed), s.ExportCap)
	return binary.AppendVarint(appendText(b, s.Reference), int64(s.Expires))
}

func (r *cursor) siteRecord() *bess.SiteRecord {
	s := &bess.SiteRecord{Person: r.text(), At: r.civil()}
	s.Earthing, s.Neutral = bess.Earthing(r.byte()), bess.Tri(r.byte())
	s.Earth, s.Forward = bess.Tri(r.byte()), bess.Tri(r.byte())
	s.Poles = int(r.varint())
	s.Parallel = r.byte() == 1
	s.NeutralToE, s.Agreed, s.ExportCap = si.Volts(r.float()), si.Watts(r.float()), si.Watts(r.float())
	s.Reference = r.text()
	s.Expires = bess.Instant(r.varint())
	return s
}

func appendPlan(b []byte, p *bess.Plan) []byte {
	b = binary.AppendVarint(appendCivil(b, p.Made), int64(len(p.Slots)))
	for i := range p.Slots {
		s := &p.Slots[i]
		b = binary.AppendVarint(appendCivil(b, s.From), s.Import)
		b = appendFloat(appendTruth(b, s.Generator), s.SoC)
	}
	return b
}

func (r *cursor) plan() *bess.Plan {
	p := &bess.Plan{Made: r.civil()}
	p.Slots = make([]bess.PlanSlot, r.length(13))
	for i := range p.Slots {
		s := &p.Slots[i]
		s.From, s.Import = r.civil(), r.varint()
		s.Generator, s.SoC = r.byte() == 1, r.float()
	}
	return p
}
